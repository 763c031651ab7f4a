import Datasets
import NeuralNetworks
import TensorEngine

/// A run's optimiser with its parameter groups, and the settings it takes at each step.
///
/// Group 0 holds weights and decays; group 1 normalisation weights and group 2 biases do not.
final class RunOptimizer {
    let optimizer: any Optimizer
    let trainable: [Parameter]
    /// In words, for the log.
    let summary: String
    /// The plateau schedule's rate and memory; nil for other schedules.
    var plateau: PlateauState?
    /// True when a step evaluates its batches more than once.
    let evaluatesRepeatedly: Bool
    private let learningRate: Double
    private let momentum: Double
    private let warmupMomentum: Double?
    private let schedule: StepSchedule
    private let clipping: GradientClipping
    /// Nil where a rule or the clipping looks at all gradients together.
    private let early: EarlyUpdate?
    /// A gradient of this step holds something that is not a number.
    private var hasFailed = false

    init(plan: RunPlan, module: Module, classCount: Int, schedule: StepSchedule) {
        let form = plan.runform
        let rule: OptimizerConfiguration, decay: Double
        switch form.optimizer {
        case .automatic(let weightDecay):
            rule = Self.automatic(form, classCount: classCount, steps: schedule.totalSteps)
            // The usual decay belongs to the nominal batch size.
            decay = (weightDecay ?? 5e-4) * Double(form.trainData.batchSize) * Double(StepSchedule.nominalBatches(form))
                / Double(form.schedule.nominalBatchSize)
            warmupMomentum = form.schedule.warmupMomentum ?? 0.8
        case .named(let configuration):
            rule = configuration
            decay = configuration.options.weightDecay
            warmupMomentum = form.schedule.warmupMomentum
        }
        learningRate = rule.options.learningRate
        momentum = rule.options.groupMomentum ?? 0
        self.schedule = schedule
        clipping = form.gradientClipping
        if case .reduceOnPlateau = form.schedule.curve { plateau = PlateauState(learningRate: learningRate) }
        if case .lbfgs = rule { evaluatesRepeatedly = true } else { evaluatesRepeatedly = false }

        var weights: [Parameter] = [], norms: [Parameter] = [], biases: [Parameter] = []
        for (key, parameter) in module.namedParameters() where parameter.requiresGradient {
            if key.hasSuffix("bias") { biases.append(parameter) } else if parameter.shape.rank <= 1 { norms.append(parameter) } else {
                weights.append(parameter)
            }
        }
        trainable = weights + norms + biases
        let rate = Float(learningRate)
        let inertia = rule.options.groupMomentum == nil ? 0 : Float(form.schedule.curve.momentum(at: 0, of: schedule.totalSteps) ?? momentum)
        optimizer = rule.makeOptimizer([(weights, Float(decay)), (norms, 0), (biases, 0)].map {
            ParameterGroup($0.0, learningRate: rate, weightDecay: $0.1, momentum: inertia)
        })
        early = clipping.jointNorm == nil ? (optimizer as? any SlotOptimizer).map { EarlyUpdate($0) } : nil
        var words = "\(rule.name.rawValue), learning rate \(learningRate)"
        if rule.options.groupMomentum != nil { words += ", momentum \(momentum)" }
        words += ", weight decay \(decay), \(weights.count) weights with decay, \(norms.count) norms and \(biases.count) biases without"
        if case .muon = rule {
            let others = trainable.count { !Muon.isMatrix($0) }
            words += "; Muon updates the \(trainable.count - others) matrices and filters, AdamW the \(others) others"
        }
        summary = words
    }

    /// The rule of "auto": long runs take SGD, short ones AdamW; a detector's rate falls with the number of classes.
    private static func automatic(_ form: RunForm, classCount: Int, steps: Int) -> OptimizerConfiguration {
        if steps > 10_000 {
            var options = SGD.Options()
            options.learningRate = 0.01
            options.momentum = 0.9
            options.nesterov = true
            return .sgd(options)
        }
        var options = AdamW.Options()
        options.learningRate = form.taskType == .objectDetection ? (0.002 * 5 / Double(4 + classCount) * 1e6).rounded() / 1e6 : 0.002
        return .adamW(options)
    }

    private func rates(at step: Int) -> (learningRate: Double, momentum: Double) {
        schedule.rates(
            at: step, learningRate: plateau?.learningRate ?? learningRate, momentum: momentum, warmupMomentum: warmupMomentum)
    }

    /// The learning rate at step `step`, counted from 0.
    func learningRate(at step: Int) -> Double { rates(at: step).learningRate }

    /// Takes step `step`. `evaluate` gathers the gradients of the step's batches and gives their loss; it is called again where
    /// the rule searches. It hands what it is given, if anything, to the last backward pass. Gradients are clipped first; one that is not
    /// a number ends the run.
    func step(_ step: Int, evaluate: (_ whenDone: ((Parameter) -> Void)?) throws(TrainingError) -> Double) throws(TrainingError) {
        let rates = rates(at: step)
        for index in optimizer.groups.indices {
            optimizer.groups[index].learningRate = Float(rates.learningRate)
            optimizer.groups[index].momentum = Float(rates.momentum)
        }
        try optimizer.step { () throws(TrainingError) -> Double in
            for parameter in trainable { parameter.clearGradient() }
            hasFailed = false
            let loss: Double
            if let early {
                loss = try evaluate { parameter in early.take(parameter, prepare: self.clip) }
                early.finish(prepare: clip)
            } else {
                loss = try evaluate(nil)
                _ = clip(trainable)
            }
            guard !hasFailed else { throw .notFinite(step: step + 1, tag: "the gradient") }
            return loss
        }
        for parameter in trainable { parameter.clearGradient() }
    }

    /// Clips the gradients of `parameters` as the plan wants it; false when one of them, or an earlier one of the step, is not finite.
    private func clip(_ parameters: [Parameter]) -> Bool {
        let norm = clipGradients(parameters, maximumNorm: clipping.jointNorm.map { Float($0) } ?? .greatestFiniteMagnitude)
        hasFailed = hasFailed || !norm.isFinite
        if clipping.apply, let bound = clipping.maxValue { clipGradients(parameters, maximumValue: Float(bound)) }
        return !hasFailed
    }
}
