import Foundation
import NeuralNetworks
import TensorEngine

/// RegNetX and RegNetY (Radosavovic et al., Designing Network Design Spaces, 2020) with torchvision's key names.
package final class RegNet: Module, ClassificationNetwork {
    let stem: Sequential
    let trunk_output: NumberedModules
    let fc: Linear

    package init(_ design: Design, classes: Int, random: inout RandomSource) {
        var channels = 32
        stem = convolutionNorm(3, channels, kernel: 3, stride: 2, activation: ReLU(), random: &random)
        let stages = design.stages.enumerated().map { index, stage in
            NumberedModules(prefix: "block\(index + 1)-", from: 0, (0..<stage.depth).map { position in
                defer { channels = stage.width }
                return RegNetBlock(
                    channels, stage.width, stride: position == 0 ? 2 : 1, groups: stage.groups,
                    hasSqueezeExcitation: design.hasSqueezeExcitation, random: &random)
            })
        }
        trunk_output = NumberedModules(prefix: "block", from: 1, stages)
        fc = Linear(channels, classes, initializer: .normal(standardDeviation: 0.01), random: &random)
    }

    package func callAsFunction(_ images: Tensor) -> Tensor {
        let pooled = Tensor.globalAveragePool(trunk_output(stem(images)))
        return fc(Tensor.reshape(pooled, [pooled.shape[0], pooled.shape[-1]]))
    }
}

extension RegNet {
    /// The paper's parameters of one network: block widths grow as w₀ + wₐ·j and are quantised to powers of wₘ.
    package struct Design: Sendable {
        let depth, initialWidth: Int
        let slope, multiplier: Double
        let groupWidth: Int
        let hasSqueezeExcitation: Bool

        /// Blocks of equal width: how many, how wide, in how many groups.
        var stages: [(depth: Int, width: Int, groups: Int)] {
            let widths = (0..<depth).map { index in
                let linear = Double(initialWidth) + slope * Double(index)
                let exponent = (log(linear / Double(initialWidth)) / log(multiplier)).rounded(.toNearestOrEven)
                return Int((Double(initialWidth) * pow(multiplier, exponent) / 8).rounded(.toNearestOrEven)) * 8
            }
            return Set(widths).sorted().map { width in
                let group = min(groupWidth, width), fitting = makeDivisible(Double(width), by: group)
                return (depth: widths.count { $0 == width }, width: fitting, groups: fitting / group)
            }
        }
    }

    static let entries = [
        entry("regnet_x_400mf", .small, depth: 22, 24, 24.48, 2.54, group: 16),
        entry("regnet_x_800mf", .small, depth: 16, 56, 35.73, 2.28, group: 16),
        entry("regnet_x_1_6gf", .small, depth: 18, 80, 34.01, 2.25, group: 24),
        entry("regnet_x_3_2gf", .medium, depth: 25, 88, 26.31, 2.25, group: 48),
        entry("regnet_x_8gf", .large, depth: 23, 80, 49.56, 2.88, group: 120),
        entry("regnet_x_16gf", .large, depth: 22, 216, 55.59, 2.1, group: 128),
        entry("regnet_x_32gf", .large, depth: 23, 320, 69.86, 2, group: 168),
        entry("regnet_y_400mf", .small, depth: 16, 48, 27.89, 2.09, group: 8, isY: true),
        entry("regnet_y_800mf", .small, depth: 14, 56, 38.84, 2.4, group: 16, isY: true),
        entry("regnet_y_1_6gf", .medium, depth: 27, 48, 20.71, 2.65, group: 24, isY: true),
        entry("regnet_y_3_2gf", .medium, depth: 21, 80, 42.63, 2.66, group: 24, isY: true),
        entry("regnet_y_8gf", .large, depth: 17, 192, 76.82, 2.19, group: 56, isY: true),
        entry("regnet_y_16gf", .large, depth: 18, 200, 106.23, 2.48, group: 112, isY: true),
        entry("regnet_y_32gf", .large, depth: 20, 232, 115.89, 2.53, group: 232, isY: true),
        entry("regnet_y_128gf", .large, depth: 27, 456, 160.83, 2.52, group: 264, isY: true),
    ]

    private static func entry(
        _ name: String, _ size: SizeClass, depth: Int, _ initialWidth: Int, _ slope: Double, _ multiplier: Double, group: Int,
        isY: Bool = false
    ) -> ArchitectureEntry {
        let design = Design(
            depth: depth, initialWidth: initialWidth, slope: slope, multiplier: multiplier, groupWidth: group,
            hasSqueezeExcitation: isY)
        return ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, inputSize: .atLeast(32),
            paper: "Radosavovic, Kosaraju, Girshick, He, Dollár: Designing Network Design Spaces, 2020",
            builder: .classifier { RegNet(design, classes: $0, random: &$1) })
    }
}

/// Modules one after another, named by a prefix and a number.
final class NumberedModules: Module, UnaryLayer {
    private let layers: [any UnaryLayer]
    private let prefix: String
    private let first: Int

    init(prefix: String, from first: Int, _ layers: [any UnaryLayer]) {
        self.prefix = prefix
        self.first = first
        self.layers = layers
    }

    override var namedChildren: [(name: String, module: Module)]? {
        layers.enumerated().map { (prefix + String(first + $0.offset), $0.element) }
    }

    func callAsFunction(_ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }
}

/// A bottleneck block without a bottleneck: 1×1, grouped 3×3 and 1×1 convolutions of one width around a shortcut.
private final class RegNetBlock: Module, UnaryLayer {
    let proj: Sequential?
    let f: RegNetTransform

    init(
        _ input: Int, _ width: Int, stride: Int, groups: Int, hasSqueezeExcitation: Bool, random: inout RandomSource
    ) {
        proj = stride == 1 && input == width
            ? nil : convolutionNorm(input, width, kernel: 1, stride: stride, activation: nil, random: &random)
        f = RegNetTransform(
            input, width, stride: stride, groups: groups, hasSqueezeExcitation: hasSqueezeExcitation, random: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { f(x, residual: proj?(x) ?? x) }
}

/// The residual branch of a block, with the sum and the ReLU after it.
private final class RegNetTransform: Module {
    let a: Sequential
    let b: Sequential
    let se: SqueezeExcitation?
    let c: Sequential

    init(
        _ input: Int, _ width: Int, stride: Int, groups: Int, hasSqueezeExcitation: Bool, random: inout RandomSource
    ) {
        a = convolutionNorm(input, width, kernel: 1, activation: ReLU(), random: &random)
        b = convolutionNorm(width, width, kernel: 3, stride: stride, groups: groups, activation: ReLU(), random: &random)
        // The squeeze is a quarter of the block's input, not of its width.
        let squeezed = Int((0.25 * Double(input)).rounded(.toNearestOrEven))
        se = hasSqueezeExcitation
            ? SqueezeExcitation(width, squeezed: squeezed, biasInitializer: .torchDefault, random: &random) : nil
        c = convolutionNorm(width, width, kernel: 1, activation: nil, random: &random)
    }

    func callAsFunction(_ x: Tensor, residual: Tensor) -> Tensor {
        let inner = b(a(x))
        return c(se?(inner) ?? inner, residual: residual, activation: .relu)
    }
}
