import TensorEngine

/// Rprop (Riedmiller and Braun, 1993) by torch's rule: every element has a step size of its own that grows while its
/// gradient keeps its sign; how large the gradient is does not matter. For whole-data gradients rather than batches.
package final class Rprop: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.01, etas = NumberPair(0.5, 1.2), stepSizes = NumberPair(1e-6, 50), maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots { group, parameter in
        [.init(name: "prev", shape: parameter.shape), .init(name: "step_size", shape: parameter.shape, start: group.learningRate)]
    }
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    package func update(_ groups: [ParameterGroup]) {
        let least = Float(options.stepSizes.first), most = Float(options.stepSizes.second)
        slots.update(groups) { _, _, segments in
            OptimizerKernels.rprop(
                segments: segments, maximize: options.maximize, factors: (Float(options.etas.first), Float(options.etas.second)),
                sizes: min(least, most)...most)
        }
    }
}

extension Rprop.Options {
    enum CodingKeys: String, CodingKey {
        case etas, maximize
        case learningRate = "lr", stepSizes = "step_sizes"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&etas, .etas)
        try keys.read(&stepSizes, .stepSizes)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        Setting("lr", .number(0...1000), standard: "0.01", "the step sizes' start"),
        Setting(
            "etas", .tuple([.number(1e-6...0.999999), .number(1.000001...100)]), standard: "[0.5, 1.2]",
            "factors of a step size when the gradient turns and when it keeps its sign"),
        Setting(
            "step_sizes", .tuple([.number(0...1000), .number(0...1000)]), standard: "[1e-06, 50]", "smallest and largest step size"),
        .maximize,
    ]

    package var conflicts: [SettingConflict] {
        stepSizes.first > stepSizes.second
            ? [SettingConflict(key: "step_sizes", reason: "the smallest step size comes first and is at most the largest")] : []
    }

    package var weightDecay: Double { 0 }
    package var groupMomentum: Double? { nil }
}
