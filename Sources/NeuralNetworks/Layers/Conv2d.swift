import TensorEngine

/// Two-dimensional convolution of images `[N, H, W, I]` to `[N, H', W', O]`.
package final class Conv2d: Module, UnaryLayer {
    /// Engine layout `[O, kH, kW, I/groups]`.
    package let weight: Parameter
    package let bias: Parameter?
    package let options: ConvolutionOptions

    /// A kernel of `kernel` rows and columns, or `kernelWidth` columns where that is given, with its `sidePadding`. The bias is
    /// drawn as `initializer` has it unless `biasInitializer` is given.
    package init(
        _ inputChannels: Int, _ outputChannels: Int, kernel: Int, kernelWidth: Int? = nil, stride: Int = 1, padding: Int = 0,
        sidePadding: Int? = nil, dilation: Int = 1, groups: Int = 1, bias hasBias: Bool = true,
        initializer: WeightInitializer = .torchDefault, biasInitializer: WeightInitializer? = nil, random: inout RandomSource
    ) {
        let shape: Shape = [outputChannels, kernel, kernelWidth ?? kernel, inputChannels / groups]
        weight = Parameter(initializer.makeTensor(shape, random: &random), layout: .convolution)
        let fanIn = kernel * (kernelWidth ?? kernel) * inputChannels / groups
        bias = hasBias ? Parameter((biasInitializer ?? initializer).makeBias(outputChannels, fanIn: fanIn, random: &random)) : nil
        options = ConvolutionOptions(
            stride: stride, padding: padding, sidePadding: sidePadding, dilation: dilation, groups: groups)
    }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        Tensor.conv2d(x, weight: weight, bias: bias, options: options)
    }
}
