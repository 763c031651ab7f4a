import NeuralNetworks
import TensorEngine

/// Networks whose layers see the outputs of all layers before them in their block (Huang et al., Densely Connected
/// Convolutional Networks, 2016), with torchvision's key names.
package final class DenseNet: Module, ClassificationNetwork {
    let features: Features
    let avgpool = AdaptiveAvgPool2d(1)
    let classifier: Linear

    /// `growth` is the number of channels that each layer adds, `depths` the number of layers in each of the four blocks.
    package init(growth: Int, stem: Int, depths: [Int], classes: Int, random: inout RandomSource) {
        features = Features(growth: growth, stem: stem, depths: depths, random: &random)
        classifier = Linear(features.channels, classes, biasInitializer: .normal(standardDeviation: 0), random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor { classifier(Tensor.flatten(avgpool(features(images)))) }

    /// Stem, dense blocks with transitions between them, and the last batch norm with its activation.
    final class Features: Module, UnaryLayer {
        let conv0: Conv2d
        let norm0: BatchNorm2d
        private let pool0 = MaxPool2d(kernel: 3, stride: 2, padding: 1)
        /// A dense block each; a transition follows all but the last.
        private let blocks: [DenseBlock]
        private let transitions: [Transition]
        let norm5: BatchNorm2d
        let channels: Int

        init(growth: Int, stem: Int, depths: [Int], random: inout RandomSource) {
            conv0 = convolution(3, stem, kernel: 7, stride: 2, random: &random)
            norm0 = BatchNorm2d(stem)
            var channels = stem, blocks: [DenseBlock] = [], transitions: [Transition] = []
            for (index, depth) in depths.enumerated() {
                blocks.append(DenseBlock(channels, growth: growth, depth: depth, random: &random))
                channels += depth * growth
                if index + 1 < depths.count {
                    transitions.append(Transition(channels, random: &random))
                    channels /= 2
                }
            }
            self.blocks = blocks
            self.transitions = transitions
            self.channels = channels
            norm5 = BatchNorm2d(channels)
        }

        override var namedChildren: [(name: String, module: Module)]? {
            var children: [(name: String, module: Module)] = [("conv0", conv0), ("norm0", norm0), ("pool0", pool0)]
            for (index, block) in blocks.enumerated() {
                children.append(("denseblock\(index + 1)", block))
                if index < transitions.count { children.append(("transition\(index + 1)", transitions[index])) }
            }
            return children + [("norm5", norm5)]
        }

        func callAsFunction(_ images: Tensor) -> Tensor {
            var x = pool0(norm0(conv0(images), activation: .relu))
            for (index, block) in blocks.enumerated() {
                x = block(x)
                if index < transitions.count { x = transitions[index](x) }
            }
            return norm5(x, activation: .relu)
        }
    }
}

extension DenseNet {
    static let entries = [
        entry("densenet121", .small, growth: 32, stem: 64, [6, 12, 24, 16]),
        entry("densenet161", .medium, growth: 48, stem: 96, [6, 12, 36, 24]),
        entry("densenet169", .medium, growth: 32, stem: 64, [6, 12, 32, 32]),
        entry("densenet201", .medium, growth: 32, stem: 64, [6, 12, 48, 32]),
    ]

    private static func entry(_ name: String, _ size: SizeClass, growth: Int, stem: Int, _ depths: [Int]) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(29),
            paper: "Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, 2016",
            builder: .classifier { DenseNet(growth: growth, stem: stem, depths: depths, classes: $0, random: &$1) })
    }
}

private func convolution(_ input: Int, _ output: Int, kernel: Int, stride: Int = 1, random: inout RandomSource) -> Conv2d {
    Conv2d(
        input, output, kernel: kernel, stride: stride, padding: kernel / 2, bias: false, initializer: .kaimingNormalFanIn,
        random: &random)
}

/// Layers that each add their channels to those before: `[N, H, W, C]` → `[N, H, W, C + depth · growth]`.
private final class DenseBlock: Module, UnaryLayer {
    private let layers: [DenseLayer]

    init(_ input: Int, growth: Int, depth: Int, random: inout RandomSource) {
        layers = (0..<depth).map { DenseLayer(input + $0 * growth, growth: growth, random: &random) }
    }

    override var namedChildren: [(name: String, module: Module)]? {
        layers.enumerated().map { ("denselayer\($0.offset + 1)", $0.element) }
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        layers.reduce(x) { features, layer in Tensor.concatenateChannels([features, layer(features)]) }
    }
}

/// 1×1 and 3×3 convolutions, batch norm and activation before each.
private final class DenseLayer: Module, UnaryLayer {
    let norm1: BatchNorm2d
    let conv1: Conv2d
    let norm2: BatchNorm2d
    let conv2: Conv2d

    init(_ input: Int, growth: Int, random: inout RandomSource) {
        let inner = 4 * growth
        norm1 = BatchNorm2d(input)
        conv1 = convolution(input, inner, kernel: 1, random: &random)
        norm2 = BatchNorm2d(inner)
        conv2 = convolution(inner, growth, kernel: 3, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        conv2(norm2(conv1(norm1(x, activation: .relu)), activation: .relu))
    }
}

/// Halves the channels by a 1×1 convolution and the image's sides by their mean.
private final class Transition: Module, UnaryLayer {
    let norm: BatchNorm2d
    let conv: Conv2d
    let pool = AvgPool2d(kernel: 2, stride: 2)

    init(_ input: Int, random: inout RandomSource) {
        norm = BatchNorm2d(input)
        conv = convolution(input, input / 2, kernel: 1, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { pool(conv(norm(x, activation: .relu))) }
}
