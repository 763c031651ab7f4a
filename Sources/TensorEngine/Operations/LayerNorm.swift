import CKernels

/// The trained scale and shift of a layer normalisation over C channels, and what keeps its division finite.
package struct LayerNormParameters {
    package let weight, bias: Parameter
    package let epsilon: Float

    package init(weight: Parameter, bias: Parameter, epsilon: Float) {
        precondition(weight.shape.rank == 1 && weight.shape == bias.shape, "layerNorm: scale \(weight.shape) and shift \(bias.shape)")
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }
}

extension Tensor {
    /// Normalises each row of the last dimension to mean 0 and variance 1, then scales and shifts it: `[..., C]`
    /// (Ba, Kiros and Hinton: Layer Normalization, 2016).
    ///
    /// With n = (x − μ)/√(σ² + ε) and g = ∂y·w: ∂x = (g − mean(g) − n·mean(g·n))/√(σ² + ε); ∂w = Σ ∂y·n; ∂b = Σ ∂y.
    package static func layerNorm(_ x: Tensor, _ parameters: LayerNormParameters) -> Tensor {
        let (result, statistics) = parameters.normalize(x)
        guard let tape = x.node?.tape else { return result }
        let output = tape.output(result)
        tape.record(
            LayerNormStep(x: x.detached, statistics: statistics, norm: parameters, input: x.node, output: output.node))
        return output
    }
}

private struct LayerNormStep: GradientStep {
    let x, statistics: Tensor
    let norm: LayerNormParameters
    let input, output: Tape.Node?
    let name = "layerNorm"
    var saved: [Tensor] { [x, statistics] }
    var parameters: [Parameter] { [norm.weight, norm.bias] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        norm.backward(x, statistics: statistics, gradient: gradient, on: tape, into: input)
    }
}

/// The passes over rows, which a linear layer that normalises its input shares.
extension LayerNormParameters {
    private static let grain = 1 << 14

    private func rows(of x: Tensor) -> Int {
        precondition(x.shape.rank > 0 && x.shape[-1] == weight.shape[0], "layerNorm: input \(x.shape) for \(weight.shape[0]) channels")
        return weight.shape[0] == 0 ? 0 : x.count / weight.shape[0]
    }

    /// The normalised input and the mean and 1/√(σ² + ε) of each row.
    func normalize(_ x: Tensor) -> (result: Tensor, statistics: Tensor) {
        let rows = rows(of: x), width = weight.shape[0]
        let result = Tensor.uninitialized(x.shape), statistics = Tensor.uninitialized([rows, 2])
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = result.floats, numbers = statistics.floats
            parallelFor(rows, grain: max(1, Self.grain / max(1, width))) { range in
                let start = range.lowerBound
                ty_layernorm(
                    from + start * width, weight.value.floats, bias.value.floats, epsilon, numbers + 2 * start, to + start * width,
                    range.count, width)
            }
        }
        return (result, statistics)
    }

    /// The normalised input once more.
    func normalize(_ x: Tensor, statistics: Tensor) -> Tensor {
        let width = weight.shape[0], result = Tensor.uninitialized(x.shape)
        withExtendedLifetime((x.storage, statistics.storage)) {
            let from = x.floats, to = result.floats, numbers = statistics.floats
            parallelFor(rows(of: x), grain: max(1, Self.grain / max(1, width))) { range in
                let start = range.lowerBound
                ty_layernorm_apply(
                    from + start * width, numbers + 2 * start, weight.value.floats, bias.value.floats, to + start * width,
                    range.count, width)
            }
        }
        return result
    }

    /// Adds the gradients of scale and shift to the parameters and that of x to `node`, in place where it has one already.
    func backward(_ x: Tensor, statistics: Tensor, gradient: Tensor, on tape: Tape, into node: Tape.Node?) {
        let rows = rows(of: x), width = weight.shape[0]
        let present = tape.takeGradient(of: node)
        let result = present ?? gradient, sums = Tensor.uninitialized([2, width])
        withExtendedLifetime((x.storage, statistics.storage, gradient.storage, result.storage)) {
            let from = x.floats, numbers = statistics.floats, slopes = gradient.floats, to = result.floats
            RowSums.reduce(rows: rows, width: 2 * width, into: sums) { range, part in
                let start = range.lowerBound
                ty_layernorm_gradient(
                    from + start * width, numbers + 2 * start, weight.value.floats, slopes + start * width, present == nil ? 0 : 1,
                    part, to + start * width, range.count, width)
            }
        }
        weight.accumulateGradient(Tensor(shape: [width], storage: sums.storage))
        bias.accumulateGradient(sums.part(from: width, shape: [width]))
        tape.accumulate(result, into: node)
    }
}

extension Tensor {
    /// A copy of the `shape.count` elements from `start`.
    fileprivate func part(from start: Int, shape: Shape) -> Tensor {
        let result = Tensor.uninitialized(shape)
        withExtendedLifetime(storage) { result.floats.update(from: floats + start, count: shape.count) }
        return result
    }
}
