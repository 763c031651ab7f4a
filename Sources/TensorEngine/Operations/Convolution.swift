import CKernels

extension Tensor {
    /// Two-dimensional convolution (cross-correlation, as in torch) of `[N, H, W, C]` with `[O, kH, kW, C/groups]`:
    /// y[n,i,j,o] = b[o] + Σ x[n, i·s − p + u·d, j·s − p + v·d, c] · w[o,u,v,c].
    ///
    /// ∂x is the transposed convolution of ∂y, ∂w the correlation of x with ∂y, ∂b the sum of ∂y over pixels.
    /// - Returns: `[N, H', W', O]` with H' = ⌊(H + 2p − d(kH − 1) − 1) / s⌋ + 1.
    package static func conv2d(_ x: Tensor, weight: Parameter, bias: Parameter?, options: ConvolutionOptions) -> Tensor {
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, options: options)
        precondition(
            bias == nil || bias?.shape == [geometry.outputChannels],
            "conv2d: a bias has one number for each of the \(geometry.outputChannels) output channels")
        let result = Tensor.uninitialized(geometry.outputShape), tape = x.node?.tape
        let precision = tape?.products ?? .single
        if geometry.isEmpty {
            fill(result, withRow: bias?.value)
        } else {
            switch ConvolutionMethod(geometry, .forward) {
            case .depthwise:
                DepthwiseConvolution(geometry: geometry).forward(input: x, weight: weight.value, bias: bias?.value, output: result)
            case .product:
                geometry.products(precision).forward(x: x, weight: weight.value, bias: bias?.value, into: result)
            case .winograd:
                WinogradConvolution(geometry).forward(input: x, weight: weight.value, bias: bias?.value, output: result)
            case .patches:
                PatchConvolution(geometry, precision: precision)
                    .forward(input: x, weight: weight.value, bias: bias?.value, output: result)
            case .direct:
                OneDNNConvolutionCache.shared.withConvolution(geometry, hasBias: bias != nil) {
                    $0.forward(input: x, weight: weight.value, bias: bias?.value, output: result)
                }
            }
        }
        guard let tape else { return result }
        let output = tape.output(result)
        tape.record(
            ConvolutionStep(
                geometry: geometry, x: weight.requiresGradient ? x.detached : nil, weight: weight, bias: bias, input: x.node,
                output: output.node))
        return output
    }

    /// Every row of the last dimension becomes `row`, or zero.
    private static func fill(_ result: Tensor, withRow row: Tensor?) {
        withExtendedLifetime((result.storage, row?.storage)) {
            if let row, row.count > 0 {
                ty_repeat_row(row.floats, result.floats, result.count / row.count, row.count)
            } else {
                ty_fill(0, result.floats, result.count)
            }
        }
    }
}

private struct ConvolutionStep: GradientStep {
    let geometry: ConvolutionGeometry
    /// Nil for a frozen weight, whose gradient nobody asks for.
    let x: Tensor?
    let weight: Parameter
    let bias: Parameter?
    let input, output: Tape.Node?
    let name = "conv2d"
    var saved: [Tensor] { x.map { [$0] } ?? [] }
    var parameters: [Parameter] { [weight, bias].compactMap { $0 } }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradientToRead(of: output)?.tensor else { return }
        accumulateWeights(gradient, precision: tape.products)
        guard let input, input.needsGradient else { return }
        let result = Tensor.uninitialized(geometry.inputShape)
        if geometry.isEmpty {
            withExtendedLifetime(result.storage) { ty_fill(0, result.floats, result.count) }
        } else {
            switch ConvolutionMethod(geometry, .dataGradient) {
            case .depthwise:
                DepthwiseConvolution(geometry: geometry)
                    .backwardData(outputGradient: gradient, weight: weight.value, inputGradient: result)
            case .product:
                geometry.products(tape.products).inputGradient(outputGradient: gradient, weight: weight.value, into: result)
            case .winograd:
                WinogradConvolution(geometry).backwardData(outputGradient: gradient, weight: weight.value, inputGradient: result)
            case .patches:
                PatchConvolution(geometry, precision: tape.products)
                    .backwardData(outputGradient: gradient, weight: weight.value, inputGradient: result)
            case .direct:
                OneDNNConvolutionCache.shared.withConvolution(geometry, hasBias: bias != nil) {
                    $0.backwardData(outputGradient: gradient, weight: weight.value, inputGradient: result)
                }
            }
        }
        tape.accumulate(result, into: input)
    }

    private func accumulateWeights(_ gradient: Tensor, precision: ProductPrecision) {
        let wantsBias = bias?.requiresGradient ?? false
        guard let x, weight.requiresGradient, !geometry.isEmpty else {
            if weight.requiresGradient && geometry.isEmpty { weight.accumulateGradient(.zeros(geometry.weightShape)) }
            if wantsBias { accumulateBias(gradient) }
            return
        }
        switch ConvolutionMethod(geometry, .weightGradient) {
        case .depthwise:
            weight.accumulateGradient { target, isFirst in
                let result = isFirst ? target : Tensor.uninitialized(target.shape)
                DepthwiseConvolution(geometry: geometry)
                    .backwardWeights(input: x, outputGradient: gradient, weightGradient: result)
                if !isFirst { Tensor.accumulate(result, into: target) }
            }
            if wantsBias { accumulateBias(gradient) }
        case .product:
            weight.accumulateGradient { target, isFirst in
                geometry.products(precision).weightGradient(x: x, outputGradient: gradient, into: target, adds: !isFirst)
            }
            if wantsBias { accumulateBias(gradient) }
        case .winograd:
            weight.accumulateGradient { target, isFirst in
                WinogradConvolution(geometry)
                    .backwardWeights(input: x, outputGradient: gradient, weightGradient: target, adds: !isFirst)
            }
            if wantsBias { accumulateBias(gradient) }
        case .patches:
            weight.accumulateGradient { target, isFirst in
                PatchConvolution(geometry, precision: precision)
                    .backwardWeights(input: x, outputGradient: gradient, weightGradient: target, adds: !isFirst)
            }
            if wantsBias { accumulateBias(gradient) }
        case .direct:
            // The library sums the bias in the same pass; a frozen bias gets its sum in scratch memory.
            let biasResult = bias.map { Tensor.uninitialized($0.shape) }
            weight.accumulateGradient { target, isFirst in
                let result = isFirst ? target : Tensor.uninitialized(target.shape)
                OneDNNConvolutionCache.shared.withConvolution(geometry, hasBias: bias != nil) {
                    $0.backwardWeights(input: x, outputGradient: gradient, weightGradient: result, biasGradient: biasResult)
                }
                if !isFirst { Tensor.accumulate(result, into: target) }
            }
            if let biasResult { bias?.accumulateGradient(biasResult) }
        }
    }

    private func accumulateBias(_ gradient: Tensor) {
        guard let bias else { return }
        let result = Tensor.uninitialized(bias.shape)
        let rows = bias.shape.count == 0 ? 0 : gradient.count / bias.shape.count
        RowSums.sum(gradient, rows: rows, columns: bias.shape.count, into: result)
        bias.accumulateGradient(result)
    }
}
