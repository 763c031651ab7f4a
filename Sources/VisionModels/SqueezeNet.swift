import NeuralNetworks
import TensorEngine

/// SqueezeNet (Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, 2016) with torchvision's key names.
package final class SqueezeNet: Module, ClassificationNetwork {
    /// The paper's network, and the authors' later one that pools earlier and takes 2.4 times less work.
    package enum Version: Sendable { case original, economical }

    let features: Sequential
    let classifier: Sequential

    package init(_ version: Version, classes: Int, random: inout RandomSource) {
        let isOriginal = version == .original
        let channels = isOriginal ? 96 : 64
        var layers: [any UnaryLayer] = [
            Conv2d(3, channels, kernel: isOriginal ? 7 : 3, stride: 2, initializer: .kaimingUniform, random: &random), ReLU(), makePool(),
        ]
        // Two fire modules of each width but for the pools between them.
        let widths = [16, 16, 32, 32, 48, 48, 64, 64]
        let poolsBefore = isOriginal ? [3, 7] : [2, 4]
        var input = channels
        for (index, squeezed) in widths.enumerated() {
            if poolsBefore.contains(index) { layers.append(makePool()) }
            layers.append(Fire(input, squeezed: squeezed, random: &random))
            input = 8 * squeezed
        }
        features = Sequential(layers)
        classifier = Sequential([
            Dropout(0.5, random: &random),
            Conv2d(input, classes, kernel: 1, initializer: .normal(standardDeviation: 0.01), random: &random),
            ReLU(),
            AdaptiveAvgPool2d(1),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor { Tensor.flatten(classifier(features(images))) }
}

extension SqueezeNet {
    static let entries = [entry("squeezenet1_0", .original, side: 21), entry("squeezenet1_1", .economical, side: 17)]

    private static func entry(_ name: String, _ version: Version, side: Int) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: .small, inputSize: .atLeast(side),
            paper: "Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, 2016",
            builder: .classifier { SqueezeNet(version, classes: $0, random: &$1) })
    }
}

private func makePool() -> MaxPool2d { MaxPool2d(kernel: 3, stride: 2, ceilMode: true) }

/// A 1×1 convolution that squeezes the channels, then 1×1 and 3×3 convolutions side by side, four times as wide each.
private final class Fire: Module, UnaryLayer {
    let squeeze, expand1x1, expand3x3: Conv2d

    init(_ input: Int, squeezed: Int, random: inout RandomSource) {
        let expanded = 4 * squeezed
        squeeze = Conv2d(input, squeezed, kernel: 1, initializer: .kaimingUniform, random: &random)
        expand1x1 = Conv2d(squeezed, expanded, kernel: 1, initializer: .kaimingUniform, random: &random)
        expand3x3 = Conv2d(squeezed, expanded, kernel: 3, padding: 1, initializer: .kaimingUniform, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let squeezed = Tensor.activation(squeeze(x), .relu)
        return Tensor.activation(Tensor.concatenateChannels([expand1x1(squeezed), expand3x3(squeezed)]), .relu)
    }
}
