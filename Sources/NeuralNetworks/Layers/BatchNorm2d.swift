import TensorEngine

/// Batch normalisation over N, H and W of `[N, H, W, C]` (Ioffe and Szegedy, 2015), running statistics by torch's rule.
package final class BatchNorm2d: Module, UnaryLayer {
    package let weight: Parameter
    package let bias: Parameter
    package let running_mean: Buffer
    package let running_var: Buffer
    package let num_batches_tracked = CounterBuffer()
    package let epsilon: Float
    package let momentum: Float

    package init(_ channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
        weight = Parameter(.filled([channels], with: 1))
        bias = Parameter(.zeros([channels]))
        running_mean = Buffer(.zeros([channels]))
        running_var = Buffer(.filled([channels], with: 1))
        self.epsilon = epsilon
        self.momentum = momentum
    }

    package func callAsFunction(_ x: Tensor) -> Tensor { self(x, activation: .identity) }

    /// activation(norm(x) + residual) in one pass over memory.
    package func callAsFunction(_ x: Tensor, activation: Activation, residual: Tensor? = nil) -> Tensor {
        if isTraining { num_batches_tracked.value += 1 }
        return Tensor.batchNorm(
            x, weight: weight, bias: bias, runningMean: running_mean.value, runningVariance: running_var.value,
            momentum: momentum, epsilon: epsilon, isTraining: isTraining, activation: activation, residual: residual)
    }
}
