import CKernels

/// Convolution with one filter a channel, by our own kernels: the work is memory-bound, one pass over the image each.
struct DepthwiseConvolution {
    let geometry: ConvolutionGeometry

    private var shape: ty_depthwise {
        ty_depthwise(
            height: geometry.height, width: geometry.width, channels: geometry.outputChannels,
            output_height: geometry.outputHeight, output_width: geometry.outputWidth,
            kernel_height: geometry.kernelHeight, kernel_width: geometry.kernelWidth,
            stride: geometry.stride, padding: geometry.padding, dilation: geometry.dilation)
    }

    private var tapCount: Int { geometry.kernelHeight * geometry.kernelWidth }

    /// The weight `[C, kH, kW, 1]` as `[kH, kW, C]`, so that neighbouring channels meet neighbouring weights.
    private func taps(_ weight: Tensor) -> Tensor {
        let result = Tensor.uninitialized([tapCount, geometry.outputChannels])
        withExtendedLifetime(weight.storage) { ty_transpose(weight.floats, result.floats, geometry.outputChannels, tapCount) }
        return result
    }

    func forward(input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor) {
        let shape = shape, taps = taps(weight)
        withExtendedLifetime((input.storage, taps.storage, bias?.storage, output.storage)) {
            parallelFor(geometry.batch * geometry.outputHeight) { rows in
                withUnsafePointer(to: shape) {
                    ty_depthwise_forward(
                        $0, input.floats, taps.floats, bias?.floats, output.floats, rows.lowerBound, rows.upperBound)
                }
            }
        }
    }

    func backwardData(outputGradient: Tensor, weight: Tensor, inputGradient: Tensor) {
        let shape = shape, taps = taps(weight)
        withExtendedLifetime((outputGradient.storage, taps.storage, inputGradient.storage)) {
            parallelFor(geometry.batch * geometry.height) { rows in
                withUnsafePointer(to: shape) {
                    ty_depthwise_backward_data(
                        $0, outputGradient.floats, taps.floats, inputGradient.floats, rows.lowerBound, rows.upperBound)
                }
            }
        }
    }

    func backwardWeights(input: Tensor, outputGradient: Tensor, weightGradient: Tensor) {
        let shape = shape, channels = geometry.outputChannels
        let taps = Tensor.uninitialized([tapCount, channels])
        withExtendedLifetime((input.storage, outputGradient.storage, taps.storage, weightGradient.storage)) {
            RowSums.reduce(rows: geometry.batch * geometry.outputHeight, width: tapCount * channels, into: taps) { rows, part in
                withUnsafePointer(to: shape) {
                    ty_depthwise_backward_taps(
                        $0, input.floats, outputGradient.floats, part, rows.lowerBound, rows.upperBound)
                }
            }
            ty_transpose(taps.floats, weightGradient.floats, tapCount, channels)
        }
    }
}
