import CKernels

extension Tensor {
    /// Affine map of the last dimension: y = p(x) Wᵀ + b for `[..., I]`, `[O, I]` and `[O]`, where p is the prologue, the identity
    /// unless given; with a residual r, y = r + f·s·(p(x) Wᵀ + b).
    ///
    /// With g = f·s·∂y: ∂p = g W; ∂W = gᵀ p(x); ∂b = Σ g over all but the last dimension; ∂r = ∂y. For the scale,
    /// ∂s[o] = Σ f·∂y[o]·(p Wᵀ + b)[o] = W[o]·G[o] + b[o]·Σ f·∂y[o] with G = (f·∂y)ᵀ p(x), so that the product is not kept.
    package static func linear(
        _ x: Tensor, weight: Parameter, bias: Parameter?, prologue: LinearPrologue = .none, residual: LinearResidual? = nil
    ) -> Tensor {
        precondition(
            weight.shape.rank == 2 && x.shape.rank > 0 && x.shape[-1] == weight.shape[1],
            "linear: input \(x.shape) does not fit weight \(weight.shape)")
        precondition(
            bias == nil || bias?.shape == [weight.shape[0]], "linear: a bias has one number for each row of weight \(weight.shape)")
        let tape = (x.node ?? residual?.tensor.node)?.tape
        let products = AffineProducts(x: x.shape, weight: weight.shape, precision: tape?.products ?? .single)
        let result = Tensor.uninitialized(Shape(x.shape.dimensions.dropLast() + [products.outputs]))
        if let residual { precondition(residual.fits(result.shape), "linear: residual \(residual.tensor.shape) for \(result.shape)") }
        let (hidden, statistics) = prologue.apply(to: x)
        let scales = residual?.scalesProduct ?? false
        if let residual, !scales { residual.start(result, bias: bias) }
        products.forward(
            x: hidden, weight: weight.value, bias: residual == nil ? bias?.value : nil, into: result, adds: residual != nil && !scales)
        if scales { residual?.finish(result, bias: bias) }
        guard let tape else { return result }
        let output = tape.output(result)
        tape.record(LinearStep(
            products: products, x: x.detached, statistics: statistics, weight: weight, bias: bias, prologue: prologue,
            residual: residual, input: x.node, output: output.node))
        return output
    }
}

extension LinearResidual {
    fileprivate func fits(_ shape: Shape) -> Bool {
        tensor.shape == shape && (scale == nil || scale?.shape.count == shape[-1]) && (factors == nil || factors?.count == shape[0])
    }
}

private struct LinearStep: GradientStep {
    let products: AffineProducts
    let x: Tensor
    let statistics: Tensor?
    let weight: Parameter
    let bias: Parameter?
    let prologue: LinearPrologue
    let residual: LinearResidual?
    let input, output: Tape.Node?
    let name = "linear"
    var saved: [Tensor] { [x] + (statistics.map { [$0] } ?? []) }
    var parameters: [Parameter] {
        var all = [weight, bias, residual?.scale].compactMap { $0 }
        if case .layerNorm(let norm) = prologue { all += [norm.weight, norm.bias] }
        return all
    }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let branch = residual?.branch(gradient) ?? gradient
        switch prologue {
        case .none:
            accumulateParameters(branch, hidden: x)
            accumulateInput(branch, on: tape)
        case .activation(let kind):
            backwardThroughActivation(kind, branch, on: tape)
        case .layerNorm(let parameters):
            guard let statistics else { preconditionFailure("a normalising layer keeps its statistics") }
            accumulateParameters(branch, hidden: parameters.normalize(x, statistics: statistics))
            parameters.backward(x, statistics: statistics, gradient: inputGradient(branch), on: tape, into: input)
        }
        // Last, because the gradient's memory goes with it.
        tape.accumulate(gradient, into: residual?.tensor.node)
    }

    /// Adds the product's gradient to that which the input has already.
    private func accumulateInput(_ branch: Tensor, on tape: Tape) {
        guard let input, input.needsGradient else { return }
        let present = tape.takeGradient(of: input)
        tape.accumulate(inputGradient(branch, addingTo: present), into: input)
    }

    private func backwardThroughActivation(_ kind: Activation, _ branch: Tensor, on tape: Tape) {
        guard let input, input.needsGradient else { return accumulateParameters(branch, hidden: prologue.apply(to: x).hidden) }
        let slopes = inputGradient(branch), hidden = Tensor.uninitialized(x.shape)
        withExtendedLifetime((x.storage, slopes.storage, hidden.storage)) {
            let from = x.floats, to = slopes.floats, values = hidden.floats
            parallelFor(x.count, grain: 1 << 14) { range in
                let start = range.lowerBound
                ty_activation_and_gradient(kind.rawValue, from + start, to + start, values + start, range.count)
            }
        }
        accumulateParameters(branch, hidden: hidden)
        tape.accumulate(slopes, into: input)
    }

    /// The gradient of the product's input.
    private func inputGradient(_ branch: Tensor, addingTo present: Tensor? = nil) -> Tensor {
        let result = present ?? Tensor.uninitialized(x.shape)
        let weights = residual?.scale.map { scaledRows(weight.value, by: $0.value) } ?? weight.value
        products.inputGradient(outputGradient: branch, weight: weights, into: result, adds: present != nil)
        return result
    }

    private func accumulateParameters(_ branch: Tensor, hidden: Tensor) {
        func product(into target: Tensor, adds: Bool) {
            products.weightGradient(x: hidden, outputGradient: branch, into: target, adds: adds)
        }
        let sums = Tensor.uninitialized([products.outputs])
        if bias != nil { RowSums.sum(branch, rows: products.rows, columns: products.outputs, into: sums) }
        guard let scale = residual?.scale else {
            weight.accumulateGradient { target, isFirst in product(into: target, adds: !isFirst) }
            bias?.accumulateGradient(sums)
            return
        }
        let whole = Tensor.uninitialized(weight.shape)
        product(into: whole, adds: false)
        let slopes = Tensor.uninitialized(scale.shape)
        for row in 0..<products.outputs {
            let start = row * products.inputs
            slopes.floats[row] = Float(ty_dot(weight.value.floats + start, whole.floats + start, products.inputs))
                + (bias.map { $0.value.floats[row] * sums.floats[row] } ?? 0)
        }
        withExtendedLifetime((slopes.storage, whole.storage)) {}
        weight.accumulateGradient(scaledRows(whole, by: scale.value))
        bias?.accumulateGradient(scaledRows(sums, by: scale.value))
        scale.accumulateGradient(slopes)
    }

    /// A copy whose row o is scaled by factors[o].
    private func scaledRows(_ matrix: Tensor, by factors: Tensor) -> Tensor {
        let result = Tensor.uninitialized(matrix.shape), width = matrix.count / max(1, factors.count)
        withExtendedLifetime((matrix.storage, factors.storage)) {
            let from = matrix.floats, scale = factors.floats, to = result.floats
            parallelFor(factors.count, grain: max(1, (1 << 14) / max(1, width))) { range in
                for row in range { ty_scale(from + row * width, scale[row], to + row * width, width) }
            }
        }
        return result
    }
}
