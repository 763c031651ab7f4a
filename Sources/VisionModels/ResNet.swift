import NeuralNetworks
import TensorEngine

/// Residual networks (He et al., Deep Residual Learning for Image Recognition, 2015), with the stride of a
/// bottleneck in its 3×3 convolution and torchvision's key names.
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

    /// `depths` holds the number of blocks in each of the four stages.
    package init(block: Block, depths: [Int], classes: Int, random: inout RandomSource) {
        conv1 = Conv2d(3, 64, kernel: 7, stride: 2, padding: 3, bias: false, initializer: .kaimingNormalFanOut, random: &random)
        var channels = 64
        func stage(_ index: Int, random: inout RandomSource) -> Sequential {
            let inner = 64 << index
            return Sequential((0..<depths[index]).map { position in
                let stride = position == 0 && index > 0 ? 2 : 1
                defer { channels = inner * block.expansion }
                return switch block {
                case .basic: BasicBlock(channels, inner, stride: stride, random: &random)
                case .bottleneck: BottleneckBlock(channels, inner, stride: stride, random: &random)
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
        entry("resnet18", .medium, .basic, [2, 2, 2, 2]),
        entry("resnet34", .medium, .basic, [3, 4, 6, 3]),
        entry("resnet50", .medium, .bottleneck, [3, 4, 6, 3]),
    ]

    private static func entry(_ name: String, _ size: SizeClass, _ block: Block, _ depths: [Int]) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(32),
            paper: "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015",
            builder: .classifier { ResNet(block: block, depths: depths, classes: $0, random: &$1) })
    }
}

/// A convolution and batch norm that fit the shortcut to a block whose shape changes; nil when it stays.
private func makeShortcut(_ input: Int, _ output: Int, stride: Int, random: inout RandomSource) -> Sequential? {
    guard stride != 1 || input != output else { return nil }
    return Sequential([convolution(input, output, kernel: 1, stride: stride, random: &random), BatchNorm2d(output)])
}

private func convolution(_ input: Int, _ output: Int, kernel: Int, stride: Int = 1, random: inout RandomSource) -> Conv2d {
    Conv2d(
        input, output, kernel: kernel, stride: stride, padding: kernel / 2, bias: false,
        initializer: .kaimingNormalFanOut, random: &random)
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

/// 1×1, 3×3 and 1×1 convolutions around a shortcut; the last widens four times.
private final class BottleneckBlock: Module, UnaryLayer {
    let conv1: Conv2d
    let bn1: BatchNorm2d
    let conv2: Conv2d
    let bn2: BatchNorm2d
    let conv3: Conv2d
    let bn3: BatchNorm2d
    let downsample: Sequential?

    init(_ input: Int, _ inner: Int, stride: Int, random: inout RandomSource) {
        conv1 = convolution(input, inner, kernel: 1, random: &random)
        bn1 = BatchNorm2d(inner)
        conv2 = convolution(inner, inner, kernel: 3, stride: stride, random: &random)
        bn2 = BatchNorm2d(inner)
        conv3 = convolution(inner, 4 * inner, kernel: 1, random: &random)
        bn3 = BatchNorm2d(4 * inner)
        downsample = makeShortcut(input, 4 * inner, stride: stride, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let shortcut = downsample?(x) ?? x
        let inner = bn2(conv2(bn1(conv1(x), activation: .relu)), activation: .relu)
        return bn3(conv3(inner), activation: .relu, residual: shortcut)
    }
}
