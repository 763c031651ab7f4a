import NeuralNetworks
import TensorEngine

/// The Swin transformer (Liu et al., Hierarchical Vision Transformer using Shifted Windows, 2021) with torchvision's key names.
package final class SwinTransformer: Module, ClassificationNetwork {
    let features: Sequential
    let norm: LayerNorm
    let head: Linear

    /// `depths` and `heads` hold the blocks and the attention heads of each stage, whose channels double from `width`;
    /// `dropProbability` is that of the last block's branches.
    package init(
        width: Int, depths: [Int], heads: [Int], dropProbability: Float, classes: Int, random: inout RandomSource
    ) {
        var layers: [any UnaryLayer] = [
            Sequential([Conv2d(3, width, kernel: 4, stride: 4, random: &random), Identity(), LayerNorm(width)])
        ]
        let last = Float(max(1, depths.reduce(0, +) - 1))
        var position = 0, channels = width
        for (stage, depth) in depths.enumerated() {
            if stage > 0 {
                layers.append(PatchMerging(channels, random: &random))
                channels *= 2
            }
            layers.append(Sequential((0..<depth).map { block in
                defer { position += 1 }
                return SwinBlock(
                    channels, heads: heads[stage], isShifted: block % 2 == 1,
                    dropProbability: dropProbability * Float(position) / last, random: &random)
            }))
        }
        features = Sequential(layers)
        norm = LayerNorm(channels)
        head = Linear(channels, classes, initializer: weights, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(norm(features(images)))
        return head(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension SwinTransformer {
    static let entries = [
        entry("swin_t", .medium, width: 96, [2, 2, 6, 2], heads: [3, 6, 12, 24], dropProbability: 0.2),
        entry("swin_s", .large, width: 96, [2, 2, 18, 2], heads: [3, 6, 12, 24], dropProbability: 0.3),
        entry("swin_b", .large, width: 128, [2, 2, 18, 2], heads: [4, 8, 16, 32], dropProbability: 0.5),
    ]

    private static func entry(
        _ name: String, _ size: SizeClass, width: Int, _ depths: [Int], heads: [Int], dropProbability: Float
    ) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(32),
            paper: "Liu et al.: Swin Transformer: Hierarchical Vision Transformer using Shifted Windows, 2021",
            builder: .classifier {
                SwinTransformer(
                    width: width, depths: depths, heads: heads, dropProbability: dropProbability, classes: $0, random: &$1)
            })
    }
}

private let weights = WeightInitializer.normal(standardDeviation: 0.02)

/// Joins two by two tokens and maps them to twice the channels.
private final class PatchMerging: Module, UnaryLayer {
    let reduction: Linear
    let norm: LayerNorm

    init(_ channels: Int, random: inout RandomSource) {
        reduction = Linear(4 * channels, 2 * channels, bias: false, initializer: weights, random: &random)
        norm = LayerNorm(4 * channels)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { reduction(Tensor.mergePatches(x), after: norm.prologue) }
}

/// Window attention and two linear layers, each after a norm and around a shortcut.
private final class SwinBlock: Module, UnaryLayer {
    let norm1: LayerNorm
    let attn: WindowAttention
    let stochastic_depth: StochasticDepth
    let norm2: LayerNorm
    let mlp: FeedForward

    init(_ channels: Int, heads: Int, isShifted: Bool, dropProbability: Float, random: inout RandomSource) {
        norm1 = LayerNorm(channels)
        attn = WindowAttention(channels, heads: heads, isShifted: isShifted, random: &random)
        stochastic_depth = StochasticDepth(dropProbability, random: &random)
        norm2 = LayerNorm(channels)
        mlp = FeedForward(channels, hidden: 4 * channels, initializer: weights, random: &random)
    }

    func callAsFunction(_ images: Tensor) -> Tensor {
        let x = attn(images, after: norm1, residual: residual(images))
        return mlp(x, after: norm2, residual: residual(x))
    }

    private func residual(_ x: Tensor) -> LinearResidual {
        LinearResidual(x, factors: stochastic_depth.factors(images: x.shape[0]))
    }
}

/// Attention within windows of 7×7 tokens, every second time moved by three, with a learned bias for each relative position.
private final class WindowAttention: Module {
    private static let side = 7

    let relative_position_bias_table: Parameter
    let relative_position_index: IndexBuffer
    let qkv: Linear
    let proj: Linear
    private let heads, shift: Int

    init(_ channels: Int, heads: Int, isShifted: Bool, random: inout RandomSource) {
        let span = 2 * Self.side - 1
        relative_position_bias_table = Parameter(weights.makeTensor([span * span, heads], random: &random))
        relative_position_index = IndexBuffer(Self.relativePositions())
        qkv = Linear(channels, 3 * channels, initializer: weights, random: &random)
        proj = Linear(channels, channels, initializer: weights, random: &random)
        self.heads = heads
        shift = isShifted ? Self.side / 2 : 0
    }

    /// The table's row for each pair of places in a window: their distance along both axes, moved to start at zero.
    private static func relativePositions() -> [Int64] {
        let places = (0..<side * side).map { (row: $0 / side, column: $0 % side) }
        return places.flatMap { first in
            places.map { second in
                Int64((first.row - second.row + side - 1) * (2 * side - 1) + first.column - second.column + side - 1)
            }
        }
    }

    /// residual + projection(attention(norm(x))) for x `[N, H, W, C]`.
    func callAsFunction(_ x: Tensor, after norm: LayerNorm, residual: LinearResidual) -> Tensor {
        let attended = Tensor.attention(
            qkv(x, after: norm.prologue), heads: heads,
            windows: AttentionWindows(height: x.shape[1], width: x.shape[2], side: Self.side, shift: shift),
            positionBias: RelativePositionBias(table: relative_position_bias_table, index: relative_position_index.values),
            padding: qkv.bias)
        return proj(attended, after: .none, residual: residual)
    }
}
