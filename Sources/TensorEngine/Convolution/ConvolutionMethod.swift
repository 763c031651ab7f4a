/// The three computations of a convolution's training step; the fastest way is chosen for each by itself.
enum ConvolutionPass: CaseIterable {
    case forward, dataGradient, weightGradient
}

/// Who computes a convolution.
enum ConvolutionMethod: Equatable {
    /// Own kernels, one filter a channel.
    case depthwise
    /// A matrix product: filters of one pixel, on images whose pixels are rows.
    case product
    /// Own kernels, Winograd's F(4×4, 3×3).
    case winograd
    /// Matrix products over gathered windows.
    case patches
    /// oneDNN's direct convolution.
    case direct

    /// The choice follows from the extents alone, never from the clock, so that the same run gives the same bits.
    init(_ geometry: ConvolutionGeometry, _ pass: ConvolutionPass) {
        if geometry.isDepthwise {
            self = .depthwise
        } else if geometry.isProduct {
            self = .product
        } else if geometry.suitsWinograd && geometry.winogradNanoseconds(pass) < geometry.directNanoseconds(pass) {
            self = .winograd
        } else {
            self = geometry.suitsPatches(pass) ? .patches : .direct
        }
    }
}

/// Estimates of time. Their constants were measured on two cores of Zen 3 with AVX2; only their ratio matters.
extension ConvolutionGeometry {
    /// Filters of 3×3 that touch each other, and a padding that the data gradient can mirror.
    fileprivate var suitsWinograd: Bool {
        kernelHeight == 3 && kernelWidth == 3 && stride == 1 && dilation == 1 && groups == 1 && padding <= 2
            && sidePadding == padding
    }

    /// Strides, and 3×3 filters where Winograd does not pay. With few channels the gathering weighs more than the products,
    /// and for the gradients of the data, which return every window, the more so; the limits were measured.
    fileprivate func suitsPatches(_ pass: ConvolutionPass) -> Bool {
        guard groups == 1, dilation == 1, stride > 1 || (kernelHeight == 3 && kernelWidth == 3) else { return false }
        if cutsIntoPatches { return true }
        return switch pass {
        case .forward: kernelHeight * kernelWidth > 1 && inputChannels >= 32
        case .dataGradient: kernelHeight * kernelWidth > 1 && inputChannels >= 256
        case .weightGradient: inputChannels >= 16
        }
    }

    /// Windows that lie side by side, as those that a vision transformer embeds, with rows of several vectors to gather.
    private var cutsIntoPatches: Bool {
        stride == kernelHeight && stride == kernelWidth && padding == 0 && sidePadding == 0 && kernelWidth * inputChannels >= 32
    }

    /// Each output pixel depends on the input pixel at its place, and on no other.
    fileprivate var isProduct: Bool {
        kernelHeight == 1 && kernelWidth == 1 && stride == 1 && padding == 0 && sidePadding == 0 && groups == 1
    }

    private var channelPairs: Double { Double(inputChannels) * Double(outputChannels) }

    fileprivate func directNanoseconds(_ pass: ConvolutionPass) -> Double {
        let products = 9 * Double(batch * outputHeight * outputWidth) * channelPairs
        return products / (pass == .weightGradient ? 55 : 80)
    }

    fileprivate func winogradNanoseconds(_ pass: ConvolutionPass) -> Double {
        // The data gradient's tiles cover the input, the others' the output.
        let rows = pass == .dataGradient ? height : outputHeight, columns = pass == .dataGradient ? width : outputWidth
        let tiles = Double(batch * ((rows + 3) / 4) * ((columns + 3) / 4))
        // Vectors hold eight channels or more, so that fewer cost as much.
        let inputs = Double((inputChannels + 7) / 8 * 8), outputs = Double((outputChannels + 7) / 8 * 8)
        return 36 * tiles * inputs * outputs / 85 + 6 * tiles * (inputs + outputs) + 15 * channelPairs
    }
}
