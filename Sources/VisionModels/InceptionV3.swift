import NeuralNetworks
import TensorEngine

/// Inception v3 (Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2015) with its auxiliary head and
/// torchvision's key names.
package final class InceptionV3: Module, ClassificationNetwork {
    let Conv2d_1a_3x3, Conv2d_2a_3x3, Conv2d_2b_3x3: ConvolutionNorm
    private let maxpool1 = MaxPool2d(kernel: 3, stride: 2)
    let Conv2d_3b_1x1, Conv2d_4a_3x3: ConvolutionNorm
    private let maxpool2 = MaxPool2d(kernel: 3, stride: 2)
    let Mixed_5b, Mixed_5c, Mixed_5d: FactoredBlock
    let Mixed_6a: FirstReduction
    let Mixed_6b, Mixed_6c, Mixed_6d, Mixed_6e: LongBlock
    let AuxLogits: AuxiliaryClassifier
    let Mixed_7a: SecondReduction
    let Mixed_7b, Mixed_7c: WideBlock
    private let avgpool = AdaptiveAvgPool2d(1)
    let dropout: Dropout
    let fc: Linear

    package init(classes: Int, random: inout RandomSource) {
        Conv2d_1a_3x3 = convolution(3, 32, 3, stride: 2, random: &random)
        Conv2d_2a_3x3 = convolution(32, 32, 3, random: &random)
        Conv2d_2b_3x3 = convolution(32, 64, 3, padding: 1, random: &random)
        Conv2d_3b_1x1 = convolution(64, 80, 1, random: &random)
        Conv2d_4a_3x3 = convolution(80, 192, 3, random: &random)
        Mixed_5b = FactoredBlock(192, pooled: 32, random: &random)
        Mixed_5c = FactoredBlock(256, pooled: 64, random: &random)
        Mixed_5d = FactoredBlock(288, pooled: 64, random: &random)
        Mixed_6a = FirstReduction(288, random: &random)
        Mixed_6b = LongBlock(768, inner: 128, random: &random)
        Mixed_6c = LongBlock(768, inner: 160, random: &random)
        Mixed_6d = LongBlock(768, inner: 160, random: &random)
        Mixed_6e = LongBlock(768, inner: 192, random: &random)
        AuxLogits = AuxiliaryClassifier(768, classes: classes, random: &random)
        Mixed_7a = SecondReduction(768, random: &random)
        Mixed_7b = WideBlock(1280, random: &random)
        Mixed_7c = WideBlock(2048, random: &random)
        dropout = Dropout(0.5, random: &random)
        fc = linear(2048, classes, deviation: 0.1, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor { classify(features(images)) }

    /// The main head, then the one on the last 17 × 17 map, which counts 0.4.
    package func trainingOutputs(_ images: Tensor) -> [(logits: Tensor, weight: Float)] {
        let middle = features(images)
        return [(classify(middle), 1), (AuxLogits(middle), 0.4)]
    }

    /// Up to the last block at a sixteenth of the resolution: `[N, H, W, 3]` → `[N, H', W', 768]`.
    private func features(_ images: Tensor) -> Tensor {
        let stem = maxpool1(Conv2d_2b_3x3(Conv2d_2a_3x3(Conv2d_1a_3x3(images))))
        let fine = Mixed_5d(Mixed_5c(Mixed_5b(maxpool2(Conv2d_4a_3x3(Conv2d_3b_1x1(stem))))))
        return Mixed_6e(Mixed_6d(Mixed_6c(Mixed_6b(Mixed_6a(fine)))))
    }

    private func classify(_ middle: Tensor) -> Tensor {
        fc(dropout(Tensor.flatten(avgpool(Mixed_7c(Mixed_7b(Mixed_7a(middle)))))))
    }
}

extension InceptionV3 {
    /// The auxiliary head has a 5×5 convolution after a pool of stride 3, so training needs more than the 75 pixels of
    /// the rest.
    static let entries = [
        ArchitectureEntry(
            name: "inception_v3", architecture: "inception_v3 (Torchvision)", sizeClass: .medium, inputSize: .atLeast(299),
            paper: "Szegedy et al.: Rethinking the Inception Architecture for Computer Vision, 2015",
            builder: .classifier { InceptionV3(classes: $0, random: &$1) })
    ]
}

/// A square kernel.
private func convolution(
    _ input: Int, _ output: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, random: inout RandomSource
) -> ConvolutionNorm {
    ConvolutionNorm(Conv2d(
        input, output, kernel: kernel, stride: stride, padding: padding, bias: false, initializer: .normal(standardDeviation: 0.1),
        random: &random))
}

/// One row of `length` taps; the image keeps its size.
private func rowConvolution(_ input: Int, _ output: Int, _ length: Int, random: inout RandomSource) -> ConvolutionNorm {
    ConvolutionNorm(Conv2d(
        input, output, kernel: 1, kernelWidth: length, padding: 0, sidePadding: length / 2, bias: false,
        initializer: .normal(standardDeviation: 0.1), random: &random))
}

/// One column of `length` taps; the image keeps its size.
private func columnConvolution(_ input: Int, _ output: Int, _ length: Int, random: inout RandomSource) -> ConvolutionNorm {
    ConvolutionNorm(Conv2d(
        input, output, kernel: length, kernelWidth: 1, padding: length / 2, sidePadding: 0, bias: false,
        initializer: .normal(standardDeviation: 0.1), random: &random))
}

private func linear(_ input: Int, _ output: Int, deviation: Float, random: inout RandomSource) -> Linear {
    Linear(
        input, output, initializer: .normal(standardDeviation: deviation), biasInitializer: .torchDefault, random: &random)
}

/// Means of 3×3 pixels; the image keeps its size.
private func smooth(_ x: Tensor) -> Tensor { Tensor.averagePool2d(x, kernel: 3, stride: 1, padding: 1) }

private func reduce(_ x: Tensor) -> Tensor { Tensor.maxPool2d(x, kernel: 3, stride: 2) }

/// At an eighth of the resolution: 1×1, 5×5, two 3×3 in place of a second 5×5, and a smoothed branch.
final class FactoredBlock: Module, UnaryLayer {
    let branch1x1: ConvolutionNorm
    let branch5x5_1, branch5x5_2: ConvolutionNorm
    let branch3x3dbl_1, branch3x3dbl_2, branch3x3dbl_3: ConvolutionNorm
    let branch_pool: ConvolutionNorm

    init(_ input: Int, pooled: Int, random: inout RandomSource) {
        branch1x1 = convolution(input, 64, 1, random: &random)
        branch5x5_1 = convolution(input, 48, 1, random: &random)
        branch5x5_2 = convolution(48, 64, 5, padding: 2, random: &random)
        branch3x3dbl_1 = convolution(input, 64, 1, random: &random)
        branch3x3dbl_2 = convolution(64, 96, 3, padding: 1, random: &random)
        branch3x3dbl_3 = convolution(96, 96, 3, padding: 1, random: &random)
        branch_pool = convolution(input, pooled, 1, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        Tensor.concatenateChannels([
            branch1x1(x), branch5x5_2(branch5x5_1(x)), branch3x3dbl_3(branch3x3dbl_2(branch3x3dbl_1(x))), branch_pool(smooth(x)),
        ])
    }
}

/// From an eighth to a sixteenth of the resolution.
final class FirstReduction: Module, UnaryLayer {
    let branch3x3: ConvolutionNorm
    let branch3x3dbl_1, branch3x3dbl_2, branch3x3dbl_3: ConvolutionNorm

    init(_ input: Int, random: inout RandomSource) {
        branch3x3 = convolution(input, 384, 3, stride: 2, random: &random)
        branch3x3dbl_1 = convolution(input, 64, 1, random: &random)
        branch3x3dbl_2 = convolution(64, 96, 3, padding: 1, random: &random)
        branch3x3dbl_3 = convolution(96, 96, 3, stride: 2, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        Tensor.concatenateChannels([branch3x3(x), branch3x3dbl_3(branch3x3dbl_2(branch3x3dbl_1(x))), reduce(x)])
    }
}

/// At a sixteenth of the resolution: 7×7 convolutions as a row and a column of seven.
final class LongBlock: Module, UnaryLayer {
    let branch1x1: ConvolutionNorm
    let branch7x7_1, branch7x7_2, branch7x7_3: ConvolutionNorm
    let branch7x7dbl_1, branch7x7dbl_2, branch7x7dbl_3, branch7x7dbl_4, branch7x7dbl_5: ConvolutionNorm
    let branch_pool: ConvolutionNorm

    init(_ input: Int, inner: Int, random: inout RandomSource) {
        branch1x1 = convolution(input, 192, 1, random: &random)
        branch7x7_1 = convolution(input, inner, 1, random: &random)
        branch7x7_2 = rowConvolution(inner, inner, 7, random: &random)
        branch7x7_3 = columnConvolution(inner, 192, 7, random: &random)
        branch7x7dbl_1 = convolution(input, inner, 1, random: &random)
        branch7x7dbl_2 = columnConvolution(inner, inner, 7, random: &random)
        branch7x7dbl_3 = rowConvolution(inner, inner, 7, random: &random)
        branch7x7dbl_4 = columnConvolution(inner, inner, 7, random: &random)
        branch7x7dbl_5 = rowConvolution(inner, 192, 7, random: &random)
        branch_pool = convolution(input, 192, 1, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let once = branch7x7_3(branch7x7_2(branch7x7_1(x)))
        let twice = branch7x7dbl_5(branch7x7dbl_4(branch7x7dbl_3(branch7x7dbl_2(branch7x7dbl_1(x)))))
        return Tensor.concatenateChannels([branch1x1(x), once, twice, branch_pool(smooth(x))])
    }
}

/// From a sixteenth to a thirty-second of the resolution.
final class SecondReduction: Module, UnaryLayer {
    let branch3x3_1, branch3x3_2: ConvolutionNorm
    let branch7x7x3_1, branch7x7x3_2, branch7x7x3_3, branch7x7x3_4: ConvolutionNorm

    init(_ input: Int, random: inout RandomSource) {
        branch3x3_1 = convolution(input, 192, 1, random: &random)
        branch3x3_2 = convolution(192, 320, 3, stride: 2, random: &random)
        branch7x7x3_1 = convolution(input, 192, 1, random: &random)
        branch7x7x3_2 = rowConvolution(192, 192, 7, random: &random)
        branch7x7x3_3 = columnConvolution(192, 192, 7, random: &random)
        branch7x7x3_4 = convolution(192, 192, 3, stride: 2, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let long = branch7x7x3_4(branch7x7x3_3(branch7x7x3_2(branch7x7x3_1(x))))
        return Tensor.concatenateChannels([branch3x3_2(branch3x3_1(x)), long, reduce(x)])
    }
}

/// At a thirty-second of the resolution: rows and columns of three side by side, to 2048 channels.
final class WideBlock: Module, UnaryLayer {
    let branch1x1: ConvolutionNorm
    let branch3x3_1, branch3x3_2a, branch3x3_2b: ConvolutionNorm
    let branch3x3dbl_1, branch3x3dbl_2, branch3x3dbl_3a, branch3x3dbl_3b: ConvolutionNorm
    let branch_pool: ConvolutionNorm

    init(_ input: Int, random: inout RandomSource) {
        branch1x1 = convolution(input, 320, 1, random: &random)
        branch3x3_1 = convolution(input, 384, 1, random: &random)
        branch3x3_2a = rowConvolution(384, 384, 3, random: &random)
        branch3x3_2b = columnConvolution(384, 384, 3, random: &random)
        branch3x3dbl_1 = convolution(input, 448, 1, random: &random)
        branch3x3dbl_2 = convolution(448, 384, 3, padding: 1, random: &random)
        branch3x3dbl_3a = rowConvolution(384, 384, 3, random: &random)
        branch3x3dbl_3b = columnConvolution(384, 384, 3, random: &random)
        branch_pool = convolution(input, 192, 1, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let once = branch3x3_1(x), twice = branch3x3dbl_2(branch3x3dbl_1(x))
        return Tensor.concatenateChannels([
            branch1x1(x), branch3x3_2a(once), branch3x3_2b(once), branch3x3dbl_3a(twice), branch3x3dbl_3b(twice),
            branch_pool(smooth(x)),
        ])
    }
}

/// Classifies from the last 17 × 17 map, so that gradients reach the first layers.
final class AuxiliaryClassifier: Module, UnaryLayer {
    let conv0, conv1: ConvolutionNorm
    let fc: Linear

    init(_ input: Int, classes: Int, random: inout RandomSource) {
        conv0 = convolution(input, 128, 1, random: &random)
        conv1 = convolution(128, 768, 5, random: &random)
        fc = linear(768, classes, deviation: 0.001, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let pooled = Tensor.averagePool2d(x, kernel: 5, stride: 3)
        return fc(Tensor.flatten(Tensor.globalAveragePool(conv1(conv0(pooled)))))
    }
}
