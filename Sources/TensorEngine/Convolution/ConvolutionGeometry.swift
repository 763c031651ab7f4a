/// The hyper-parameters of a two-dimensional convolution, equal in both axes but for the padding.
package struct ConvolutionOptions: Sendable, Hashable {
    /// Pixels between neighbouring outputs.
    package var stride: Int
    /// Zeros added above and below, and on the left and right unless `sidePadding` says otherwise.
    package var padding: Int
    /// Zeros added on the left and right; nil stands for `padding`.
    package var sidePadding: Int?
    /// Pixels between neighbouring taps of the kernel; 1 is the ordinary convolution.
    package var dilation: Int
    /// Independent slices of the channels; equal to the input channels in a depthwise convolution.
    package var groups: Int

    package init(stride: Int = 1, padding: Int = 0, sidePadding: Int? = nil, dilation: Int = 1, groups: Int = 1) {
        self.stride = stride
        self.padding = padding
        self.sidePadding = sidePadding
        self.dilation = dilation
        self.groups = groups
    }
}

/// All extents of one convolution; primitives and kernels are chosen by it.
struct ConvolutionGeometry: Hashable {
    let batch, height, width, inputChannels: Int
    let outputHeight, outputWidth, outputChannels: Int
    let kernelHeight, kernelWidth: Int
    /// `padding` counts rows above and below, `sidePadding` columns on the left and right.
    let stride, padding, sidePadding, dilation, groups: Int

    /// `input` is `[N, H, W, C]`, `weight` `[O, kH, kW, C/groups]`.
    init(input: Shape, weight: Shape, options: ConvolutionOptions) {
        precondition(input.rank == 4 && weight.rank == 4, "conv2d: input \(input) and weight \(weight) have rank 4")
        precondition(
            options.stride > 0 && options.dilation > 0 && options.groups > 0 && options.padding >= 0 && options.sidePadding ?? 0 >= 0,
            "conv2d: stride, dilation and groups are positive and padding is not negative, got \(options)")
        batch = input[0]
        height = input[1]
        width = input[2]
        inputChannels = input[3]
        outputChannels = weight[0]
        kernelHeight = weight[1]
        kernelWidth = weight[2]
        stride = options.stride
        padding = options.padding
        sidePadding = options.sidePadding ?? options.padding
        dilation = options.dilation
        groups = options.groups
        precondition(
            inputChannels == weight[3] * groups && outputChannels % groups == 0,
            "conv2d: input \(input) does not fit weight \(weight) in \(groups) groups")
        precondition(kernelHeight > 0 && kernelWidth > 0, "conv2d: the kernel of weight \(weight) is empty")
        outputHeight = Self.extent(height, kernelHeight, padding: padding, options)
        outputWidth = Self.extent(width, kernelWidth, padding: sidePadding, options)
    }

    private static func extent(_ input: Int, _ kernel: Int, padding: Int, _ options: ConvolutionOptions) -> Int {
        let reach = input + 2 * padding - options.dilation * (kernel - 1) - 1
        return reach < 0 ? 0 : reach / options.stride + 1
    }

    var inputShape: Shape { [batch, height, width, inputChannels] }
    var outputShape: Shape { [batch, outputHeight, outputWidth, outputChannels] }
    var weightShape: Shape { [outputChannels, kernelHeight, kernelWidth, inputChannels / groups] }

    /// One filter a channel: memory-bound, and slow in oneDNN, so our own kernels do it.
    var isDepthwise: Bool { groups == inputChannels && groups == outputChannels && groups > 1 && sidePadding == padding }
    /// The matrix products that a convolution with filters of one pixel is.
    func products(_ precision: ProductPrecision) -> AffineProducts {
        AffineProducts(
            rows: batch * outputHeight * outputWidth, inputs: inputChannels, outputs: outputChannels, precision: precision)
    }
    /// No product is to be computed: the output is empty or holds nothing but the bias.
    var isEmpty: Bool { outputShape.count == 0 || weightShape.count == 0 || inputShape.count == 0 }
}
