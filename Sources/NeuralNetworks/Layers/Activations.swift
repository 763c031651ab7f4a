import TensorEngine

/// A layer without parameters that applies one activation; `Sequential` fuses it into a batch norm before it.
package class ActivationLayer: Module, UnaryLayer {
    package let activation: Activation

    init(_ activation: Activation) { self.activation = activation }

    package final func callAsFunction(_ x: Tensor) -> Tensor { Tensor.activation(x, activation) }
}

/// max(x, 0).
package final class ReLU: ActivationLayer {
    package init() { super.init(.relu) }
}

/// min(max(x, 0), 6) (Howard et al., 2017).
package final class ReLU6: ActivationLayer {
    package init() { super.init(.relu6) }
}

/// x · sigmoid(x) (Elfwing et al., 2017).
package final class SiLU: ActivationLayer {
    package init() { super.init(.silu) }
}

/// x · min(max(x + 3, 0), 6) / 6 (Howard et al., 2019).
package final class Hardswish: ActivationLayer {
    package init() { super.init(.hardSwish) }
}

/// min(max(x + 3, 0), 6) / 6.
package final class Hardsigmoid: ActivationLayer {
    package init() { super.init(.hardSigmoid) }
}

/// Gives its input back; stands where an optional layer is absent, so that numbering stays.
package final class Identity: Module, UnaryLayer {
    package func callAsFunction(_ x: Tensor) -> Tensor { x }
}
