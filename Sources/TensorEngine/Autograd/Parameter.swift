/// How a parameter's engine layout relates to torch's, so that files can hold torch's.
package enum ParameterLayout: Sendable, Equatable {
    /// The same order of dimensions.
    case plain
    /// Engine `[O, kH, kW, I/groups]`, torch `[O, I/groups, kH, kW]`.
    case convolution
    /// A linear layer after an image was flattened: engine `[O, height · width · channels]`, torch `[O, channels · height · width]`.
    case flattened(channels: Int, height: Int, width: Int)
}

/// A trainable tensor and the gradient that operations add to.
package final class Parameter {
    /// Changed in place by optimisers and loading; its storage stays the same for the parameter's life.
    package let value: Tensor
    /// The sum of gradients since the last `clearGradient`; nil until a backward pass reaches it.
    package private(set) var gradient: Tensor?
    package let layout: ParameterLayout
    /// False while frozen: operations skip its gradient and optimisers leave it alone.
    package var requiresGradient: Bool

    package init(_ value: Tensor, layout: ParameterLayout = .plain, requiresGradient: Bool = true) {
        self.value = value
        self.layout = layout
        self.requiresGradient = requiresGradient
    }

    package var shape: Shape { value.shape }

    /// Hands `body` the gradient's memory. `isFirst` says that nothing has gathered yet: the body then overwrites,
    /// otherwise it adds.
    package func accumulateGradient(_ body: (_ gradient: Tensor, _ isFirst: Bool) -> Void) {
        guard requiresGradient else { return }
        let target = gradient ?? .uninitialized(value.shape)
        body(target, gradient == nil)
        gradient = target
    }

    /// Adds a gradient that was computed elsewhere.
    package func accumulateGradient(_ addend: Tensor) {
        accumulateGradient { target, isFirst in
            if isFirst { target.assign(addend) } else { Tensor.accumulate(addend, into: target) }
        }
    }

    /// Forgets the gathered gradient. Its memory goes back to the pool: between the steps, and while a forward pass gathers what
    /// its gradient needs, no gradient takes any.
    package func clearGradient() { gradient = nil }
}
