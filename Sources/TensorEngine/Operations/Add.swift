import CKernels

extension Tensor {
    /// Sum of two tensors of one shape: y = a + b; ∂a = ∂b = ∂y.
    package static func add(_ a: Tensor, _ b: Tensor) -> Tensor {
        precondition(a.shape == b.shape, "add: shapes \(a.shape) and \(b.shape)")
        let result = Tensor.uninitialized(a.shape)
        withExtendedLifetime((a.storage, b.storage)) {
            let left = a.floats, right = b.floats, out = result.floats
            parallelFor(result.count, grain: 1 << 15) { range in
                let start = range.lowerBound
                ty_add(left + start, right + start, out + start, range.count)
            }
        }
        guard let tape = (a.node ?? b.node)?.tape else { return result }
        let output = tape.output(result)
        tape.record(AddStep(a: a.node, b: b.node, output: output.node))
        return output
    }
}

private struct AddStep: GradientStep {
    let a, b, output: Tape.Node?
    let name = "add"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) { tape.passGradient(of: output, to: [a, b]) }
}
