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

    /// The weight `[C, kH, kW, 1]` in groups of eight channels, as the kernels read it; turned round for the data gradient.
    private func packed(_ weight: Tensor, turned: Bool) -> Tensor {
        let groups = (geometry.outputChannels + 7) / 8
        let result = Tensor.uninitialized([groups, tapCount, 8])
        withExtendedLifetime(weight.storage) {
            ty_depthwise_pack(weight.floats, geometry.outputChannels, tapCount, turned ? 1 : 0, result.floats)
        }
        return result
    }

    func forward(input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor) {
        let shape = shape, taps = packed(weight, turned: false)
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
        let shape = shape, taps = packed(weight, turned: true)
        withExtendedLifetime((outputGradient.storage, taps.storage, inputGradient.storage)) {
            parallelFor(geometry.batch * geometry.height) { rows in
                withUnsafePointer(to: shape) {
                    ty_depthwise_backward_data(
                        $0, outputGradient.floats, taps.floats, inputGradient.floats, rows.lowerBound, rows.upperBound)
                }
            }
        }
    }

    /// The work is cut by rows and by channels, in a way that depends on the shape alone: many channels need few partial
    /// sums, which for a late layer would be larger than its images.
    func backwardWeights(input: Tensor, outputGradient: Tensor, weightGradient: Tensor) {
        let shape = shape, channels = geometry.outputChannels, rows = geometry.batch * geometry.outputHeight
        let block = 32, tasks = 32
        let blocks = (channels + block - 1) / block, parts = max(1, min(rows, (tasks + blocks - 1) / blocks))
        let partial = Tensor.uninitialized([parts, tapCount, channels]), sums = Tensor.uninitialized([tapCount, channels])
        withExtendedLifetime((input.storage, outputGradient.storage, partial.storage, sums.storage, weightGradient.storage)) {
            let base = partial.floats
            parallelFor(parts * blocks) { range in
                withUnsafePointer(to: shape) {
                    for task in range {
                        let part = task / blocks, first = task % blocks * block
                        ty_depthwise_backward_taps(
                            $0, input.floats, outputGradient.floats, base + part * tapCount * channels, rows * part / parts,
                            rows * (part + 1) / parts, first, min(channels, first + block))
                    }
                }
            }
            ty_sum_rows(base, sums.floats, parts, tapCount * channels)
            ty_transpose(sums.floats, weightGradient.floats, tapCount, channels)
        }
    }
}
