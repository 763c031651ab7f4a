import NeuralNetworks
import TensorEngine

/// EfficientNet (Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019) with torchvision's key names.
package final class EfficientNet: Module, ClassificationNetwork {
    /// What the paper's compound scaling sets for one network.
    package struct Scaling: Sendable {
        let width, depth: Double
        let dropout: Float
        let norm: NormSettings

        init(width: Double, depth: Double, dropout: Float, norm: NormSettings = NormSettings()) {
            self.width = width
            self.depth = depth
            self.dropout = dropout
            self.norm = norm
        }
    }

    let features: Sequential
    let classifier: Sequential

    package init(_ scaling: Scaling, classes: Int, random: inout RandomSource) {
        func width(_ channels: Int) -> Int { makeDivisible(Double(channels) * scaling.width) }
        func depth(_ repeats: Int) -> Int { Int((Double(repeats) * scaling.depth).rounded(.up)) }
        let blockCount = stages.reduce(0) { $0 + depth($1.repeats) }
        var channels = width(32), blockIndex = 0
        var layers: [any UnaryLayer] = [
            convolutionNorm(3, channels, kernel: 3, stride: 2, norm: scaling.norm, activation: SiLU(), random: &random)
        ]
        for stage in stages {
            let output = width(stage.output)
            layers.append(Sequential((0..<depth(stage.repeats)).map { position in
                defer { (channels, blockIndex) = (output, blockIndex + 1) }
                let input = channels, expanded = makeDivisible(Double(input * stage.expansion))
                return InvertedResidual(
                    input, expanded: expanded, output, kernel: stage.kernel, stride: position == 0 ? stage.stride : 1,
                    norm: scaling.norm, activation: SiLU.init,
                    squeezeExcitation: {
                        SqueezeExcitation(expanded, squeezed: max(1, input / 4), activation: .silu, random: &$0)
                    },
                    // The rate of dropping grows evenly from the first block to the last.
                    dropProbability: 0.2 * Float(blockIndex) / Float(blockCount), random: &random)
            }))
        }
        let last = 4 * channels
        layers.append(convolutionNorm(channels, last, kernel: 1, norm: scaling.norm, activation: SiLU(), random: &random))
        features = Sequential(layers)
        classifier = Sequential([
            Dropout(scaling.dropout, random: &random),
            Linear(last, classes, initializer: .uniform(bound: 1 / Float(classes).squareRoot()), random: &random),
        ])
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(features(images))
        return classifier(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension EfficientNet {
    static let entries = [
        entry("efficientnet_b0", .small, Scaling(width: 1, depth: 1, dropout: 0.2)),
        entry("efficientnet_b1", .small, Scaling(width: 1, depth: 1.1, dropout: 0.2)),
        entry("efficientnet_b2", .small, Scaling(width: 1.1, depth: 1.2, dropout: 0.3)),
        entry("efficientnet_b3", .medium, Scaling(width: 1.2, depth: 1.4, dropout: 0.3)),
        entry("efficientnet_b4", .medium, Scaling(width: 1.4, depth: 1.8, dropout: 0.4)),
        entry("efficientnet_b5", .large, Scaling(width: 1.6, depth: 2.2, dropout: 0.4, norm: wideNorm)),
        entry("efficientnet_b6", .large, Scaling(width: 1.8, depth: 2.6, dropout: 0.5, norm: wideNorm)),
        entry("efficientnet_b7", .large, Scaling(width: 2, depth: 3.1, dropout: 0.5, norm: wideNorm)),
    ]

    private static func entry(_ name: String, _ size: SizeClass, _ scaling: Scaling) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(32),
            paper: "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019",
            builder: .classifier { EfficientNet(scaling, classes: $0, random: &$1) })
    }
}

/// The largest networks train in small batches, so their running statistics move slowly.
private let wideNorm = NormSettings(epsilon: 1e-3, momentum: 0.01)

/// The paper's table 1.
private let stages: [(expansion: Int, kernel: Int, stride: Int, output: Int, repeats: Int)] = [
    (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1),
]
