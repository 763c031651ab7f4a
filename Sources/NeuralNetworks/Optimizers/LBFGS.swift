import TensorEngine

/// L-BFGS (Nocedal, 1980; Liu and Nocedal, 1989) by torch's rule: the direction comes from the last changes of value and
/// gradient, its length from the learning rate or a search along it.
///
/// All parameters of all groups form one vector, and the first group's learning rate counts for all; there is no weight decay.
/// The memory needed is `history_size` times two vectors. A loss that is evaluated on different batches from step to step makes
/// a poor curvature: one evaluation after the other of a step must see the same batch.
package final class LBFGS: Optimizer {
    package struct Options: OptimizerOptions {
        package enum LineSearch: String, Codable, Sendable, CaseIterable { case strongWolfe = "strong_wolfe" }

        package var learningRate = 1.0, maximumIterations = 20
        /// nil is five quarters of the iterations.
        package var maximumEvaluations: Int?
        package var gradientTolerance = 1e-7, changeTolerance = 1e-9, historySize = 100, lineSearch: LineSearch?, maximize = false

        package init() {}
    }

    /// One remembered change: of the gradient, of the values, and the inverse of their product.
    private struct Change {
        var gradient, values: Tensor
        var inverse: Double
    }

    package var groups: [ParameterGroup]
    private let options: Options
    private let parameters: [Parameter]
    private let count: Int

    private var iterations = 0, evaluations = 0
    private var direction, previousGradient: Tensor?
    private var length = 0.0, scale = 1.0, previousLoss = 0.0
    private var history: [Change] = []

    package init(_ groups: [ParameterGroup], _ options: Options = Options()) {
        self.groups = groups
        self.options = options
        parameters = groups.flatMap(\.parameters)
        count = parameters.reduce(0) { $0 + $1.value.count }
    }

    @discardableResult
    package func step<Failure: Error>(_ evaluate: () throws(Failure) -> Double) throws(Failure) -> Double {
        let sign = options.maximize ? -1.0 : 1.0
        let start = try evaluate()
        guard count > 0 else { return start }
        var loss = sign * start, gradient = gatheredGradient(), stepEvaluations = 1
        evaluations += 1
        guard Double(OptimizerKernels.largestMagnitude(gradient)) > options.gradientTolerance else { return start }
        let rate = Double(groups[0].learningRate)
        let mostEvaluations = options.maximumEvaluations ?? options.maximumIterations * 5 / 4
        for iteration in 1...options.maximumIterations {
            iterations += 1
            let direction = nextDirection(gradient)
            self.direction = direction
            if let previousGradient { previousGradient.assign(gradient) } else { previousGradient = gradient.copy() }
            previousLoss = loss
            length = iterations == 1 ? min(1, 1 / OptimizerKernels.sumOfMagnitudes(gradient)) * rate : rate
            let slope = OptimizerKernels.dot(gradient, direction)
            guard slope <= -options.changeTolerance else { break }
            var fresh = 0
            if options.lineSearch != nil {
                let origin = parameters.map { $0.value.copy() }
                let (found, evaluated) = try LineSearch.strongWolfe(
                    from: LineSearch.Point(position: 0, loss: loss, slope: slope, gradient: gradient), firstPosition: length,
                    largestComponent: Double(OptimizerKernels.largestMagnitude(direction)), changeTolerance: options.changeTolerance,
                    maximumIterations: mostEvaluations - stepEvaluations
                ) { position throws(Failure) in
                    move(along: direction, by: position)
                    defer { for (parameter, value) in zip(parameters, origin) { parameter.value.assign(value) } }
                    let loss = sign * (try evaluate()), gradient = gatheredGradient()
                    return LineSearch.Point(
                        position: position, loss: loss, slope: OptimizerKernels.dot(gradient, direction), gradient: gradient)
                }
                (loss, gradient, length, fresh) = (found.loss, found.gradient, found.position, evaluated)
                move(along: direction, by: length)
            } else {
                move(along: direction, by: length)
                // What the last iteration would find is what the next step evaluates first.
                if iteration < options.maximumIterations {
                    loss = sign * (try evaluate())
                    gradient = gatheredGradient()
                    fresh = 1
                }
            }
            stepEvaluations += fresh
            evaluations += fresh
            if iteration == options.maximumIterations || stepEvaluations >= mostEvaluations
                || Double(OptimizerKernels.largestMagnitude(gradient)) <= options.gradientTolerance
                || Double(OptimizerKernels.largestMagnitude(direction)) * abs(length) <= options.changeTolerance
                || abs(loss - previousLoss) < options.changeTolerance { break }
        }
        return start
    }

    /// The direction −H·gradient by two loops over the history, after the last change has joined it.
    private func nextDirection(_ gradient: Tensor) -> Tensor {
        if iterations > 1, let direction, let previousGradient { remember(gradient, after: previousGradient, along: direction) }
        let result = Tensor.zeros([count])
        OptimizerKernels.shrinkAdd(result, rate: -1, update: gradient)
        var shares = [Double](repeating: 0, count: history.count)
        for (index, change) in history.enumerated().reversed() {
            shares[index] = OptimizerKernels.dot(change.values, result) * change.inverse
            OptimizerKernels.shrinkAdd(result, rate: Float(-shares[index]), update: change.gradient)
        }
        OptimizerKernels.scale(result, by: Float(scale))
        for (index, change) in history.enumerated() {
            let share = OptimizerKernels.dot(change.gradient, result) * change.inverse
            OptimizerKernels.shrinkAdd(result, rate: Float(shares[index] - share), update: change.values)
        }
        return result
    }

    private func remember(_ gradient: Tensor, after previous: Tensor, along direction: Tensor) {
        let gradientChange = gradient.copy(), valueChange = direction.copy()
        OptimizerKernels.shrinkAdd(gradientChange, rate: -1, update: previous)
        OptimizerKernels.scale(valueChange, by: Float(length))
        let product = OptimizerKernels.dot(gradientChange, valueChange)
        guard product > 1e-10 else { return }
        if history.count == options.historySize { history.removeFirst() }
        history.append(Change(gradient: gradientChange, values: valueChange, inverse: 1 / product))
        scale = product / OptimizerKernels.dot(gradientChange, gradientChange)
    }

    private func gatheredGradient() -> Tensor {
        let result = Tensor.zeros([count])
        var offset = 0
        for parameter in parameters {
            if parameter.requiresGradient, let gradient = parameter.gradient {
                withExtendedLifetime((gradient.storage, result.storage)) {
                    (result.floats + offset).update(from: gradient.floats, count: gradient.count)
                }
            }
            offset += parameter.value.count
        }
        if options.maximize { OptimizerKernels.scale(result, by: -1) }
        return result
    }

    private func move(along direction: Tensor, by length: Double) {
        var offset = 0
        for parameter in parameters {
            OptimizerKernels.shrinkAdd(parameter.value, rate: Float(length), update: direction, from: offset)
            offset += parameter.value.count
        }
    }

    // MARK: State

    package var stateSources: [StateSource] {
        guard let direction, let previousGradient else { return [] }
        let numbers: [NamedTensor] = [
            NamedTensor(key: "counts", shape: [3], values: .int64([iterations, evaluations, history.count].map(Int64.init))),
            .doubles("t", [length]), .doubles("H_diag", [scale]), .doubles("prev_loss", [previousLoss]),
            .doubles("ro", history.map(\.inverse)),
        ]
        let changes = history.enumerated().flatMap { index, change in
            [StateSource(key: "old_dirs.\(index)", change.gradient), StateSource(key: "old_stps.\(index)", change.values)]
        }
        return numbers.map { StateSource($0) }
            + [StateSource(key: "d", direction), StateSource(key: "prev_flat_grad", previousGradient)] + changes
    }

    package func importState(_ state: [NamedTensor]) throws(OptimizerStateError) {
        guard !state.isEmpty else {
            (iterations, evaluations, direction, previousGradient, history) = (0, 0, nil, nil, [])
            (length, scale, previousLoss) = (0, 1, 0)
            return
        }
        var remaining = StateReader(state)
        let counts = try remaining.counts("counts", count: 3), vector: Shape = [count]
        let length = try remaining.doubles("t", count: 1), scale = try remaining.doubles("H_diag", count: 1)
        let loss = try remaining.doubles("prev_loss", count: 1), inverses = try remaining.doubles("ro", count: counts[2])
        let direction = try remaining.tensor("d", shape: vector), gradient = try remaining.tensor("prev_flat_grad", shape: vector)
        var history: [Change] = []
        for index in 0..<counts[2] {
            history.append(Change(
                gradient: try remaining.tensor("old_dirs.\(index)", shape: vector),
                values: try remaining.tensor("old_stps.\(index)", shape: vector), inverse: inverses[index]))
        }
        try remaining.finish()
        (iterations, evaluations, self.direction, previousGradient, self.history) = (counts[0], counts[1], direction, gradient, history)
        (self.length, self.scale, previousLoss) = (length[0], scale[0], loss[0])
    }
}

extension LBFGS.Options {
    enum CodingKeys: String, CodingKey {
        case maximize
        case learningRate = "lr", maximumIterations = "max_iter", maximumEvaluations = "max_eval", gradientTolerance = "tolerance_grad"
        case changeTolerance = "tolerance_change", historySize = "history_size", lineSearch = "line_search_fn"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&learningRate, .learningRate)
        try keys.read(&maximumIterations, .maximumIterations)
        maximumEvaluations = try keys.decodeIfPresent(Int.self, forKey: .maximumEvaluations)
        try keys.read(&gradientTolerance, .gradientTolerance)
        try keys.read(&changeTolerance, .changeTolerance)
        try keys.read(&historySize, .historySize)
        lineSearch = try keys.decodeIfPresent(LineSearch.self, forKey: .lineSearch)
        try keys.read(&maximize, .maximize)
        guard maximumIterations > 0, historySize > 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .maximumIterations, in: keys, debugDescription: "max_iter and history_size are at least 1")
        }
    }

    package static let settings: [Setting] = [
        .learningRate("1"),
        Setting("max_iter", .integer(1...10_000), standard: "20", "changes of the weights in one step"),
        Setting("max_eval", .optional(.integer(1...1_000_000)), standard: "null", "evaluations of the loss in one step; null is max_iter · 1.25"),
        Setting("tolerance_grad", .number(0...1), standard: "1e-07", "a step ends when no element of the gradient is larger"),
        Setting("tolerance_change", .number(0...1), standard: "1e-09", "a step ends when loss or weights change less"),
        Setting("history_size", .integer(1...1000), standard: "100", "changes that are remembered; each needs twice the weights' memory"),
        Setting(
            "line_search_fn", .optional(.choice(LineSearch.allCases.map(\.rawValue))), standard: "null",
            "how the length of a change is found; null takes lr"),
        .maximize,
    ]

    package var weightDecay: Double { 0 }
    package var groupMomentum: Double? { nil }
}
