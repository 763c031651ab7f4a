import TensorEngine

/// Adadelta (Zeiler, 2012) by torch's rule: changes in the unit of the values, from running squares of gradients and changes.
package final class Adadelta: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 1.0, rho = 0.9, epsilon = 1e-6, weightDecay = 0.0, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots(["square_avg", "acc_delta"])
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, _, segments in
            OptimizerKernels.adadelta(
                segments: segments, .init(maximize: options.maximize, weightDecay: group.weightDecay), rate: group.learningRate,
                rho: Float(options.rho), epsilon: Float(options.epsilon))
        }
    }
}

extension Adadelta.Options {
    enum CodingKeys: String, CodingKey {
        case rho, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&rho, .rho)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("1"),
        Setting("rho", .number(0...1), standard: "0.9", "decay rate of the running squares"),
        .epsilon("1e-06"), .weightDecay("0"), .maximize,
    ]

    package var groupMomentum: Double? { nil }
}
