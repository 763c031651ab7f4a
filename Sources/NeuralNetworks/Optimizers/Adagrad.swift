import TensorEngine

/// Adagrad (Duchi, Hazan and Singer, 2011) by torch's rule: every element's rate falls with the sum of its squared gradients.
package final class Adagrad: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.01, learningRateDecay = 0.0, weightDecay = 0.0, initialAccumulatorValue = 0.0
        package var epsilon = 1e-10, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots: OptimizerSlots
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
        slots = OptimizerSlots { _, parameter in
            [.init(name: "sum", shape: parameter.shape, start: Float(options.initialAccumulatorValue))]
        }
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, moment, segments in
            OptimizerKernels.adagrad(
                segments: segments, .init(maximize: options.maximize, weightDecay: group.weightDecay),
                rate: Float(Double(group.learningRate) / (1 + Double(moment.step - 1) * options.learningRateDecay)),
                epsilon: Float(options.epsilon))
        }
    }
}

extension Adagrad.Options {
    enum CodingKeys: String, CodingKey {
        case maximize
        case learningRate = "lr", learningRateDecay = "lr_decay", epsilon = "eps", weightDecay = "weight_decay"
        case initialAccumulatorValue = "initial_accumulator_value"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&learningRateDecay, .learningRateDecay)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&initialAccumulatorValue, .initialAccumulatorValue)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.01"),
        Setting("lr_decay", .number(0...1000), standard: "0", "the learning rate is divided by 1 + lr_decay · steps"),
        .weightDecay("0"),
        Setting("initial_accumulator_value", .number(0...1000), standard: "0", "where the sums of squared gradients start"),
        .epsilon("1e-10"), .maximize,
    ]

    package var groupMomentum: Double? { nil }
}
