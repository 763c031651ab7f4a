import TensorEngine

/// Affine map of the last dimension: y = x Wᵀ + b, x `[..., I]`, W `[O, I]`.
package final class Linear: Module, UnaryLayer {
    package let weight: Parameter
    package let bias: Parameter?

    /// `biasInitializer` is the weight's where it is nil; `layout` tells a layer that takes flattened images how files order them.
    package init(
        _ inputFeatures: Int, _ outputFeatures: Int, bias hasBias: Bool = true, layout: ParameterLayout = .plain,
        initializer: WeightInitializer = .torchDefault, biasInitializer: WeightInitializer? = nil, random: inout RandomSource
    ) {
        if case .flattened(let channels, let height, let width) = layout {
            precondition(channels * height * width == inputFeatures, "\(inputFeatures) features are not \(layout)")
        }
        weight = Parameter(initializer.makeTensor([outputFeatures, inputFeatures], random: &random), layout: layout)
        let biasInitializer = biasInitializer ?? initializer
        bias = hasBias ? Parameter(biasInitializer.makeBias(outputFeatures, fanIn: inputFeatures, random: &random)) : nil
    }

    package func callAsFunction(_ x: Tensor) -> Tensor { self(x, after: .none) }

    /// The map of the prologue's result, added to a residual where one is given.
    package func callAsFunction(_ x: Tensor, after prologue: LinearPrologue, residual: LinearResidual? = nil) -> Tensor {
        Tensor.linear(x, weight: weight, bias: bias, prologue: prologue, residual: residual)
    }
}
