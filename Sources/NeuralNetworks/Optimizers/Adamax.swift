import Glibc
import TensorEngine

/// Adamax (Kingma and Ba, 2014, section 7) by torch's rule: Adam with the decayed largest magnitude in the denominator.
package final class Adamax: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.002, betas = NumberPair(0.9, 0.999), epsilon = 1e-8, weightDecay = 0.0, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots(["exp_avg", "exp_inf"])
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, moment, segments in
            let correction = 1 - pow(Double(group.momentum), Double(moment.step))
            OptimizerKernels.adamax(
                segments: segments, .init(maximize: options.maximize, weightDecay: group.weightDecay),
                rate: Float(Double(group.learningRate) / correction), beta1: group.momentum, beta2: Float(options.betas.second),
                epsilon: Float(options.epsilon))
        }
    }
}

extension Adamax.Options {
    enum CodingKeys: String, CodingKey {
        case betas, maximize
        case learningRate = "lr", epsilon = "eps", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&betas, .betas)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [.learningRate("0.002"), .betas, .epsilon("1e-08"), .weightDecay("0"), .maximize]

    package var groupMomentum: Double? { betas.first }
}
