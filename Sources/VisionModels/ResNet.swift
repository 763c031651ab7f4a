import NeuralNetworks
import TensorEngine

/// Residual networks (He et al., Deep Residual Learning for Image Recognition, 2015), with the stride of a
/// bottleneck in its 3×3 convolution and torchvision's key names; with groups ResNeXt (Xie et al., 2016), with more
/// width Wide ResNet (Zagoruyko and Komodakis, 2016).
package final class ResNet: Module, ClassificationNetwork {
    /// The residual block that a network repeats.
    package enum Block: Sendable {
        case basic, bottleneck

        /// Output channels a block for each of its inner channels.
        var expansion: Int { self == .basic ? 1 : 4 }
    }

    let conv1: Conv2d
    let bn1 = BatchNorm2d(64)
    let maxpool = MaxPool2d(kernel: 3, stride: 2, padding: 1)
    let layer1, layer2, layer3, layer4: Sequential
    let avgpool = AdaptiveAvgPool2d(1)
    let fc: Linear

    /// `depths` holds the number of blocks in each of the four stages; a bottleneck's 3×3 convolution has `groups` groups
    /// of `groupWidth` channels each in the first stage, twice as many in each further one.
    package init(
        block: Block, depths: [Int], groups: Int = 1, groupWidth: Int = 64, classes: Int, random: inout RandomSource
    ) {
        conv1 = Conv2d(3, 64, kernel: 7, stride: 2, padding: 3, bias: false, initializer: .kaimingNormalFanOut, random: &random)
        var channels = 64
        func stage(_ index: Int, random: inout RandomSource) -> Sequential {
            let width = 64 << index
            return Sequential((0..<depths[index]).map { position in
                let stride = position == 0 && index > 0 ? 2 : 1
                defer { channels = width * block.expansion }
                return switch block {
                case .basic: BasicBlock(channels, width, stride: stride, random: &random)
                case .bottleneck:
                    BottleneckBlock(
                        channels, inner: (groupWidth << index) * groups, 4 * width, stride: stride, groups: groups, random: &random)
                }
            })
        }
        layer1 = stage(0, random: &random)
        layer2 = stage(1, random: &random)
        layer3 = stage(2, random: &random)
        layer4 = stage(3, random: &random)
        fc = Linear(channels, classes, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let stem = maxpool(bn1(conv1(images), activation: .relu))
        let features = avgpool(layer4(layer3(layer2(layer1(stem)))))
        return fc(Tensor.reshape(features, [features.shape[0], features.shape[-1]]))
    }
}

extension ResNet {
    static let entries = [
        entry("resnet18", .medium, residualPaper, .basic, [2, 2, 2, 2]),
        entry("resnet34", .medium, residualPaper, .basic, [3, 4, 6, 3]),
        entry("resnet50", .medium, residualPaper, .bottleneck, depths50),
        entry("resnet101", .large, residualPaper, .bottleneck, depths101),
        entry("resnet152", .large, residualPaper, .bottleneck, [3, 8, 36, 3]),
        entry("resnext50_32x4d", .medium, aggregatedPaper, .bottleneck, depths50, groups: 32, groupWidth: 4),
        entry("resnext101_32x8d", .large, aggregatedPaper, .bottleneck, depths101, groups: 32, groupWidth: 8),
        entry("resnext101_64x4d", .large, aggregatedPaper, .bottleneck, depths101, groups: 64, groupWidth: 4),
        entry("wide_resnet50_2", .large, widePaper, .bottleneck, depths50, groupWidth: 128),
        entry("wide_resnet101_2", .large, widePaper, .bottleneck, depths101, groupWidth: 128),
    ]

    private static let depths50 = [3, 4, 6, 3]
    private static let depths101 = [3, 4, 23, 3]
    private static let residualPaper = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015"
    private static let aggregatedPaper =
        "Xie, Girshick, Dollár, Tu, He: Aggregated Residual Transformations for Deep Neural Networks, 2016"
    private static let widePaper = "Zagoruyko, Komodakis: Wide Residual Networks, 2016"

    private static func entry(
        _ name: String, _ size: SizeClass, _ paper: String, _ block: Block, _ depths: [Int], groups: Int = 1, groupWidth: Int = 64
    ) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(32), paper: paper,
            builder: .classifier {
                ResNet(block: block, depths: depths, groups: groups, groupWidth: groupWidth, classes: $0, random: &$1)
            })
    }
}

/// A convolution and batch norm that fit the shortcut to a block whose shape changes; nil when it stays.
private func makeShortcut(_ input: Int, _ output: Int, stride: Int, random: inout RandomSource) -> Sequential? {
    guard stride != 1 || input != output else { return nil }
    return convolutionNorm(input, output, kernel: 1, stride: stride, activation: nil, random: &random)
}

/// Two 3×3 convolutions around a shortcut.
private final class BasicBlock: Module, UnaryLayer {
    let conv1: Conv2d
    let bn1: BatchNorm2d
    let conv2: Conv2d
    let bn2: BatchNorm2d
    let downsample: Sequential?

    init(_ input: Int, _ inner: Int, stride: Int, random: inout RandomSource) {
        conv1 = convolution(input, inner, kernel: 3, stride: stride, random: &random)
        bn1 = BatchNorm2d(inner)
        conv2 = convolution(inner, inner, kernel: 3, random: &random)
        bn2 = BatchNorm2d(inner)
        downsample = makeShortcut(input, inner, stride: stride, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let shortcut = downsample?(x) ?? x
        return bn2(conv2(bn1(conv1(x), activation: .relu)), activation: .relu, residual: shortcut)
    }
}

/// 1×1, 3×3 and 1×1 convolutions around a shortcut.
private final class BottleneckBlock: Module, UnaryLayer {
    let conv1: Conv2d
    let bn1: BatchNorm2d
    let conv2: Conv2d
    let bn2: BatchNorm2d
    let conv3: Conv2d
    let bn3: BatchNorm2d
    let downsample: Sequential?

    init(_ input: Int, inner: Int, _ output: Int, stride: Int, groups: Int, random: inout RandomSource) {
        conv1 = convolution(input, inner, kernel: 1, random: &random)
        bn1 = BatchNorm2d(inner)
        conv2 = convolution(inner, inner, kernel: 3, stride: stride, groups: groups, random: &random)
        bn2 = BatchNorm2d(inner)
        conv3 = convolution(inner, output, kernel: 1, random: &random)
        bn3 = BatchNorm2d(output)
        downsample = makeShortcut(input, output, stride: stride, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let shortcut = downsample?(x) ?? x
        let inner = bn2(conv2(bn1(conv1(x), activation: .relu)), activation: .relu)
        return bn3(conv3(inner), activation: .relu, residual: shortcut)
    }
}
