import TensorEngine

/// Stochastic gradient descent by torch's rule: g += λθ; b = μb + (1 − τ)g (b = g the first time); θ −= η(g + μb) with
/// Nesterov's momentum (Sutskever et al., 2013), θ −= ηb without.
package final class SGD: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.001, momentum = 0.0, dampening = 0.0, weightDecay = 0.0, nesterov = false, maximize = false

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
        slots = OptimizerSlots(keepsMomentum ? ["momentum_buffer"] : [])
    }

    package func update(_ groups: [ParameterGroup]) {
        let dampening = Float(options.dampening), sign: Float = options.maximize ? -1 : 1
        slots.update(groups) { group, moment, segments in
            if keepsMomentum, dampening != 0 {
                OptimizerKernels.sgdDampened(
                    segments: segments, .init(maximize: options.maximize, weightDecay: group.weightDecay),
                    learningRate: group.learningRate, momentum: group.momentum, dampening: dampening, isFirst: moment.step == 1)
            } else if keepsMomentum {
                // Without dampening the rule is linear in the gradient: climbing is descending with both rates turned round.
                OptimizerKernels.sgd(
                    segments: segments, learningRate: sign * group.learningRate, momentum: group.momentum,
                    weightDecay: sign * group.weightDecay, nesterov: options.nesterov)
            } else {
                OptimizerKernels.sgd(segments: segments, learningRate: sign * group.learningRate, weightDecay: sign * group.weightDecay)
            }
        }
    }
}

extension SGD.Options {
    enum CodingKeys: String, CodingKey {
        case momentum, dampening, nesterov, maximize
        case learningRate = "lr", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&momentum, .momentum)
        try keys.read(&dampening, .dampening)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&nesterov, .nesterov)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.001"),
        Setting("momentum", .number(0...0.9999), standard: "0", "share of the last change that goes on"),
        Setting("dampening", .number(0...1), standard: "0", "share of the gradient that does not join the momentum"),
        .weightDecay("0"),
        Setting("nesterov", .boolean, standard: "false", "take the gradient's step from where the momentum leads"),
        .maximize,
    ]

    package var conflicts: [SettingConflict] {
        guard nesterov else { return [] }
        return (momentum == 0 ? [SettingConflict(key: "nesterov", reason: "Nesterov's rule needs a momentum above 0")] : [])
            + (dampening != 0 ? [SettingConflict(key: "dampening", reason: "Nesterov's rule needs a dampening of 0")] : [])
    }

    package var groupMomentum: Double? { momentum }
}
