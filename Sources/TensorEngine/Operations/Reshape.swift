extension Tensor {
    /// The same values, in the same order, under another shape; no copy. ∂x = ∂y under x's shape.
    package static func reshape(_ x: Tensor, _ shape: Shape) -> Tensor {
        precondition(shape.count == x.count, "reshape: \(x.shape) to \(shape)")
        let result = Tensor(shape: shape, storage: x.storage)
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(ReshapeStep(x: node, shape: x.shape, output: output.node))
        return output
    }

    /// Each image as one row: `[N, H, W, C]` → `[N, H · W · C]`, without a copy.
    package static func flatten(_ x: Tensor) -> Tensor { reshape(x, [x.shape[0], x.shape.dimensions.dropFirst().reduce(1, *)]) }
}

private struct ReshapeStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let output: Tape.Node?
    let name = "reshape"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        tape.accumulate(Tensor(shape: shape, storage: gradient.storage), into: x)
    }
}
