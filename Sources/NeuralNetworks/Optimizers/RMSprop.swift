import TensorEngine

/// RMSprop (Hinton's lecture 6e, 2012; centred by Graves, 2013) by torch's rule: the gradient over the root of its running
/// square, or of its running variance where it is centred, with momentum if wanted.
package final class RMSprop: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.01, alpha = 0.99, epsilon = 1e-8, weightDecay = 0.0, momentum = 0.0
        package var centered = false, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots: OptimizerSlots
    private let options: Options
    private let keepsMomentum: Bool

    /// A momentum buffer is kept when a group has momentum at the start.
    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
        keepsMomentum = groups.contains { $0.momentum > 0 }
        slots = OptimizerSlots(["square_avg"] + (options.centered ? ["grad_avg"] : []) + (keepsMomentum ? ["momentum_buffer"] : []))
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, _, segments in
            OptimizerKernels.rmsprop(
                segments: segments, .init(maximize: options.maximize, weightDecay: group.weightDecay), rate: group.learningRate,
                alpha: Float(options.alpha), momentum: keepsMomentum ? group.momentum : nil, centered: options.centered,
                epsilon: Float(options.epsilon))
        }
    }
}

extension RMSprop.Options {
    enum CodingKeys: String, CodingKey {
        case alpha, momentum, centered, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&alpha, .alpha)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&momentum, .momentum)
        try keys.read(&centered, .centered)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.01"),
        Setting("alpha", .number(0...1), standard: "0.99", "decay rate of the running square"),
        .epsilon("1e-08"), .weightDecay("0"),
        Setting("momentum", .number(0...0.9999), standard: "0", "share of the last change that goes on"),
        Setting("centered", .boolean, standard: "false", "divide by the running variance instead of the running square"),
        .maximize,
    ]

    package var groupMomentum: Double? { momentum }
}
