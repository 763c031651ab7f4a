import NeuralNetworks
import TensorEngine

/// MnasNet-B1 (Tan et al., MnasNet: Platform-Aware Neural Architecture Search for Mobile, 2018) with torchvision's key names.
package final class MNASNet: Module, ClassificationNetwork {
    let layers: Sequential
    let classifier: Sequential

    /// All widths but the last are multiplied by `widthMultiplier` and rounded to multiples of eight.
    package init(widthMultiplier: Double, classes: Int, random: inout RandomSource) {
        func width(_ channels: Int) -> Int { makeDivisible(Double(channels) * widthMultiplier) }
        let stem = width(32), first = width(16), last = 1280
        var all = convolutionNormLayers(3, stem, kernel: 3, stride: 2, norm: slowNorm, activation: ReLU(), random: &random)
        all += convolutionNormLayers(
            stem, stem, kernel: 3, groups: stem, norm: slowNorm, activation: ReLU(), random: &random)
        all += convolutionNormLayers(stem, first, kernel: 1, norm: slowNorm, activation: nil, random: &random)
        var channels = first
        for stage in stages {
            let output = width(stage.output)
            all.append(Sequential((0..<stage.repeats).map { position in
                defer { channels = output }
                return SearchedBlock(
                    channels, expansion: stage.expansion, output, kernel: stage.kernel, stride: position == 0 ? stage.stride : 1,
                    random: &random)
            }))
        }
        all += convolutionNormLayers(channels, last, kernel: 1, norm: slowNorm, activation: ReLU(), random: &random)
        layers = Sequential(all)
        // He's uniform bound over the outputs, with the gain of a sigmoid: one.
        let bound = (3 / Float(classes)).squareRoot()
        classifier = Sequential([
            Dropout(0.2, random: &random), Linear(last, classes, initializer: .uniform(bound: bound), random: &random),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(layers(images))
        return classifier(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension MNASNet {
    static let entries = [
        entry("mnasnet0_5", 0.5), entry("mnasnet0_75", 0.75), entry("mnasnet1_0", 1), entry("mnasnet1_3", 1.3),
    ]

    private static func entry(_ name: String, _ widthMultiplier: Double) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: .small, inputSize: .atLeast(32),
            paper: "Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le: MnasNet: Platform-Aware Neural Architecture Search for Mobile, 2018",
            builder: .classifier { MNASNet(widthMultiplier: widthMultiplier, classes: $0, random: &$1) })
    }
}

/// Running statistics keep 0.9997 of their old value.
private let slowNorm = NormSettings(momentum: 1 - 0.9997)

private let stages: [(kernel: Int, expansion: Int, output: Int, repeats: Int, stride: Int)] = [
    (3, 3, 24, 3, 2), (5, 3, 40, 3, 2), (5, 6, 80, 3, 2), (3, 6, 96, 2, 1), (5, 6, 192, 4, 2), (3, 6, 320, 1, 1),
]

/// Expansion, depthwise convolution and a projection without activation, all layers numbered in one row.
private final class SearchedBlock: Module, UnaryLayer {
    let layers: Sequential
    private let hasShortcut: Bool

    init(_ input: Int, expansion: Int, _ output: Int, kernel: Int, stride: Int, random: inout RandomSource) {
        let expanded = input * expansion
        var all = convolutionNormLayers(input, expanded, kernel: 1, norm: slowNorm, activation: ReLU(), random: &random)
        all += convolutionNormLayers(
            expanded, expanded, kernel: kernel, stride: stride, groups: expanded, norm: slowNorm, activation: ReLU(), random: &random)
        all += convolutionNormLayers(expanded, output, kernel: 1, norm: slowNorm, activation: nil, random: &random)
        layers = Sequential(all)
        hasShortcut = stride == 1 && input == output
    }

    func callAsFunction(_ x: Tensor) -> Tensor { hasShortcut ? layers(x, residual: x) : layers(x) }
}
