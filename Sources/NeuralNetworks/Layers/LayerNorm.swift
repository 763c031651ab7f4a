import TensorEngine

/// Normalisation of the last dimension (Ba, Kiros and Hinton: Layer Normalization, 2016), of tokens or of each pixel's channels.
package final class LayerNorm: Module, UnaryLayer {
    package let weight: Parameter
    package let bias: Parameter
    package let epsilon: Float

    package init(_ channels: Int, epsilon: Float = 1e-5) {
        weight = Parameter(.filled([channels], with: 1))
        bias = Parameter(.zeros([channels]))
        self.epsilon = epsilon
    }

    /// For a linear layer that normalises its input itself, so that the result need not be kept.
    package var prologue: LinearPrologue { .layerNorm(settings) }

    /// For operations that normalise tokens themselves.
    package var settings: LayerNormParameters { LayerNormParameters(weight: weight, bias: bias, epsilon: epsilon) }

    package func callAsFunction(_ x: Tensor) -> Tensor { Tensor.layerNorm(x, settings) }
}
