import NeuralNetworks
import TensorEngine

/// ShuffleNet V2 (Ma et al., ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design, 2018) with torchvision's key names.
package final class ShuffleNetV2: Module, ClassificationNetwork {
    let conv1: Sequential
    let maxpool = MaxPool2d(kernel: 3, stride: 2, padding: 1)
    let stage2, stage3, stage4, conv5: Sequential
    let fc: Linear

    /// `widths` holds the output channels of the three stages and of the last convolution.
    package init(widths: [Int], classes: Int, random: inout RandomSource) {
        var channels = 24
        conv1 = Sequential(layers(3, channels, kernel: 3, stride: 2, isActive: true, random: &random))
        func stage(_ output: Int, repeats: Int, random: inout RandomSource) -> Sequential {
            Sequential((0..<repeats).map { position in
                defer { channels = output }
                return position == 0
                    ? ReducingUnit(channels, output, random: &random) : ShufflingUnit(output, random: &random)
            })
        }
        stage2 = stage(widths[0], repeats: 4, random: &random)
        stage3 = stage(widths[1], repeats: 8, random: &random)
        stage4 = stage(widths[2], repeats: 4, random: &random)
        conv5 = Sequential(layers(channels, widths[3], kernel: 1, isActive: true, random: &random))
        fc = Linear(widths[3], classes, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(conv5(stage4(stage3(stage2(maxpool(conv1(images)))))))
        return fc(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension ShuffleNetV2 {
    static let entries = [
        entry("shufflenet_v2_x0_5", [48, 96, 192, 1024]), entry("shufflenet_v2_x1_0", [116, 232, 464, 1024]),
        entry("shufflenet_v2_x1_5", [176, 352, 704, 1024]), entry("shufflenet_v2_x2_0", [244, 488, 976, 2048]),
    ]

    private static func entry(_ name: String, _ widths: [Int]) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: .small, inputSize: .atLeast(32),
            paper: "Ma, Zhang, Zheng, Sun: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design, 2018",
            builder: .classifier { ShuffleNetV2(widths: widths, classes: $0, random: &$1) })
    }
}

/// Convolution, batch norm and perhaps ReLU, with torch's default weights.
private func layers(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1, isActive: Bool, random: inout RandomSource
) -> [any UnaryLayer] {
    convolutionNormLayers(
        input, output, kernel: kernel, stride: stride, groups: groups, initializer: .torchDefault,
        activation: isActive ? ReLU() : nil, random: &random)
}

/// 1×1, depthwise 3×3 and 1×1 convolutions: the branch that both units have.
private func makeBranch(_ input: Int, _ output: Int, stride: Int, random: inout RandomSource) -> Sequential {
    Sequential(
        layers(input, output, kernel: 1, isActive: true, random: &random)
            + layers(output, output, kernel: 3, stride: stride, groups: output, isActive: false, random: &random)
            + layers(output, output, kernel: 1, isActive: true, random: &random))
}

/// Passes half of the channels by and mixes both halves afterwards.
private final class ShufflingUnit: Module, UnaryLayer {
    let branch2: Sequential

    init(_ channels: Int, random: inout RandomSource) {
        branch2 = makeBranch(channels / 2, channels / 2, stride: 1, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let half = x.shape[-1] / 2
        let parts = Tensor.splitChannels(x, sizes: [half, half])
        return Tensor.shuffleChannels(Tensor.concatenateChannels([parts[0], branch2(parts[1])]), groups: 2)
    }
}

/// Halves the extents in two branches that both see all channels.
private final class ReducingUnit: Module, UnaryLayer {
    let branch1: Sequential
    let branch2: Sequential

    init(_ input: Int, _ output: Int, random: inout RandomSource) {
        branch1 = Sequential(
            layers(input, input, kernel: 3, stride: 2, groups: input, isActive: false, random: &random)
                + layers(input, output / 2, kernel: 1, isActive: true, random: &random))
        branch2 = makeBranch(input, output / 2, stride: 2, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        Tensor.shuffleChannels(Tensor.concatenateChannels([branch1(x), branch2(x)]), groups: 2)
    }
}
