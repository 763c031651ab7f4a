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
        let moments: ChannelMoments
        if isTraining, x.count > 0 {
            moments = layout.moments(of: x)
            moments.updateRunning(mean: runningMean, variance: runningVariance, momentum: momentum)
        } else {
            moments = ChannelMoments(
                mean: runningMean.array.map(Double.init), variance: runningVariance.array.map(Double.init), count: 0)
        }
        let inverse = moments.variance.map { 1 / ($0 + Double(epsilon)).squareRoot() }
        let weights = weight.value.array, biases = bias.value.array
        let scale = layout.widen { Double(weights[$0]) * inverse[$0] }
        let shift = layout.widen { Double(biases[$0]) - moments.mean[$0] * Double(weights[$0]) * inverse[$0] }
        let result = Tensor.uninitialized(x.shape)
        withExtendedLifetime((x.storage, scale.storage, shift.storage, residual?.storage)) {
            let from = x.floats, to = result.floats, added = residual?.floats, factor = scale.floats, offset = shift.floats
            layout.forEachBlock { _, start, count in
                ty_batchnorm_apply(
                    activation.rawValue, from + start, added.map { $0 + start }, factor, offset, to + start, count, layout.width)
            }
        }
        guard let tape = (x.node ?? residual?.node)?.tape else { return result }
        let output = tape.output(result)
        tape.record(
            BatchNormStep(
                x: x, residual: residual, weight: weight, bias: bias, scale: scale, shift: shift,
                mean: layout.widen { moments.mean[$0] }, inverse: inverse, layout: layout, usesBatch: isTraining,
                activation: activation, output: output.node))
        return output
    }
}

private struct BatchNormStep: GradientStep {
    let x: Tensor
    let residual: Tensor?
    let weight, bias: Parameter
    let scale, shift, mean: Tensor
    let inverse: [Double]
    let layout: WideRows
    let usesBatch: Bool
    let activation: Activation
    let output: Tape.Node?
    let name = "batchNorm"
    var saved: [Tensor] { (activation == .identity ? [x] : [x, residual].compactMap { $0 }) + [scale, shift, mean] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let (sums, products) = gatherSums(gradient)
        let channels = layout.channels
        weight.accumulateGradient { target, isFirst in
            for c in 0..<channels { target.floats[c] = (isFirst ? 0 : target.floats[c]) + Float(products[c] * inverse[c]) }
        }
        bias.accumulateGradient { target, isFirst in
            for c in 0..<channels { target.floats[c] = (isFirst ? 0 : target.floats[c]) + Float(sums[c]) }
        }
        let residualTakes = residual?.node?.needsGradient == true
        if x.node?.needsGradient == true {
            // The gradient's own memory is free for ∂x unless the residual takes it.
            let target = residualTakes ? Tensor.uninitialized(x.shape) : gradient
            applyGradient(gradient, sums: sums, products: products, into: target)
            tape.accumulate(target, into: x.node)
        }
        if residualTakes { tape.accumulate(gradient, into: residual?.node) }
    }

    /// Turns the output's gradient into g in place; Σg and Σg·(x − μ) of each channel.
    private func gatherSums(_ gradient: Tensor) -> (sums: [Double], products: [Double]) {
        let width = layout.width
        let partial = Tensor.uninitialized([layout.blocks, 2, width])
        withExtendedLifetime((x.storage, residual?.storage, scale.storage, shift.storage, mean.storage, partial.storage)) {
            let from = x.floats, g = gradient.floats, added = residual?.floats, sums = partial.floats
            let factor = scale.floats, offset = shift.floats, centre = mean.floats
            layout.forEachBlock { block, start, count in
                let own = sums + block * 2 * width
                ty_batchnorm_gradient_sums(
                    activation.rawValue, from + start, added.map { $0 + start }, factor, offset, centre, g + start, own,
                    own + width, count, width)
            }
        }
        return (layout.total(partial, part: 0), layout.total(partial, part: 1))
    }

    private func applyGradient(_ gradient: Tensor, sums: [Double], products: [Double], into target: Tensor) {
        let n = Double(max(1, x.count / max(1, layout.channels)))
        let weights = weight.value.array
        let a = scale
        let b = layout.widen { c in
            usesBatch ? -Double(weights[c]) * inverse[c] * inverse[c] * inverse[c] * products[c] / n : 0
        }
        let c = layout.widen { c in usesBatch ? -Double(weights[c]) * inverse[c] * sums[c] / n : 0 }
        withExtendedLifetime((x.storage, gradient.storage, mean.storage, a.storage, b.storage, c.storage)) {
            let from = x.floats, g = gradient.floats, to = target.floats
            let centre = mean.floats, factor = a.floats, slope = b.floats, offset = c.floats
            layout.forEachBlock { _, start, count in
                ty_batchnorm_gradient_apply(
                    from + start, g + start, centre, factor, slope, offset, to + start, count, layout.width)
            }
        }
    }
}
