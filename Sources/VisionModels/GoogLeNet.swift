import NeuralNetworks
import TensorEngine

/// GoogLeNet (Szegedy et al., Going Deeper with Convolutions, 2014) with batch norm, with both auxiliary heads and torchvision's key names.
package final class GoogLeNet: Module, ClassificationNetwork {
    let conv1: ConvolutionNorm
    private let maxpool1 = makePool(3, stride: 2)
    let conv2, conv3: ConvolutionNorm
    private let maxpool2 = makePool(3, stride: 2)
    let inception3a, inception3b: InceptionBlock
    private let maxpool3 = makePool(3, stride: 2)
    let inception4a, inception4b, inception4c, inception4d, inception4e: InceptionBlock
    private let maxpool4 = makePool(2, stride: 2)
    let inception5a, inception5b: InceptionBlock
    let aux1, aux2: AuxiliaryHead
    let avgpool = AdaptiveAvgPool2d(1)
    let dropout: Dropout
    let fc: Linear

    package init(classes: Int, random: inout RandomSource) {
        conv1 = convolution(3, 64, kernel: 7, stride: 2, random: &random)
        conv2 = convolution(64, 64, kernel: 1, random: &random)
        conv3 = convolution(64, 192, kernel: 3, random: &random)
        inception3a = InceptionBlock(192, 64, (96, 128), (16, 32), 32, random: &random)
        inception3b = InceptionBlock(256, 128, (128, 192), (32, 96), 64, random: &random)
        inception4a = InceptionBlock(480, 192, (96, 208), (16, 48), 64, random: &random)
        inception4b = InceptionBlock(512, 160, (112, 224), (24, 64), 64, random: &random)
        inception4c = InceptionBlock(512, 128, (128, 256), (24, 64), 64, random: &random)
        inception4d = InceptionBlock(512, 112, (144, 288), (32, 64), 64, random: &random)
        inception4e = InceptionBlock(528, 256, (160, 320), (32, 128), 128, random: &random)
        inception5a = InceptionBlock(832, 256, (160, 320), (32, 128), 128, random: &random)
        inception5b = InceptionBlock(832, 384, (192, 384), (48, 128), 128, random: &random)
        aux1 = AuxiliaryHead(512, classes: classes, random: &random)
        aux2 = AuxiliaryHead(528, classes: classes, random: &random)
        dropout = Dropout(0.2, random: &random)
        fc = linear(1024, classes, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor { features(images).logits }

    /// The main head, then those on inception 4d and 4a, each of which counts 0.3.
    package func trainingOutputs(_ images: Tensor) -> [(logits: Tensor, weight: Float)] {
        let (logits, fourthA, fourthD) = features(images)
        return [(logits, 1), (aux2(fourthD), 0.3), (aux1(fourthA), 0.3)]
    }

    private func features(_ images: Tensor) -> (logits: Tensor, fourthA: Tensor, fourthD: Tensor) {
        let stem = maxpool2(conv3(conv2(maxpool1(conv1(images)))))
        let fourthA = inception4a(maxpool3(inception3b(inception3a(stem))))
        let fourthD = inception4d(inception4c(inception4b(fourthA)))
        let last = inception5b(inception5a(maxpool4(inception4e(fourthD))))
        return (fc(dropout(Tensor.flatten(avgpool(last)))), fourthA, fourthD)
    }
}

extension GoogLeNet {
    static let entries = [
        ArchitectureEntry(
            name: "googlenet", architecture: "googlenet (Torchvision)", sizeClass: .medium, inputSize: .atLeast(15),
            paper: "Szegedy et al.: Going Deeper with Convolutions, 2014",
            builder: .classifier { GoogLeNet(classes: $0, random: &$1) })
    ]
}

/// Convolution without a bias, batch norm with epsilon 1e-3, ReLU.
final class ConvolutionNorm: Module, UnaryLayer {
    let conv: Conv2d
    let bn: BatchNorm2d

    init(_ conv: Conv2d) {
        self.conv = conv
        bn = BatchNorm2d(conv.weight.shape[0], epsilon: 1e-3)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { bn(conv(x), activation: .relu) }
}

private let initializer = WeightInitializer.normal(standardDeviation: 0.01)

private func convolution(_ input: Int, _ output: Int, kernel: Int, stride: Int = 1, random: inout RandomSource) -> ConvolutionNorm {
    ConvolutionNorm(Conv2d(
        input, output, kernel: kernel, stride: stride, padding: kernel / 2, bias: false, initializer: initializer, random: &random))
}

private func linear(_ input: Int, _ output: Int, layout: ParameterLayout = .plain, random: inout RandomSource) -> Linear {
    Linear(input, output, layout: layout, initializer: initializer, biasInitializer: .torchDefault, random: &random)
}

private func makePool(_ kernel: Int, stride: Int, padding: Int = 0) -> MaxPool2d {
    MaxPool2d(kernel: kernel, stride: stride, padding: padding, ceilMode: true)
}

/// Four branches side by side: 1×1; 1×1 and 3×3; again 1×1 and 3×3, where the paper has 5×5 and torchvision's weights
/// do not; pool and 1×1.
final class InceptionBlock: Module, UnaryLayer {
    let branch1: ConvolutionNorm
    let branch2, branch3, branch4: Sequential

    /// Output channels of each convolution.
    fileprivate init(
        _ input: Int, _ first: Int, _ second: (Int, Int), _ third: (Int, Int), _ pooled: Int, random: inout RandomSource
    ) {
        branch1 = convolution(input, first, kernel: 1, random: &random)
        branch2 = Sequential([
            convolution(input, second.0, kernel: 1, random: &random), convolution(second.0, second.1, kernel: 3, random: &random),
        ])
        branch3 = Sequential([
            convolution(input, third.0, kernel: 1, random: &random), convolution(third.0, third.1, kernel: 3, random: &random),
        ])
        branch4 = Sequential([makePool(3, stride: 1, padding: 1), convolution(input, pooled, kernel: 1, random: &random)])
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        Tensor.concatenateChannels([branch1(x), branch2(x), branch3(x), branch4(x)])
    }
}

/// Classifies from the middle of the network, so that gradients reach its first layers.
final class AuxiliaryHead: Module, UnaryLayer {
    private let pool = AdaptiveAvgPool2d(4)
    let conv: ConvolutionNorm
    let fc1, fc2: Linear
    let dropout: Dropout

    fileprivate init(_ input: Int, classes: Int, random: inout RandomSource) {
        conv = convolution(input, 128, kernel: 1, random: &random)
        fc1 = linear(2048, 1024, layout: .flattened(channels: 128, height: 4, width: 4), random: &random)
        fc2 = linear(1024, classes, random: &random)
        dropout = Dropout(0.7, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        fc2(dropout(Tensor.activation(fc1(Tensor.flatten(conv(pool(x)))), .relu)))
    }
}
