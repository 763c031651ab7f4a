import NeuralNetworks
import TensorEngine

/// ConvNeXt (Liu et al., A ConvNet for the 2020s, 2022) with torchvision's key names.
package final class ConvNeXt: Module, ClassificationNetwork {
    let features: Sequential
    let avgpool = AdaptiveAvgPool2d(1)
    let classifier: Classifier

    /// `depths` and `widths` hold the blocks and the channels of each stage, `dropProbability` that of the last block's branch.
    package init(depths: [Int], widths: [Int], dropProbability: Float, classes: Int, random: inout RandomSource) {
        var layers: [any UnaryLayer] = [
            Sequential([biasedConvolution(3, widths[0], kernel: 4, stride: 4, random: &random), norm(widths[0])])
        ]
        let last = Float(max(1, depths.reduce(0, +) - 1))
        var position = 0
        for (stage, depth) in depths.enumerated() {
            let width = widths[stage]
            if stage > 0 {
                layers.append(Sequential([
                    norm(widths[stage - 1]), biasedConvolution(widths[stage - 1], width, kernel: 2, stride: 2, random: &random),
                ]))
            }
            layers.append(Sequential((0..<depth).map { _ in
                defer { position += 1 }
                return ConvNeXtBlock(width, dropProbability: dropProbability * Float(position) / last, random: &random)
            }))
        }
        features = Sequential(layers)
        classifier = Classifier(widths[widths.count - 1], classes, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = avgpool(features(images))
        return classifier(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }

    /// Layer norm and a linear layer, numbered 0 and 2.
    final class Classifier: Module {
        private let norm: LayerNorm
        private let linear: Linear

        init(_ width: Int, _ classes: Int, random: inout RandomSource) {
            norm = VisionModels.norm(width)
            linear = Linear(width, classes, initializer: weights, random: &random)
        }

        override var namedChildren: [(name: String, module: Module)]? { [("0", norm), ("2", linear)] }

        func callAsFunction(_ x: Tensor) -> Tensor { linear(x, after: norm.prologue) }
    }
}

extension ConvNeXt {
    static let entries = [
        entry("convnext_tiny", .medium, [3, 3, 9, 3], width: 96, dropProbability: 0.1),
        entry("convnext_small", .large, [3, 3, 27, 3], width: 96, dropProbability: 0.4),
        entry("convnext_base", .large, [3, 3, 27, 3], width: 128, dropProbability: 0.5),
        entry("convnext_large", .large, [3, 3, 27, 3], width: 192, dropProbability: 0.5),
    ]

    private static func entry(
        _ name: String, _ size: SizeClass, _ depths: [Int], width: Int, dropProbability: Float
    ) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(32),
            paper: "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie: A ConvNet for the 2020s, 2022",
            builder: .classifier {
                ConvNeXt(
                    depths: depths, widths: (0..<4).map { width << $0 }, dropProbability: dropProbability, classes: $0, random: &$1)
            })
    }
}

private let weights = WeightInitializer.normal(standardDeviation: 0.02)

private func norm(_ channels: Int) -> LayerNorm { LayerNorm(channels, epsilon: 1e-6) }

private func biasedConvolution(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1, random: inout RandomSource
) -> Conv2d {
    Conv2d(
        input, output, kernel: kernel, stride: stride, padding: padding, groups: groups, initializer: weights, random: &random)
}

/// A depthwise 7×7 convolution, layer norm and two linear layers around a GELU; each channel of the sum is scaled and the
/// block's input added.
private final class ConvNeXtBlock: Module, UnaryLayer {
    let layer_scale: Parameter
    let block: Branch
    let stochastic_depth: StochasticDepth

    init(_ width: Int, dropProbability: Float, random: inout RandomSource) {
        layer_scale = Parameter(.filled([width, 1, 1], with: 1e-6))
        block = Branch(width, random: &random)
        stochastic_depth = StochasticDepth(dropProbability, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        block(x, residual: LinearResidual(x, scale: layer_scale, factors: stochastic_depth.factors(images: x.shape[0])))
    }

    /// The layers with parameters, numbered 0, 2, 3 and 5.
    final class Branch: Module {
        private let depthwise: Conv2d
        private let norm: LayerNorm
        private let expansion: Linear
        private let projection: Linear

        init(_ width: Int, random: inout RandomSource) {
            depthwise = biasedConvolution(width, width, kernel: 7, padding: 3, groups: width, random: &random)
            norm = VisionModels.norm(width)
            expansion = Linear(width, 4 * width, initializer: weights, random: &random)
            projection = Linear(4 * width, width, initializer: weights, random: &random)
        }

        override var namedChildren: [(name: String, module: Module)]? {
            [("0", depthwise), ("2", norm), ("3", expansion), ("5", projection)]
        }

        func callAsFunction(_ x: Tensor, residual: LinearResidual) -> Tensor {
            projection(expansion(depthwise(x), after: norm.prologue), after: .activation(.gelu), residual: residual)
        }
    }
}
