import CKernels

extension Tensor {
    /// Sets whole images (the first dimension) of x `[N, …]` to zero with the given probability p and divides the others by 1 − p
    /// (Huang et al., Deep Networks with Stochastic Depth, 2016); ∂x = ∂y under the same choice.
    package static func stochasticDepth(_ x: Tensor, probability: Float, random: inout RandomSource) -> Tensor {
        precondition(probability >= 0 && probability <= 1, "stochasticDepth: probability \(probability)")
        precondition(x.shape.rank > 0, "stochasticDepth: a scalar has no images")
        guard probability > 0 else { return x }
        let factors = stochasticDepthFactors(images: x.shape[0], probability: probability, random: &random)
        let result = Tensor.uninitialized(x.shape)
        scaleImages(of: x, by: factors, into: result)
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(StochasticDepthStep(x: node, factors: factors, output: output.node))
        return output
    }

    /// Zero with the given probability p, 1/(1 − p) otherwise, for each image.
    package static func stochasticDepthFactors(images: Int, probability: Float, random: inout RandomSource) -> [Float] {
        let scale = probability < 1 ? 1 / (1 - probability) : 0
        return (0..<images).map { _ in random.uniform() < probability ? 0 : scale }
    }

    /// Multiplies each image of `x` by its factor; `target` may be `x` itself.
    fileprivate static func scaleImages(of x: Tensor, by factors: [Float], into target: Tensor) {
        withExtendedLifetime((x.storage, target.storage)) {
            let from = x.floats, to = target.floats, length = x.count / max(1, factors.count)
            parallelFor(factors.count, grain: max(1, (1 << 15) / max(1, length))) { range in
                for image in range { ty_scale(from + image * length, factors[image], to + image * length, length) }
            }
        }
    }
}

private struct StochasticDepthStep: GradientStep {
    let x: Tape.Node
    let factors: [Float]
    let output: Tape.Node?
    let name = "stochasticDepth"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        Tensor.scaleImages(of: gradient, by: factors, into: gradient)
        tape.accumulate(gradient, into: x)
    }
}
