import Glibc
import TensorEngine

/// RAdam (Liu et al., 2019) by torch's rule: Adam that divides by the second moment only once its variance is tractable,
/// and then by a rectified one.
package final class RAdam: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.001, betas = NumberPair(0.9, 0.999), epsilon = 1e-8, weightDecay = 0.0
        package var isDecoupled = false, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots(["exp_avg", "exp_avg_sq"])
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, moment, segments in
            let step = Double(moment.step), beta2 = options.betas.second
            let correction2 = 1 - pow(beta2, step)
            let rate = Double(group.learningRate) / (1 - pow(Double(group.momentum), step))
            let longest = 2 / (1 - beta2) - 1
            let length = longest - 2 * step * pow(beta2, step) / correction2
            let rectification: Double? = length > 5
                ? ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)).squareRoot() : nil
            OptimizerKernels.adaptive(
                segments: segments,
                .init(
                    maximize: options.maximize, weightDecay: group.weightDecay,
                    decoupledRate: options.isDecoupled ? group.learningRate : nil),
                beta1: group.momentum, beta2: Float(beta2), epsilon: Float(options.epsilon), gradientRate: 0,
                momentumRate: Float(rate * (rectification.map { $0 * correction2.squareRoot() } ?? 1)),
                inverseRoot: rectification == nil ? nil : 1)
        }
    }
}

extension RAdam.Options {
    enum CodingKeys: String, CodingKey {
        case betas, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay", isDecoupled = "decoupled_weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&betas, .betas)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&isDecoupled, .isDecoupled)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.001"), .betas, .epsilon("1e-08"), .weightDecay("0"), .decoupled, .maximize,
    ]

    package var groupMomentum: Double? { betas.first }
}
