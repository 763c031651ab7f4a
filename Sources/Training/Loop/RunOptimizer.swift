import Datasets
import Glibc
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
    private let learningRate: Double
    private let momentum: Double
    private let warmup: WarmUp
    private let schedule: StepSchedule
    private let maximumNorm: Float?

    init(plan: RunPlan, module: Module, classCount: Int, schedule: StepSchedule) {
        let form = plan.runform, kwargs = form.optimizer.kwargs
        let choice = form.optimizer.name
        // The rule of "auto": long runs take SGD, short ones AdamW; a detector's rate falls with the number of classes.
        let name: OptimizerChoice.Name = choice != .auto ? choice : schedule.totalSteps > 10_000 ? .sgd : .adamW
        let isDetection = form.taskType == .objectDetection
        let automaticRate = isDetection ? (0.002 * 5 / Double(4 + classCount) * 1e6).rounded() / 1e6 : 0.002
        let batch = Double(form.trainData.batchSize), nominal = Double(form.schedule.nominalBatchSize)
        let accumulation = max(1, (nominal / batch).rounded())
        let weightDecay = (kwargs.weightDecay ?? (name == .adam ? 0 : 5e-4)) * batch * accumulation / nominal
        switch name {
        case .sgd:
            learningRate = kwargs.learningRate ?? 0.01
            momentum = kwargs.momentum ?? (choice == .auto ? 0.9 : 0.937)
        case .adam, .adamW, .auto:
            learningRate = kwargs.learningRate ?? (choice == .auto ? automaticRate : 0.001)
            momentum = kwargs.betas?.first ?? 0.9
        }
        warmup = WarmUp(steps: schedule.warmupBatches, biasLearningRate: choice == .auto ? 0 : min(0.1, learningRate * 10), momentum: min(0.8, momentum))
        self.schedule = schedule
        maximumNorm = form.gradientClipping.apply ? Float(form.gradientClipping.maxNorm) : nil

        var weights: [Parameter] = [], norms: [Parameter] = [], biases: [Parameter] = []
        for (key, parameter) in module.namedParameters() where parameter.requiresGradient {
            if key.hasSuffix("bias") { biases.append(parameter) } else if parameter.shape.rank <= 1 { norms.append(parameter) } else {
                weights.append(parameter)
            }
        }
        trainable = weights + norms + biases
        let rate = Float(learningRate), inertia = Float(momentum)
        let groups = [(weights, weightDecay), (norms, 0), (biases, 0)].map {
            ParameterGroup($0.0, learningRate: rate, weightDecay: Float($0.1), momentum: inertia)
        }
        switch name {
        case .sgd:
            var options = SGD.Options()
            options.nesterov = kwargs.nesterov ?? (momentum > 0)
            optimizer = SGD(groups, options)
        case .adam:
            var options = Adam.Options()
            options.betas = NumberPair(momentum, kwargs.betas?.last ?? 0.999)
            options.epsilon = kwargs.epsilon ?? 1e-8
            optimizer = Adam(groups, options)
        case .adamW, .auto:
            var options = AdamW.Options()
            options.betas = NumberPair(momentum, kwargs.betas?.last ?? 0.999)
            options.epsilon = kwargs.epsilon ?? 1e-8
            optimizer = AdamW(groups, options)
        }
        summary = "\(name.rawValue), learning rate \(learningRate), momentum \(momentum), weight decay \(weightDecay), "
            + "\(weights.count) weights with decay, \(norms.count) norms and \(biases.count) biases without"
    }

    /// The learning rate of the weights at step `step`, counted from 0.
    func weightLearningRate(at step: Int) -> Double {
        warmup.learningRate(at: schedule.batchesDone(after: step + 1) - 1, target: learningRate * schedule.decayFactor(at: step), isBias: false)
    }

    /// Clips the gathered gradients and takes step `step`; returns the gradients' norm, and changes nothing when that is
    /// not a number.
    func step(_ step: Int) -> Float {
        let norm = clipGradients(trainable, maximumNorm: maximumNorm ?? .greatestFiniteMagnitude)
        guard norm.isFinite else { return norm }
        let batch = schedule.batchesDone(after: step + 1) - 1, target = learningRate * schedule.decayFactor(at: step)
        let momentum = Float(warmup.momentum(at: batch, target: momentum))
        for index in optimizer.groups.indices {
            optimizer.groups[index].learningRate = Float(warmup.learningRate(at: batch, target: target, isBias: index == 2))
            optimizer.groups[index].momentum = momentum
        }
        optimizer.step { 0 }
        for parameter in trainable { parameter.clearGradient() }
        return norm
    }
}
