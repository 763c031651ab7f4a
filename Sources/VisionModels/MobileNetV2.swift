import NeuralNetworks
import TensorEngine

/// MobileNetV2 (Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018) with torchvision's key names.
package final class MobileNetV2: Module, ClassificationNetwork {
    let features: Sequential
    let classifier: Sequential

    package init(classes: Int, random: inout RandomSource) {
        var layers: [any UnaryLayer] = [
            convolutionNorm(3, 32, kernel: 3, stride: 2, activation: ReLU6(), random: &random)
        ]
        var channels = 32
        for row in rows {
            for position in 0..<row.repeats {
                layers.append(LinearBottleneck(
                    channels, expansion: row.expansion, row.output, stride: position == 0 ? row.stride : 1, random: &random))
                channels = row.output
            }
        }
        layers.append(convolutionNorm(channels, 1280, kernel: 1, activation: ReLU6(), random: &random))
        features = Sequential(layers)
        classifier = Sequential([
            Dropout(0.2, random: &random),
            Linear(1280, classes, initializer: .normal(standardDeviation: 0.01), random: &random),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(features(images))
        return classifier(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension MobileNetV2 {
    static let entries = [
        ArchitectureEntry(
            name: "mobilenet_v2", architecture: "mobilenet_v2 (Torchvision)", sizeClass: .small, inputSize: .atLeast(32),
            paper: "Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018",
            builder: .classifier { MobileNetV2(classes: $0, random: &$1) })
    ]
}

/// The paper's table 2.
private let rows: [(expansion: Int, output: Int, repeats: Int, stride: Int)] = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
]

/// Expansion, depthwise convolution and a projection without activation, whose layers are numbered along with the blocks before.
private final class LinearBottleneck: Module, UnaryLayer {
    let conv: Sequential
    private let hasShortcut: Bool

    init(_ input: Int, expansion: Int, _ output: Int, stride: Int, random: inout RandomSource) {
        let expanded = input * expansion
        var layers: [any UnaryLayer] = []
        if expansion != 1 { layers.append(convolutionNorm(input, expanded, kernel: 1, activation: ReLU6(), random: &random)) }
        layers.append(convolutionNorm(
            expanded, expanded, kernel: 3, stride: stride, groups: expanded, activation: ReLU6(), random: &random))
        layers += convolutionNormLayers(expanded, output, kernel: 1, activation: nil, random: &random)
        conv = Sequential(layers)
        hasShortcut = stride == 1 && input == output
    }

    func callAsFunction(_ x: Tensor) -> Tensor { hasShortcut ? conv(x, residual: x) : conv(x) }
}
