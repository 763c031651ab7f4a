import NeuralNetworks
import TensorEngine

/// MobileNetV3 (Howard et al., Searching for MobileNetV3, 2019) with torchvision's key names.
package final class MobileNetV3: Module, ClassificationNetwork {
    package enum Size: Sendable { case small, large }

    let features: Sequential
    let avgpool = AdaptiveAvgPool2d(1)
    let classifier: Sequential

    package init(_ size: Size, classes: Int, random: inout RandomSource) {
        let rows = size == .small ? smallRows : largeRows
        var layers: [any UnaryLayer] = [
            ConvNormActivation(3, 16, kernel: 3, stride: 2, activation: Hardswish(), random: &random)
        ]
        var channels = 16
        for row in rows {
            layers.append(InvertedResidual(channels, row, random: &random))
            channels = row.output
        }
        layers.append(ConvNormActivation(channels, 6 * channels, kernel: 1, activation: Hardswish(), random: &random))
        features = Sequential(layers)
        let hidden = size == .small ? 1024 : 1280
        classifier = Sequential([
            Linear(6 * channels, hidden, initializer: .normal(standardDeviation: 0.01), random: &random),
            Hardswish(),
            Dropout(0.2, random: &random),
            Linear(hidden, classes, initializer: .normal(standardDeviation: 0.01), random: &random),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = avgpool(features(images))
        return classifier(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension MobileNetV3 {
    static let entries = [entry("mobilenet_v3_small", .small), entry("mobilenet_v3_large", .large)]

    private static func entry(_ name: String, _ variant: Size) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: .small, inputSize: .atLeast(32),
            paper: "Howard et al.: Searching for MobileNetV3, 2019",
            builder: .classifier { MobileNetV3(variant, classes: $0, random: &$1) })
    }
}

/// One row of the paper's tables 1 and 2.
private struct BlockRow {
    let kernel, expanded, output: Int
    let hasSqueeze, usesHardswish: Bool
    let stride: Int

    init(_ kernel: Int, _ expanded: Int, _ output: Int, squeeze: Bool, hardswish: Bool, stride: Int) {
        self.kernel = kernel
        self.expanded = expanded
        self.output = output
        hasSqueeze = squeeze
        usesHardswish = hardswish
        self.stride = stride
    }
}

private let smallRows = [
    BlockRow(3, 16, 16, squeeze: true, hardswish: false, stride: 2),
    BlockRow(3, 72, 24, squeeze: false, hardswish: false, stride: 2),
    BlockRow(3, 88, 24, squeeze: false, hardswish: false, stride: 1),
    BlockRow(5, 96, 40, squeeze: true, hardswish: true, stride: 2),
    BlockRow(5, 240, 40, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 240, 40, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 120, 48, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 144, 48, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 288, 96, squeeze: true, hardswish: true, stride: 2),
    BlockRow(5, 576, 96, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 576, 96, squeeze: true, hardswish: true, stride: 1),
]

private let largeRows = [
    BlockRow(3, 16, 16, squeeze: false, hardswish: false, stride: 1),
    BlockRow(3, 64, 24, squeeze: false, hardswish: false, stride: 2),
    BlockRow(3, 72, 24, squeeze: false, hardswish: false, stride: 1),
    BlockRow(5, 72, 40, squeeze: true, hardswish: false, stride: 2),
    BlockRow(5, 120, 40, squeeze: true, hardswish: false, stride: 1),
    BlockRow(5, 120, 40, squeeze: true, hardswish: false, stride: 1),
    BlockRow(3, 240, 80, squeeze: false, hardswish: true, stride: 2),
    BlockRow(3, 200, 80, squeeze: false, hardswish: true, stride: 1),
    BlockRow(3, 184, 80, squeeze: false, hardswish: true, stride: 1),
    BlockRow(3, 184, 80, squeeze: false, hardswish: true, stride: 1),
    BlockRow(3, 480, 112, squeeze: true, hardswish: true, stride: 1),
    BlockRow(3, 672, 112, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 672, 160, squeeze: true, hardswish: true, stride: 2),
    BlockRow(5, 960, 160, squeeze: true, hardswish: true, stride: 1),
    BlockRow(5, 960, 160, squeeze: true, hardswish: true, stride: 1),
]

/// Convolution, batch norm (epsilon 1e-3, momentum 0.01) and an optional activation, numbered 0, 1, 2.
private final class ConvNormActivation: Sequential {
    init(
        _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1, activation: ActivationLayer?,
        random: inout RandomSource
    ) {
        let convolution = Conv2d(
            input, output, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false,
            initializer: .kaimingNormalFanOut, random: &random)
        let norm = BatchNorm2d(output, epsilon: 1e-3, momentum: 0.01)
        var layers: [any UnaryLayer] = [convolution, norm]
        if let activation { layers.append(activation) }
        super.init(layers)
    }
}

/// Expansion, depthwise convolution, optional squeeze and excitation, projection; a shortcut where the shape stays.
private final class InvertedResidual: Module, UnaryLayer {
    let block: Sequential
    private let hasShortcut: Bool

    init(_ input: Int, _ row: BlockRow, random: inout RandomSource) {
        func activation() -> ActivationLayer { row.usesHardswish ? Hardswish() : ReLU() }
        var layers: [any UnaryLayer] = []
        if row.expanded != input {
            layers.append(ConvNormActivation(input, row.expanded, kernel: 1, activation: activation(), random: &random))
        }
        layers.append(ConvNormActivation(
            row.expanded, row.expanded, kernel: row.kernel, stride: row.stride, groups: row.expanded,
            activation: activation(), random: &random))
        if row.hasSqueeze { layers.append(SqueezeExcitation(row.expanded, random: &random)) }
        layers.append(ConvNormActivation(row.expanded, row.output, kernel: 1, activation: nil, random: &random))
        block = Sequential(layers)
        hasShortcut = row.stride == 1 && input == row.output
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        hasShortcut ? Tensor.add(block(x), x) : block(x)
    }
}

/// Scales each channel by a gate computed from the channels' means (Hu et al., 2017).
private final class SqueezeExcitation: Module, UnaryLayer {
    let fc1: Conv2d
    let fc2: Conv2d

    init(_ channels: Int, random: inout RandomSource) {
        let squeezed = divisibleByEight(Double(channels) / 4)
        fc1 = Conv2d(channels, squeezed, kernel: 1, initializer: .kaimingNormalFanOut, random: &random)
        fc2 = Conv2d(squeezed, channels, kernel: 1, initializer: .kaimingNormalFanOut, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let squeezed = Tensor.activation(fc1(Tensor.globalAveragePool(x)), .relu)
        return Tensor.scaleChannels(x, by: Tensor.activation(fc2(squeezed), .hardSigmoid))
    }
}

/// The nearest multiple of eight that is at least 90 % of `value` (Sandler et al., MobileNetV2, 2018).
private func divisibleByEight(_ value: Double) -> Int {
    let nearest = max(8, Int(value + 4) / 8 * 8)
    return Double(nearest) < 0.9 * value ? nearest + 8 : nearest
}
