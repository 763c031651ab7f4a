import Glibc
import TensorEngine

/// Averaged stochastic gradient descent (Polyak and Juditsky, 1992) by torch's rule: θ = θ(1 − λη) − ηg with
/// η = lr/(1 + λ·lr·t)^α, and an average of θ that starts after t₀ steps and is kept beside it.
package final class ASGD: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.01, lambda = 1e-4, alpha = 0.75, averageStart = 1e6, weightDecay = 0.0, maximize = false

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots(["ax"], scalars: ["eta", "mu"])
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    package func update(_ groups: [ParameterGroup]) {
        slots.update(groups) { group, moment, segments in
            if moment.step == 1 { moment.scalars[0] = group.learningRate }
            let eta = moment.scalars[0], rate = Double(group.learningRate), step = Double(moment.step)
            OptimizerKernels.asgd(
                segments: segments, .init(maximize: options.maximize, weightDecay: group.weightDecay),
                decay: Float(1 - options.lambda * Double(eta)), eta: eta, mu: moment.scalars[1])
            moment.scalars[0] = Float(rate / pow(1 + options.lambda * rate * step, options.alpha))
            moment.scalars[1] = Float(1 / max(1, step - options.averageStart))
        }
    }
}

extension ASGD.Options {
    enum CodingKeys: String, CodingKey {
        case alpha, maximize
        case learningRate = "lr", lambda = "lambd", averageStart = "t0", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&lambda, .lambda)
        try keys.read(&alpha, .alpha)
        try keys.read(&averageStart, .averageStart)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        .learningRate("0.01"),
        Setting("lambd", .number(0...1), standard: "0.0001", "decay term"),
        Setting("alpha", .number(0...10), standard: "0.75", "power with which the learning rate falls"),
        Setting("t0", .number(0...1e15), standard: "1000000", "steps after which averaging starts"),
        .weightDecay("0"), .maximize,
    ]

    package var groupMomentum: Double? { nil }
}
