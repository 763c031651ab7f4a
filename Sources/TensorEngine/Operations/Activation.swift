import CKernels

/// An elementwise non-linearity; `identity` is the absence of one in fused operations.
package enum Activation: Int32, Sendable, CaseIterable {
    case identity = 0, relu, relu6, silu, hardSwish, hardSigmoid, sigmoid, gelu
}

extension Tensor {
    /// y = f(x), any shape; ∂x = ∂y · f′(x).
    ///
    /// silu(x) = x·σ(x), hardSigmoid(x) = min(max(x + 3, 0), 6) / 6, hardSwish(x) = x·hardSigmoid(x),
    /// gelu(x) = x·Φ(x) with the exact normal distribution function.
    package static func activation(_ x: Tensor, _ kind: Activation) -> Tensor {
        guard kind != .identity else { return x }
        let result = Tensor.uninitialized(x.shape)
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = result.floats
            parallelFor(x.count, grain: 1 << 14) { range in
                ty_activation(kind.rawValue, from + range.lowerBound, to + range.lowerBound, range.count)
            }
        }
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(ActivationStep(x: x, kind: kind, output: output.node))
        return output
    }
}

private struct ActivationStep: GradientStep {
    let x: Tensor
    let kind: Activation
    let output: Tape.Node?
    let name = "activation"
    var saved: [Tensor] { [x] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output), x.node?.needsGradient == true else { return }
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = gradient.floats
            parallelFor(x.count, grain: 1 << 14) { range in
                ty_activation_gradient(kind.rawValue, from + range.lowerBound, to + range.lowerBound, range.count)
            }
        }
        tape.accumulate(gradient, into: x.node)
    }
}
