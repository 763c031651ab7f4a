import TensorEngine

/// A layer that draws random numbers while training; its generator is part of a checkpoint.
package protocol StochasticLayer: Module {
    /// The probability of dropping; zero turns the layer off in both modes.
    var probability: Float { get set }
    var random: RandomSource { get set }
}

/// Zeroes elements with a probability while training and scales the rest by 1/(1 − p) (Srivastava et al., 2014).
package final class Dropout: Module, UnaryLayer, StochasticLayer {
    package var probability: Float
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
