import NeuralNetworks
import TensorEngine

/// The vision transformer (Dosovitskiy et al., An Image is Worth 16x16 Words, 2020) with torchvision's key names.
///
/// It takes images of one size only, because each patch's position is a parameter.
package final class VisionTransformer: Module, ClassificationNetwork {
    package struct Configuration: Sendable {
        let patch, depth, heads, width, hidden: Int
    }

    /// Pixels a side of an image.
    package static let imageSide = 224

    let class_token: Parameter
    let conv_proj: Conv2d
    let encoder: Encoder
    let heads: Head

    package init(_ configuration: Configuration, classes: Int, random: inout RandomSource) {
        let width = configuration.width, side = Self.imageSide / configuration.patch
        class_token = Parameter(.zeros([1, 1, width]))
        let deviation = 1 / Float(3 * configuration.patch * configuration.patch).squareRoot()
        conv_proj = Conv2d(
            3, width, kernel: configuration.patch, stride: configuration.patch, initializer: .normal(standardDeviation: deviation),
            random: &random)
        encoder = Encoder(configuration, tokens: side * side + 1, random: &random)
        heads = Head(width, classes, random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let patches = conv_proj(images)
        let tokens = Tensor.reshape(patches, [patches.shape[0], patches.shape[1] * patches.shape[2], patches.shape[3]])
        return heads(encoder(tokens, classToken: class_token))
    }

    /// The linear layer that reads the class token.
    final class Head: Module {
        let head: Linear

        init(_ width: Int, _ classes: Int, random: inout RandomSource) {
            head = Linear(width, classes, initializer: .normal(standardDeviation: 0), random: &random)
        }

        func callAsFunction(_ x: Tensor) -> Tensor { head(x) }
    }
}

extension VisionTransformer {
    static let entries = [
        entry("vit_b_16", base(patch: 16)), entry("vit_b_32", base(patch: 32)),
        entry("vit_l_16", large(patch: 16)), entry("vit_l_32", large(patch: 32)),
        entry("vit_h_14", Configuration(patch: 14, depth: 32, heads: 16, width: 1280, hidden: 5120)),
    ]

    private static func base(patch: Int) -> Configuration {
        Configuration(patch: patch, depth: 12, heads: 12, width: 768, hidden: 3072)
    }

    private static func large(patch: Int) -> Configuration {
        Configuration(patch: patch, depth: 24, heads: 16, width: 1024, hidden: 4096)
    }

    private static func entry(_ name: String, _ configuration: Configuration) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: .large, inputSize: .exactly(imageSide),
            paper: "Dosovitskiy et al.: An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale, 2020",
            builder: .classifier { VisionTransformer(configuration, classes: $0, random: &$1) })
    }
}

extension VisionTransformer {
    /// Positions, transformer blocks and the last norm, of which only the class token is read.
    final class Encoder: Module {
        let pos_embedding: Parameter
        let layers: Layers
        let ln: LayerNorm

        init(_ configuration: Configuration, tokens: Int, random: inout RandomSource) {
            let initializer = WeightInitializer.normal(standardDeviation: 0.02)
            pos_embedding = Parameter(initializer.makeTensor([1, tokens, configuration.width], random: &random))
            layers = Layers(configuration, random: &random)
            ln = LayerNorm(configuration.width, epsilon: 1e-6)
        }

        /// Patches `[N, L, C]` to the normalised class token `[N, C]`.
        func callAsFunction(_ patches: Tensor, classToken: Parameter) -> Tensor {
            ln(layers(Tensor.prependToken(patches, token: classToken, positions: pos_embedding)))
        }
    }

    /// The blocks, named `encoder_layer_0` and so on.
    final class Layers: Module {
        private let blocks: [EncoderBlock]

        init(_ configuration: Configuration, random: inout RandomSource) {
            blocks = (0..<configuration.depth).map { _ in EncoderBlock(configuration, random: &random) }
        }

        override var namedChildren: [(name: String, module: Module)]? {
            blocks.enumerated().map { ("encoder_layer_\($0.offset)", $0.element) }
        }

        /// Tokens `[N, L, C]` to the class token `[N, C]`: past the last block's attention nothing reads another token.
        func callAsFunction(_ tokens: Tensor) -> Tensor {
            var x = tokens
            for block in blocks.dropLast() { x = block(x) }
            return blocks.last?.classToken(x) ?? Tensor.firstToken(x)
        }
    }
}

/// Attention and two linear layers, each after a norm and around a shortcut.
private final class EncoderBlock: Module {
    let ln_1: LayerNorm
    let self_attention: SelfAttention
    let ln_2: LayerNorm
    let mlp: FeedForward

    init(_ configuration: VisionTransformer.Configuration, random: inout RandomSource) {
        ln_1 = LayerNorm(configuration.width, epsilon: 1e-6)
        self_attention = SelfAttention(configuration.width, heads: configuration.heads, random: &random)
        ln_2 = LayerNorm(configuration.width, epsilon: 1e-6)
        mlp = FeedForward(
            configuration.width, hidden: configuration.hidden, initializer: .xavierUniform, biasDeviation: 1e-6, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { finish(self_attention.attend(x, after: ln_1), shortcut: x) }

    /// The first token of the block's result.
    func classToken(_ x: Tensor) -> Tensor { finish(self_attention.attendFromFirst(x, after: ln_1), shortcut: Tensor.firstToken(x)) }

    private func finish(_ attended: Tensor, shortcut: Tensor) -> Tensor {
        let x = self_attention.out_proj(attended, after: .none, residual: LinearResidual(shortcut))
        return mlp(x, after: ln_2, residual: LinearResidual(x))
    }
}

/// Attention of all tokens to all, with torch's packed projection.
private final class SelfAttention: Module {
    let in_proj_weight: Parameter
    let in_proj_bias: Parameter
    let out_proj: Linear
    private let heads: Int

    init(_ width: Int, heads: Int, random: inout RandomSource) {
        in_proj_weight = Parameter(WeightInitializer.xavierUniform.makeTensor([3 * width, width], random: &random))
        in_proj_bias = Parameter(.zeros([3 * width]))
        out_proj = Linear(width, width, random: &random)
        out_proj.bias?.value.assign(.zeros([width]))
        self.heads = heads
    }

    /// The heads' results side by side, before the projection.
    func attend(_ x: Tensor, after norm: LayerNorm) -> Tensor {
        let packed = Tensor.linear(x, weight: in_proj_weight, bias: in_proj_bias, prologue: norm.prologue)
        return Tensor.attention(packed, heads: heads, windows: AttentionWindows(whole: x.shape[1]))
    }

    /// The same of each image's first token alone: `[N, C]`.
    func attendFromFirst(_ x: Tensor, after norm: LayerNorm) -> Tensor {
        Tensor.firstTokenAttention(x, norm: norm.settings, weight: in_proj_weight, bias: in_proj_bias, heads: heads)
    }
}
