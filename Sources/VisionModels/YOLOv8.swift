import Glibc
import NeuralNetworks
import TensorEngine

/// YOLOv8: an anchor-free detector over three levels with distribution focal loss boxes.
///
/// Cross-stage partial backbone (Wang et al., 2019), path aggregation neck (Liu et al., 2018), decoupled head
/// (Ge et al., YOLOX, 2021; Li et al., Generalized Focal Loss, 2020). Keys are those of published checkpoints.
package final class YOLOv8: Module, DetectionNetwork {
    /// How a size scales the base network: repeats, channels, and the most channels before scaling.
    package struct Scale: Sendable {
        package let depth, width: Double
        package let maximumChannels: Int

        package static let nano = Scale(depth: 1.0 / 3, width: 0.25, maximumChannels: 1024)
        package static let small = Scale(depth: 1.0 / 3, width: 0.5, maximumChannels: 1024)
        package static let medium = Scale(depth: 2.0 / 3, width: 0.75, maximumChannels: 768)
        package static let large = Scale(depth: 1, width: 1, maximumChannels: 512)
        package static let extraLarge = Scale(depth: 1, width: 1.25, maximumChannels: 512)

        /// Scaled channels, rounded up to a multiple of eight.
        func channels(_ base: Int) -> Int { Int((Double(min(base, maximumChannels)) * width / 8).rounded(.up)) * 8 }
        func repeats(_ base: Int) -> Int { max(1, Int((Double(base) * depth).rounded())) }
    }

    package let classCount: Int
    package let strides = [8, 16, 32]
    package override var headPrefixes: [String] { ["model.22"] }
    /// The 23 stages, numbered as in published checkpoints; resampling and joining take numbers too.
    let model: ModuleList<Module>

    private let stem: [any UnaryLayer]
    private let thirdLevel, fourthLevel, fifthLevel: [any UnaryLayer]
    private let fourthDown, thirdDown, fourthUp, fifthUp: C2fBlock
    private let thirdReduce, fourthReduce: ConvolutionBlock
    private let head: DetectionHead

    package init(_ scale: Scale, classes: Int, random: inout RandomSource) {
        classCount = classes
        let c1 = scale.channels(64), c2 = scale.channels(128), c3 = scale.channels(256)
        let c4 = scale.channels(512), c5 = scale.channels(1024)
        let short = scale.repeats(3), long = scale.repeats(6)
        stem = [
            ConvolutionBlock(3, c1, kernel: 3, stride: 2, random: &random),
            ConvolutionBlock(c1, c2, kernel: 3, stride: 2, random: &random),
            C2fBlock(c2, c2, repeats: short, hasShortcut: true, random: &random),
        ]
        thirdLevel = [
            ConvolutionBlock(c2, c3, kernel: 3, stride: 2, random: &random),
            C2fBlock(c3, c3, repeats: long, hasShortcut: true, random: &random),
        ]
        fourthLevel = [
            ConvolutionBlock(c3, c4, kernel: 3, stride: 2, random: &random),
            C2fBlock(c4, c4, repeats: long, hasShortcut: true, random: &random),
        ]
        fifthLevel = [
            ConvolutionBlock(c4, c5, kernel: 3, stride: 2, random: &random),
            C2fBlock(c5, c5, repeats: short, hasShortcut: true, random: &random),
            PyramidPoolingBlock(c5, random: &random),
        ]
        fourthDown = C2fBlock(c5 + c4, c4, repeats: short, hasShortcut: false, random: &random)
        thirdDown = C2fBlock(c4 + c3, c3, repeats: short, hasShortcut: false, random: &random)
        thirdReduce = ConvolutionBlock(c3, c3, kernel: 3, stride: 2, random: &random)
        fourthUp = C2fBlock(c3 + c4, c4, repeats: short, hasShortcut: false, random: &random)
        fourthReduce = ConvolutionBlock(c4, c4, kernel: 3, stride: 2, random: &random)
        fifthUp = C2fBlock(c4 + c5, c5, repeats: short, hasShortcut: false, random: &random)
        head = DetectionHead(channels: [c3, c4, c5], strides: strides, classes: classes, random: &random)
        let backbone: [Module] = stem + thirdLevel + fourthLevel + fifthLevel
        model = ModuleList(backbone + [
            Identity(), Identity(), fourthDown, Identity(), Identity(), thirdDown,
            thirdReduce, Identity(), fourthUp, fourthReduce, Identity(), fifthUp, head,
        ])
    }

    /// The stages stand in `model` under their published numbers; the other properties are their roles.
    override package var namedChildren: [(name: String, module: Module)]? { [("model", model)] }

    package func callAsFunction(_ images: Tensor) -> DetectionOutput {
        func apply(_ layers: [any UnaryLayer], _ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }
        let third = apply(thirdLevel, apply(stem, images))
        let fourth = apply(fourthLevel, third)
        let fifth = apply(fifthLevel, fourth)
        let down4 = fourthDown(Tensor.concatenateChannels([Tensor.upsampleNearest(fifth, factor: 2), fourth]))
        let down3 = thirdDown(Tensor.concatenateChannels([Tensor.upsampleNearest(down4, factor: 2), third]))
        let up4 = fourthUp(Tensor.concatenateChannels([thirdReduce(down3), down4]))
        let up5 = fifthUp(Tensor.concatenateChannels([fourthReduce(up4), fifth]))
        return head([down3, up4, up5])
    }
}

extension YOLOv8 {
    static let entries = [
        entry("YOLOv8_nano", "YOLOv8 - Nano", .small, .nano),
        entry("YOLOv8_small", "YOLOv8 - Small", .medium, .small),
        entry("YOLOv8_medium", "YOLOv8 - Medium", .medium, .medium),
        entry("YOLOv8_large", "YOLOv8 - Large", .large, .large),
        entry("YOLOv8_xl", "YOLOv8 - Extra large", .large, .extraLarge),
    ]

    private static func entry(_ name: String, _ label: String, _ size: SizeClass, _ scale: Scale) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: label, sizeClass: size, inputSize: .atLeast(32),
            paper: "Li et al.: Generalized Focal Loss, 2020; Feng et al.: TOOD, 2021; Ge et al.: YOLOX, 2021",
            builder: .detector { YOLOv8(scale, classes: $0, random: &$1) })
    }
}
