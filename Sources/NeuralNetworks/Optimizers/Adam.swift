import Glibc
import TensorEngine

/// Adam (Kingma and Ba, 2014) by torch's rule; weight decay is added to the gradient, or shrinks the value where it is
/// decoupled; AMSGrad (Reddi et al., 2018) divides by the largest second moment so far.
package class Adam: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.001, betas = NumberPair(0.9, 0.999), epsilon = 1e-8, weightDecay = 0.0
        package var amsgrad = false, maximize = false, isDecoupled = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots: OptimizerSlots
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
        slots = OptimizerSlots(["exp_avg", "exp_avg_sq"] + (options.amsgrad ? ["max_exp_avg_sq"] : []))
    }

    package final func update(_ groups: [ParameterGroup]) {
        // The rule is odd in the gradient, and decoupled decay sees the product of both rates: climbing turns both round.
        let sign: Float = options.maximize ? -1 : 1
        let beta2 = Float(options.betas.second), epsilon = Float(options.epsilon)
        slots.update(groups) { group, moment, segments in
            let rate = sign * group.learningRate, decay = sign * group.weightDecay
            if options.amsgrad {
                OptimizerKernels.amsgrad(
                    segments: segments, learningRate: rate, beta1: group.momentum, beta2: beta2, epsilon: epsilon, weightDecay: decay,
                    decoupled: options.isDecoupled, step: moment.step)
            } else {
                OptimizerKernels.adam(
                    segments: segments, learningRate: rate, beta1: group.momentum, beta2: beta2, epsilon: epsilon, weightDecay: decay,
                    decoupled: options.isDecoupled, step: moment.step)
            }
        }
    }
}

extension Adam.Options {
    enum CodingKeys: String, CodingKey {
        case betas, amsgrad, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay", isDecoupled = "decoupled_weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&betas, .betas)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&amsgrad, .amsgrad)
        try keys.read(&maximize, .maximize)
        try keys.read(&isDecoupled, .isDecoupled)
    }

    package static let settings: [Setting] = [
        .learningRate("0.001"), .betas, .epsilon("1e-08"), .weightDecay("0"), .amsgrad, .maximize, .decoupled,
    ]

    package var groupMomentum: Double? { betas.first }
}

extension Setting {
    static let amsgrad = Setting("amsgrad", .boolean, standard: "false", "divide by the largest running square so far")
}
