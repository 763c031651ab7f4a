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
            convolutionNorm(3, 16, kernel: 3, stride: 2, norm: mobileNorm, activation: Hardswish(), random: &random)
        ]
        var channels = 16
        for row in rows {
            layers.append(row.makeBlock(channels, random: &random))
            channels = row.output
        }
        layers.append(convolutionNorm(
            channels, 6 * channels, kernel: 1, norm: mobileNorm, activation: Hardswish(), random: &random))
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

    func makeBlock(_ input: Int, random: inout RandomSource) -> InvertedResidual {
        let squeezed = makeDivisible(Double(expanded) / 4)
        return InvertedResidual(
            input, expanded: expanded, output, kernel: kernel, stride: stride, norm: mobileNorm,
            activation: { usesHardswish ? Hardswish() : ReLU() },
            squeezeExcitation: hasSqueeze ? { SqueezeExcitation(expanded, squeezed: squeezed, gate: .hardSigmoid, random: &$0) } : nil,
            random: &random)
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

private let mobileNorm = NormSettings(epsilon: 1e-3, momentum: 0.01)
