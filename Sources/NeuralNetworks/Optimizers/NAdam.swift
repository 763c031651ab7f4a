import Glibc
import TensorEngine

/// NAdam (Dozat, 2016) by torch's rule: Adam whose first moment looks one step ahead, with a momentum that grows by
/// μₜ = β₁(1 − ½·0.96^(tψ)).
package final class NAdam: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.002, betas = NumberPair(0.9, 0.999), epsilon = 1e-8, weightDecay = 0.0
        package var momentumDecay = 0.004, isDecoupled = false, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots(["exp_avg", "exp_avg_sq"], scalars: ["mu_product"])
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, moment, segments in
            let rate = Double(group.learningRate), step = Double(moment.step)
            func momentum(_ step: Double) -> Double {
                Double(group.momentum) * (1 - 0.5 * pow(0.96, step * options.momentumDecay))
            }
            let present = momentum(step), next = momentum(step + 1)
            moment.scalars[0] *= Float(present)
            let product = Double(moment.scalars[0])
            OptimizerKernels.adaptive(
                segments: segments,
                .init(
                    maximize: options.maximize, weightDecay: group.weightDecay,
                    decoupledRate: options.isDecoupled ? group.learningRate : nil),
                beta1: group.momentum, beta2: Float(options.betas.second), epsilon: Float(options.epsilon),
                gradientRate: Float(rate * (1 - present) / (1 - product)), momentumRate: Float(rate * next / (1 - product * next)),
                inverseRoot: Float(1 / (1 - pow(options.betas.second, step)).squareRoot()))
        }
    }
}

extension NAdam.Options {
    enum CodingKeys: String, CodingKey {
        case betas, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay", momentumDecay = "momentum_decay"
        case isDecoupled = "decoupled_weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&betas, .betas)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&momentumDecay, .momentumDecay)
        try keys.read(&isDecoupled, .isDecoupled)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.002"), .betas, .epsilon("1e-08"), .weightDecay("0"),
        Setting("momentum_decay", .number(0...1), standard: "0.004", "how fast the momentum grows to its full value"),
        .decoupled, .maximize,
    ]

    package var groupMomentum: Double? { betas.first }
}
