import TensorEngine

/// The maximum of each window of `[N, H, W, C]`.
package final class MaxPool2d: Module, UnaryLayer {
    package let kernel, stride, padding: Int
    /// True where a last window that hangs over the edge counts as well.
    package let ceilMode: Bool

    package init(kernel: Int, stride: Int, padding: Int = 0, ceilMode: Bool = false) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.ceilMode = ceilMode
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        Tensor.maxPool2d(x, kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)
    }
}

/// The mean of each window of `[N, H, W, C]`; padding counts as zeros.
package final class AvgPool2d: Module, UnaryLayer {
    package let kernel, stride, padding: Int

    package init(kernel: Int, stride: Int, padding: Int = 0) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    package func callAsFunction(_ x: Tensor) -> Tensor { Tensor.averagePool2d(x, kernel: kernel, stride: stride, padding: padding) }
}

/// Averages `[N, H, W, C]` to `[N, height, width, C]`.
package final class AdaptiveAvgPool2d: Module, UnaryLayer {
    package let height, width: Int

    package init(_ side: Int) {
        height = side
        width = side
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        height == 1 && width == 1 ? Tensor.globalAveragePool(x) : Tensor.adaptiveAveragePool2d(x, height: height, width: width)
    }
}
