import CKernels

extension Tensor {
    /// Batch normalisation fused with a residual and an activation (Ioffe and Szegedy, 2015).
    ///
    /// x, residual and y are `[..., C]`; weight w, bias b and the running tensors `[C]`. With x̂ = (x − μ) / √(σ² + ε),
    /// y = f(w·x̂ + b + residual). In training μ and σ² are those of the batch (variance divided by n), and the running
    /// tensors move by `momentum` towards μ and the unbiased variance; otherwise they are μ and σ².
    /// With g = ∂y · f′: ∂b = Σg, ∂w = Σg·x̂, ∂residual = g, ∂x = w/√(σ² + ε) · (g − ∂b/n − x̂·∂w/n), where the two
    /// means vanish outside training. x̂ and the activation's argument are computed again from x, not kept.
    package static func batchNorm(
        _ x: Tensor, weight: Parameter, bias: Parameter, runningMean: Tensor, runningVariance: Tensor, momentum: Float,
        epsilon: Float, isTraining: Bool, activation: Activation = .identity, residual: Tensor? = nil
    ) -> Tensor {
        let channels = x.shape[-1]
        precondition(weight.value.count == channels && bias.value.count == channels, "batchNorm: parameters for \(x.shape)")
        precondition(runningMean.count == channels && runningVariance.count == channels, "batchNorm: buffers for \(x.shape)")
        precondition(residual.map { $0.shape == x.shape } ?? true, "batchNorm: residual's shape is not \(x.shape)")
        let layout = WideRows(count: x.count, channels: channels)
        let factors: ChannelFactors
        if isTraining, x.count > 0 {
            factors = layout.factors(
                of: x, weight: weight.value, bias: bias.value, epsilon: epsilon, runningMean: runningMean,
                runningVariance: runningVariance, momentum: momentum)
        } else {
            let means = runningMean.floats, variances = runningVariance.floats
            factors = withExtendedLifetime((runningMean.storage, runningVariance.storage)) {
                layout.factors(weight: weight.value, bias: bias.value, epsilon: epsilon) { (Double(means[$0]), Double(variances[$0])) }
            }
        }
        let result = Tensor.uninitialized(x.shape)
        withExtendedLifetime((x.storage, factors, residual?.storage)) {
            let from = x.floats, to = result.floats, added = residual?.floats
            let scale = factors.scale.floats, shift = factors.shift.floats
            layout.forEachBlock { _, start, count in
                ty_batchnorm_apply(
                    activation.rawValue, from + start, added.map { $0 + start }, scale, shift, to + start, count, layout.width)
            }
        }
        guard let tape = (x.node ?? residual?.node)?.tape else { return result }
        let output = tape.output(result)
        tape.record(
            BatchNormStep(
                x: x, residual: residual, weight: weight, bias: bias, factors: factors, layout: layout, usesBatch: isTraining,
                activation: activation, output: output.node))
        return output
    }
}

private struct BatchNormStep: GradientStep {
    let x: Tensor
    let residual: Tensor?
    let weight, bias: Parameter
    let factors: ChannelFactors
    let layout: WideRows
    let usesBatch: Bool
    let activation: Activation
    let output: Tape.Node?
    let name = "batchNorm"
    var saved: [Tensor] {
        (activation == .identity ? [x] : [x, residual].compactMap { $0 })
            + [factors.scale, factors.shift, factors.mean, factors.inverse]
    }
    var parameters: [Parameter] { [weight, bias] }

    func backward(on tape: Tape) {
        let residualTakes = residual?.node?.needsGradient == true
        // Without an activation the gradient is only read here, so that one which another node holds need not be copied.
        let isRead = activation == .identity && !residualTakes
        guard let taken = isRead ? tape.takeGradientToRead(of: output) : tape.takeGradient(of: output).map({ ($0, true) }) else {
            return
        }
        let gradient = taken.tensor
        let slope = Tensor.uninitialized([layout.width]), offset = Tensor.uninitialized([layout.width])
        gatherSums(gradient, slope: slope, offset: offset)
        if x.node?.needsGradient == true {
            // The gradient's own memory is free for ∂x unless another node has it.
            let target = residualTakes || !taken.isOwn ? Tensor.uninitialized(x.shape) : gradient
            withExtendedLifetime((x.storage, gradient.storage, factors, slope.storage, offset.storage)) {
                let from = x.floats, g = gradient.floats, to = target.floats
                let scale = factors.scale.floats, mean = factors.mean.floats, slopes = slope.floats, offsets = offset.floats
                layout.forEachBlock { _, start, count in
                    ty_batchnorm_gradient_apply(
                        from + start, g + start, mean, scale, slopes, offsets, to + start, count, layout.width)
                }
            }
            tape.accumulate(target, into: x.node)
        }
        if residualTakes { tape.accumulate(gradient, into: residual?.node) }
    }

    /// Turns the output's gradient into g in place, adds the parameters' gradients, and writes what ∂x is made of:
    /// ∂x = scale · g + slope · (x − μ) + offset.
    private func gatherSums(_ gradient: Tensor, slope: Tensor, offset: Tensor) {
        let width = layout.width, channels = layout.channels
        withExtendedLifetime((x.storage, residual?.storage, factors, slope.storage, offset.storage, weight.value.storage)) {
            let from = x.floats, g = gradient.floats, added = residual?.floats
            let scale = factors.scale.floats, shift = factors.shift.floats, mean = factors.mean.floats
            let inverse = factors.inverse.floats, weights = weight.value.floats, slopes = slope.floats, offsets = offset.floats
            layout.withTotals { start, count, sums, products in
                ty_batchnorm_gradient_sums(
                    activation.rawValue, from + start, added.map { $0 + start }, scale, shift, mean, g + start, sums, products,
                    count, width)
            } _: { sums, products in
                weight.accumulateGradient { target, isFirst in
                    let to = target.floats
                    for c in 0..<channels { to[c] = (isFirst ? 0 : to[c]) + Float(products[c] * Double(inverse[c])) }
                }
                bias.accumulateGradient { target, isFirst in
                    let to = target.floats
                    for c in 0..<channels { to[c] = (isFirst ? 0 : to[c]) + Float(sums[c]) }
                }
                let n = usesBatch ? Double(max(1, x.count / max(1, channels))) : .infinity
                for c in 0..<channels {
                    let own = Double(inverse[c]), factor = -Double(weights[c]) * own / n
                    slopes[c] = Float(factor * own * own * products[c])
                    offsets[c] = Float(factor * sums[c])
                }
            }
            layout.widen(slopes)
            layout.widen(offsets)
        }
    }
}
