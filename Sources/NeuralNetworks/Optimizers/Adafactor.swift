import Glibc
import TensorEngine

/// Adafactor (Shazeer and Stern, 2018) by torch's rule: the second moment of a parameter of two or more dimensions is kept as
/// means over its last two dimensions in torch's order; the rate follows the parameter's size.
package final class Adafactor: SlotOptimizer {
    package struct Options: OptimizerOptions {
        package var learningRate = 0.01, beta2Decay = -0.8, epsilons = Epsilons(), threshold = 1.0, weightDecay = 0.0, maximize = false

        package init() {}
    }

    /// The least root of the second moment, where nil is the smallest step of a float at one, and the least size of a parameter.
    package struct Epsilons: Codable, Sendable, Equatable {
        package var moment: Double?
        package var parameter = 1e-3

        package init() {}
    }

    package var groups: [ParameterGroup]
    package let slots = OptimizerSlots { _, parameter in
        guard let extents = Adafactor.extents(of: parameter) else { return [.init(name: "variance", shape: parameter.shape)] }
        return [
            .init(name: "row_var", shape: [extents.outer, extents.rows, extents.inner]),
            .init(name: "col_var", shape: [extents.outer, extents.columns, extents.inner]),
        ]
    }
    private let options: Options

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
    }

    /// How a parameter splits into matrices; nil for one of less than two dimensions.
    private static func extents(of parameter: Parameter) -> OptimizerKernels.FactoredExtents? {
        let shape = parameter.shape
        guard shape.rank > 1 else { return nil }
        return switch parameter.layout {
        case .plain, .flattened: .init(outer: shape.dimensions.dropLast(2).reduce(1, *), rows: shape[-2], columns: shape[-1], inner: 1)
        // A filter's height and width are torch's last dimensions; its inputs lie innermost here.
        case .convolution: .init(outer: shape[0], rows: shape[1], columns: shape[2], inner: shape[3])
        }
    }

    package func update(_ groups: [ParameterGroup]) {
        let floor = options.epsilons.moment.map { Float($0) } ?? .ulpOfOne
        for group in groups {
            for parameter in group.parameters where parameter.requiresGradient && parameter.value.count > 0 {
                guard let gradient = parameter.gradient else { continue }
                let (moment, tensors) = slots.advance(parameter, in: group)
                let count = Double(parameter.value.count), rate = Double(group.learningRate), step = Double(moment.step)
                let size = (OptimizerKernels.sumOfSquares(parameter.value) / count).squareRoot()
                let alpha = max(options.epsilons.parameter, size) * min(rate, 1 / step.squareRoot())
                let weight = Float(pow(step, options.beta2Decay))
                let change = Tensor.uninitialized(parameter.shape)
                if let extents = Self.extents(of: parameter) {
                    OptimizerKernels.adafactor(
                        gradient: gradient, extents: extents, rowMoments: tensors[0], columnMoments: tensors[1], weight: weight,
                        floor: floor, update: change)
                } else {
                    OptimizerKernels.adafactor(gradient: gradient, variance: tensors[0], weight: weight, floor: floor, update: change)
                }
                let excess = (OptimizerKernels.sumOfSquares(change) / count).squareRoot() / options.threshold
                OptimizerKernels.shrinkAdd(
                    parameter.value, shrink: 1 - group.learningRate * group.weightDecay,
                    rate: Float((options.maximize ? alpha : -alpha) / max(1, excess)), update: change)
            }
        }
    }
}

extension Adafactor.Epsilons {
    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        moment = try container.decodeNil() ? nil : container.decode(Double.self)
        parameter = try container.decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        if let moment { try container.encode(moment) } else { try container.encodeNil() }
        try container.encode(parameter)
    }
}

extension Adafactor.Options {
    enum CodingKeys: String, CodingKey {
        case maximize
        case learningRate = "lr", beta2Decay = "beta2_decay", epsilons = "eps", threshold = "d", weightDecay = "weight_decay"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&beta2Decay, .beta2Decay)
        try keys.read(&epsilons, .epsilons)
        try keys.read(&threshold, .threshold)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&maximize, .maximize)
    }

    package static let settings: [Setting] = [
        Setting("lr", .number(0...1000), standard: "0.01", "largest relative change of a parameter; falls with the root of the steps"),
        Setting("beta2_decay", .number(-10...0), standard: "-0.8", "power of the step that new gradients' weight follows"),
        Setting(
            "eps", .tuple([.optional(.number(0...1)), .number(0...1)]), standard: "[null, 0.001]",
            "least root of the second moment, null for a float's precision, and least size of a parameter"),
        Setting("d", .number(1...1000), standard: "1", "root mean square of a change above which it is scaled down"),
        .weightDecay("0"), .maximize,
    ]

    package var groupMomentum: Double? { nil }
}
