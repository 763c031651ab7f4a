import TensorEngine

/// Affine map of the last dimension: y = x Wᵀ + b, x `[..., I]`, W `[O, I]`.
package final class Linear: Module, UnaryLayer {
    package let weight: Parameter
    package let bias: Parameter?

    package init(
        _ inputFeatures: Int, _ outputFeatures: Int, bias hasBias: Bool = true,
        initializer: WeightInitializer = .torchDefault, random: inout RandomSource
    ) {
        weight = Parameter(initializer.makeTensor([outputFeatures, inputFeatures], random: &random))
        bias = hasBias ? Parameter(initializer.makeBias(outputFeatures, fanIn: inputFeatures, random: &random)) : nil
    }

    package func callAsFunction(_ x: Tensor) -> Tensor { self(x, after: .none) }

    /// The map of the prologue's result, added to a residual where one is given.
    package func callAsFunction(_ x: Tensor, after prologue: LinearPrologue, residual: LinearResidual? = nil) -> Tensor {
        Tensor.linear(x, weight: weight, bias: bias, prologue: prologue, residual: residual)
    }
}
