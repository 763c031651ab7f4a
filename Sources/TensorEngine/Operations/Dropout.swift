import CKernels

extension Tensor {
    /// Sets each element to zero with the given probability p and divides the others by 1 − p (Srivastava et al., 2014);
    /// ∂x = ∂y under the same mask, which is computed again from one random number and not kept.
    package static func dropout(_ x: Tensor, probability: Float, random: inout RandomSource) -> Tensor {
        precondition(probability >= 0 && probability <= 1, "dropout: probability \(probability)")
        guard probability > 0 else { return x }
        let mask = DropoutMask(seed: random.next(), probability: probability)
        let result = Tensor.uninitialized(x.shape)
        mask.apply(to: x, into: result)
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(DropoutStep(x: node, mask: mask, output: output.node))
        return output
    }
}

private struct DropoutMask {
    let seed: UInt64
    let probability: Float

    func apply(to x: Tensor, into target: Tensor) {
        let threshold = UInt32(min(Double(probability) * 0x1p32, Double(UInt32.max)))
        let factor = probability < 1 ? 1 / (1 - probability) : 0
        withExtendedLifetime((x.storage, target.storage)) {
            let from = x.floats, to = target.floats
            parallelFor(x.count, grain: 1 << 14) { range in
                let start = range.lowerBound
                ty_dropout(from + start, seed, start, threshold, factor, to + start, range.count)
            }
        }
    }
}

private struct DropoutStep: GradientStep {
    let x: Tape.Node
    let mask: DropoutMask
    let output: Tape.Node?
    let name = "dropout"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        mask.apply(to: gradient, into: gradient)
        tape.accumulate(gradient, into: x)
    }
}
