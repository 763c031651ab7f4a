import Glibc
import TensorEngine

/// Muon (Jordan et al., 2024) by torch's rule: the momentum of a matrix is made nearly orthogonal by Newton and Schulz's
/// iteration in bfloat16 before it is taken off.
///
/// A convolution counts as the matrix `[outputs, rest]`. Parameters of one dimension or none have no such form and take AdamW's
/// rule with the same learning rate and weight decay, and AdamW's own betas and ε.
package final class Muon: Optimizer {
    package struct Options: OptimizerOptions {
        package enum RateAdjustment: String, Codable, Sendable, CaseIterable {
            case original
            case matchAdamW = "match_rms_adamw"
            case spectralUnclamped = "spectral_unclamped"
        }

        package var learningRate = 0.001, weightDecay = 0.1, momentum = 0.95, nesterov = true
        package var coefficients = [3.4445, -4.775, 2.0315], epsilon = 1e-7, iterations = 5
        package var rateAdjustment: RateAdjustment?

        package init() {}
    }

    package var groups: [ParameterGroup] {
        didSet { adoptSettings() }
    }
    private let options: Options
    private let slots = OptimizerSlots(["momentum_buffer"])
    private let fallback: AdamW

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
        fallback = AdamW(groups.map { ParameterGroup($0.parameters.filter { !Self.isMatrix($0) }, learningRate: $0.learningRate) })
        adoptSettings()
    }

    /// True for what Muon itself updates.
    package static func isMatrix(_ parameter: Parameter) -> Bool { parameter.shape.rank > 1 }

    private func adoptSettings() {
        for (index, group) in groups.enumerated() {
            fallback.groups[index].learningRate = group.learningRate
            fallback.groups[index].weightDecay = group.weightDecay
            fallback.groups[index].momentum = Float(AdamW.Options().betas.first)
        }
    }

    @discardableResult
    package func step<Failure: Error>(_ evaluate: () throws(Failure) -> Double) throws(Failure) -> Double {
        let loss = try evaluate()
        fallback.update(fallback.groups)
        for group in groups {
            for parameter in group.parameters where Self.isMatrix(parameter) && parameter.requiresGradient {
                guard let gradient = parameter.gradient, parameter.value.count > 0 else { continue }
                let (_, tensors) = slots.advance(parameter, in: group)
                let change = Tensor.uninitialized(parameter.shape)
                OptimizerKernels.muonMomentum(
                    gradient: gradient, buffer: tensors[0], momentum: group.momentum, nesterov: options.nesterov, update: change)
                let rows = parameter.shape[0], columns = parameter.value.count / rows
                let direction = orthogonalized(Tensor(shape: [rows, columns], storage: change.storage))
                OptimizerKernels.shrinkAdd(
                    parameter.value, shrink: 1 - group.learningRate * group.weightDecay,
                    rate: -Float(Double(group.learningRate) * ratio(rows: rows, columns: columns)), update: direction)
            }
        }
        return loss
    }

    private func ratio(rows: Int, columns: Int) -> Double {
        let rows = Double(rows), columns = Double(columns)
        return switch options.rateAdjustment {
        case nil, .original: max(1, rows / columns).squareRoot()
        case .matchAdamW: 0.2 * max(rows, columns).squareRoot()
        case .spectralUnclamped: (rows / columns).squareRoot()
        }
    }

    /// UVᵀ of the matrix' singular value decomposition, nearly: X ← aX + (bXXᵀ + c(XXᵀ)²)X from X/‖X‖.
    private func orthogonalized(_ matrix: Tensor) -> Tensor {
        let isTall = matrix.shape[0] > matrix.shape[1]
        var x = isTall ? Self.transposed(matrix) : matrix.copy()
        OptimizerKernels.roundToBFloat16(x)
        let norm = Tensor([Float(OptimizerKernels.sumOfSquares(x).squareRoot())], shape: [1])
        OptimizerKernels.roundToBFloat16(norm)
        Self.divide(x, by: max(norm.scalar, Float(options.epsilon)))
        OptimizerKernels.roundToBFloat16(x)
        let side = x.shape[0], a = Float(options.coefficients[0]), b = Float(options.coefficients[1]), c = Float(options.coefficients[2])
        let gram = Tensor.uninitialized([side, side]), polynomial = Tensor.uninitialized([side, side])
        for _ in 0..<options.iterations {
            OptimizerKernels.product(x, x, transposeRight: true, into: gram)
            OptimizerKernels.roundToBFloat16(gram)
            polynomial.assign(gram)
            OptimizerKernels.product(gram, gram, alpha: c, beta: b, into: polynomial)
            OptimizerKernels.roundToBFloat16(polynomial)
            let next = x.copy()
            OptimizerKernels.product(polynomial, x, beta: a, into: next)
            OptimizerKernels.roundToBFloat16(next)
            x = next
        }
        return isTall ? Self.transposed(x) : x
    }

    private static func divide(_ x: Tensor, by divisor: Float) {
        withExtendedLifetime(x.storage) {
            let values = x.floats
            parallelFor(x.count, grain: 1 << 14) { for index in $0 { values[index] /= divisor } }
        }
    }

    private static func transposed(_ x: Tensor) -> Tensor {
        let rows = x.shape[0], columns = x.shape[1]
        let result = Tensor.uninitialized([columns, rows])
        withExtendedLifetime((x.storage, result.storage)) {
            let from = x.floats, to = result.floats
            parallelFor(columns, grain: max(1, (1 << 14) / max(1, rows))) { range in
                for row in 0..<rows {
                    for column in range { to[column * rows + row] = from[row * columns + column] }
                }
            }
        }
        return result
    }

    // MARK: State

    private static let fallbackPrefix = "adamw."

    package var stateSources: [StateSource] {
        slots.sources(groups) + fallback.stateSources.map { $0.under(Self.fallbackPrefix) }
    }

    package func importState(_ state: [NamedTensor]) throws(OptimizerStateError) {
        let own = state.filter { !$0.key.hasPrefix(Self.fallbackPrefix) }
        let rest = state.filter { $0.key.hasPrefix(Self.fallbackPrefix) }.map {
            NamedTensor(key: String($0.key.dropFirst(Self.fallbackPrefix.count)), shape: $0.shape, values: $0.values)
        }
        try slots.restore(own, groups: groups)
        try fallback.importState(rest)
    }
}

extension Muon.Options {
    enum CodingKeys: String, CodingKey {
        case momentum, nesterov
        case learningRate = "lr", weightDecay = "weight_decay", coefficients = "ns_coefficients", epsilon = "eps"
        case iterations = "ns_steps", rateAdjustment = "adjust_lr_fn"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&weightDecay, .weightDecay)
        try keys.read(&momentum, .momentum)
        try keys.read(&nesterov, .nesterov)
        try keys.read(&coefficients, .coefficients)
        try keys.read(&epsilon, .epsilon)
        try keys.read(&iterations, .iterations)
        rateAdjustment = try keys.decodeIfPresent(RateAdjustment.self, forKey: .rateAdjustment)
        guard coefficients.count == 3 else {
            throw DecodingError.dataCorruptedError(forKey: .coefficients, in: keys, debugDescription: "three coefficients are needed")
        }
    }

    package static let settings: [Setting] = [
        .learningRate("0.001"), .weightDecay("0.1"),
        Setting("momentum", .number(0...0.9999), standard: "0.95", "share of the last direction that goes on"),
        Setting("nesterov", .boolean, standard: "true", "take the gradient's step from where the momentum leads"),
        Setting(
            "ns_coefficients", .tuple([.number(-100...100), .number(-100...100), .number(-100...100)]),
            standard: "[3.4445, -4.775, 2.0315]", "coefficients of the orthogonalising polynomial"),
        Setting("eps", .number(0...1), standard: "1e-07", "least norm of a direction, so that nothing is divided by zero"),
        Setting("ns_steps", .integer(1...99), standard: "5", "iterations of the polynomial"),
        Setting(
            "adjust_lr_fn", .optional(.choice(RateAdjustment.allCases.map(\.rawValue))), standard: "null",
            "how the learning rate follows a matrix' shape; null is original"),
    ]

    package var groupMomentum: Double? { momentum }
}
