import TensorEngine

/// Adam with decoupled weight decay, θ −= ηλθ before the update (Loshchilov and Hutter, 2017), by torch's rule.
package final class AdamW: Adam {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.001, betas = NumberPair(0.9, 0.999), epsilon = 1e-8, weightDecay = 0.01
        package var amsgrad = false, maximize = false

        package init() {}

        fileprivate var adam: Adam.Options {
            var result = Adam.Options()
            result.betas = betas
            result.epsilon = epsilon
            result.amsgrad = amsgrad
            result.maximize = maximize
            result.isDecoupled = true
            return result
        }
    }

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        super.init(groups, options.adam)
    }
}

extension AdamW.Options {
    enum CodingKeys: String, CodingKey {
        case betas, amsgrad, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&betas, .betas)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&amsgrad, .amsgrad)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.001"), .betas, .epsilon("1e-08"), .weightDecay("0.01"), .amsgrad, .maximize,
    ]

    package var groupMomentum: Double? { betas.first }
}
