import Glibc
import NeuralNetworks
import TensorEngine

/// Convolution, batch norm (epsilon 1e-3, momentum 0.03) and SiLU.
final class ConvolutionBlock: Module, UnaryLayer {
    let conv: Conv2d
    let bn: BatchNorm2d

    init(_ input: Int, _ output: Int, kernel: Int, stride: Int = 1, random: inout RandomSource) {
        conv = Conv2d(input, output, kernel: kernel, stride: stride, padding: kernel / 2, bias: false, random: &random)
        bn = BatchNorm2d(output, epsilon: 1e-3, momentum: 0.03)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { bn(conv(x), activation: .silu) }
}

/// Two 3×3 convolutions, with a shortcut around them in the backbone.
final class ResidualPair: Module, UnaryLayer {
    let cv1: ConvolutionBlock
    let cv2: ConvolutionBlock
    private let hasShortcut: Bool

    init(_ channels: Int, hasShortcut: Bool, random: inout RandomSource) {
        cv1 = ConvolutionBlock(channels, channels, kernel: 3, random: &random)
        cv2 = ConvolutionBlock(channels, channels, kernel: 3, random: &random)
        self.hasShortcut = hasShortcut
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let result = cv2(cv1(x))
        return hasShortcut ? Tensor.add(x, result) : result
    }
}

/// Splits channels in half, sends one half through a chain and joins every link of the chain with both halves.
final class C2fBlock: Module, UnaryLayer {
    let cv1: ConvolutionBlock
    let cv2: ConvolutionBlock
    let m: ModuleList<ResidualPair>
    private let hidden: Int

    init(_ input: Int, _ output: Int, repeats: Int, hasShortcut: Bool, random: inout RandomSource) {
        hidden = output / 2
        cv1 = ConvolutionBlock(input, 2 * hidden, kernel: 1, random: &random)
        cv2 = ConvolutionBlock((2 + repeats) * hidden, output, kernel: 1, random: &random)
        var links: [ResidualPair] = []
        for _ in 0..<repeats { links.append(ResidualPair(output / 2, hasShortcut: hasShortcut, random: &random)) }
        m = ModuleList(links)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        var parts = Tensor.splitChannels(cv1(x), sizes: [hidden, hidden])
        var last = parts[1]
        for link in m.elements {
            last = link(last)
            parts.append(last)
        }
        return cv2(Tensor.concatenateChannels(parts))
    }
}

/// Joins an image with its maxima over 5×5, 9×9 and 13×13 windows, the larger ones by repetition
/// (after He et al., Spatial Pyramid Pooling, 2014).
final class PyramidPoolingBlock: Module, UnaryLayer {
    let cv1: ConvolutionBlock
    let cv2: ConvolutionBlock
    let m = MaxPool2d(kernel: 5, stride: 1, padding: 2)

    init(_ channels: Int, random: inout RandomSource) {
        cv1 = ConvolutionBlock(channels, channels / 2, kernel: 1, random: &random)
        cv2 = ConvolutionBlock(channels / 2 * 4, channels, kernel: 1, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let reduced = cv1(x)
        let small = m(reduced)
        let middle = m(small)
        return cv2(Tensor.concatenateChannels([reduced, small, middle, m(middle)]))
    }
}

/// One branch of the head for boxes (`cv2`) and one for classes (`cv3`) on each level.
final class DetectionHead: Module {
    /// Bins of each box side's distribution.
    static let bins = 16

    let cv2: ModuleList<Sequential>
    let cv3: ModuleList<Sequential>
    let dfl: DistributionWeights
    private let strides: [Int]

    init(channels: [Int], strides: [Int], classes: Int, random: inout RandomSource) {
        self.strides = strides
        let boxWidth = max(16, channels[0] / 4, 4 * Self.bins), classWidth = max(channels[0], min(classes, 100))
        var boxes: [Sequential] = [], scores: [Sequential] = []
        for (input, stride) in zip(channels, strides) {
            boxes.append(makeBranch(input, boxWidth, 4 * Self.bins, bias: 2, random: &random))
            // About five objects in an image of 640 pixels, spread over this level's cells and all classes.
            let cells = (640 / Double(stride)) * (640 / Double(stride))
            scores.append(makeBranch(input, classWidth, classes, bias: Float(log(5 / Double(classes) / cells)), random: &random))
        }
        cv2 = ModuleList(boxes)
        cv3 = ModuleList(scores)
        dfl = DistributionWeights(bins: Self.bins, random: &random)
    }

    func callAsFunction(_ features: [Tensor]) -> DetectionOutput {
        func rows(_ x: Tensor) -> Tensor { Tensor.reshape(x, [x.shape[0], x.shape[1] * x.shape[2], x.shape[3]]) }
        let boxes = features.indices.map { rows(cv2[$0](features[$0])) }
        let scores = features.indices.map { rows(cv3[$0](features[$0])) }
        return DetectionOutput(
            boxes: Tensor.concatenate(boxes, axis: 1), scores: Tensor.concatenate(scores, axis: 1),
            levels: zip(features, strides).map { (height: $0.shape[1], width: $0.shape[2], stride: $1) })
    }
}

private func makeBranch(_ input: Int, _ width: Int, _ output: Int, bias: Float, random: inout RandomSource) -> Sequential {
    let last = Conv2d(width, output, kernel: 1, random: &random)
    last.bias?.value.assign(.filled([output], with: bias))
    return Sequential([
        ConvolutionBlock(input, width, kernel: 3, random: &random),
        ConvolutionBlock(width, width, kernel: 3, random: &random),
        last,
    ])
}

/// The fixed weights 0, 1, … that turn a side's distribution into its expected length; kept for checkpoints' sake.
final class DistributionWeights: Module {
    let conv: Conv2d

    init(bins: Int, random: inout RandomSource) {
        conv = Conv2d(bins, 1, kernel: 1, bias: false, random: &random)
        conv.weight.value.assign(Tensor((0..<bins).map(Float.init), shape: [1, 1, 1, bins]))
        conv.weight.requiresGradient = false
    }
}
