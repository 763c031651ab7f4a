import TensorEngine

/// Zeroes elements with a probability while training and scales the rest by 1/(1 − p) (Srivastava et al., 2014).
package final class Dropout: Module, UnaryLayer {
    /// Zero turns the layer off in both modes.
    package var probability: Float
    /// The generator; part of a checkpoint through `Module.randomStates`.
    package var random: RandomSource

    package init(_ probability: Float, random: inout RandomSource) {
        self.probability = probability
        self.random = RandomSource(seed: random.next())
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        return Tensor.dropout(x, probability: probability, random: &random)
    }
}
