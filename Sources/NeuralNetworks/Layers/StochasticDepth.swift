import TensorEngine

/// Drops a residual branch for whole images with a probability while training and scales the rest by 1/(1 − p)
/// (Huang et al., Deep Networks with Stochastic Depth, 2016).
package final class StochasticDepth: Module, UnaryLayer, StochasticLayer {
    package var probability: Float
    package var random: RandomSource

    package init(_ probability: Float, random: inout RandomSource) {
        self.probability = probability
        self.random = RandomSource(seed: random.next())
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        return Tensor.stochasticDepth(x, probability: probability, random: &random)
    }

    /// What each of so many images' branch is scaled by, for an operation that does so itself; nil where nothing is dropped.
    package func factors(images: Int) -> [Float]? {
        guard isTraining, probability > 0 else { return nil }
        return Tensor.stochasticDepthFactors(images: images, probability: probability, random: &random)
    }
}
