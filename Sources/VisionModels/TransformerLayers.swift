import NeuralNetworks
import TensorEngine

/// The two linear layers around a GELU that follow attention in a transformer's block, numbered 0 and 3.
final class FeedForward: Module {
    private let expansion: Linear
    private let projection: Linear

    /// Biases start normal with the given deviation, at zero without one.
    init(_ width: Int, hidden: Int, initializer: WeightInitializer, biasDeviation: Float = 0, random: inout RandomSource) {
        expansion = Linear(width, hidden, initializer: initializer, random: &random)
        projection = Linear(hidden, width, initializer: initializer, random: &random)
        guard biasDeviation > 0 else { return }
        for bias in [expansion.bias, projection.bias] {
            guard let bias else { continue }
            bias.value.assign(WeightInitializer.normal(standardDeviation: biasDeviation).makeTensor(bias.shape, random: &random))
        }
    }

    override var namedChildren: [(name: String, module: Module)]? { [("0", expansion), ("3", projection)] }

    /// residual + layers(norm(x)).
    func callAsFunction(_ x: Tensor, after norm: LayerNorm, residual: LinearResidual) -> Tensor {
        projection(expansion(x, after: norm.prologue), after: .activation(.gelu), residual: residual)
    }
}
