import Datasets
import Foundation
import NeuralNetworks
import TensorEngine

/// One go of a run, from its start or a checkpoint to its end: the state between steps and what happens at each.
final class TrainingSession<Task: TrainingTask> {
    private let task: Task
    private let plan: RunPlan
    private let schedule: StepSchedule
    private let store: CheckpointFolder
    private let evaluations: EvaluationFolder
    private let resumeFrom: URL?
    private let control: RunControl
    private let loaders: LoaderPool
    private let optimizer: RunOptimizer
    /// Nil where the plan wants none.
    private let average: ExponentialMovingAverage?
    private var counters = RunCounters()
    private var figures = RunFigures()
    private var stepSeconds: [Double] = []
    private var reportedFiles = Set<String>()
    private var isFrozen = false

    init(
        task: Task, plan: RunPlan, schedule: StepSchedule, classCount: Int, trainImages: Int, checkpoints: URL, evaluations: URL,
        resumeFrom: URL?, control: RunControl, loaders: LoaderPool
    ) {
        self.task = task
        self.plan = plan
        self.schedule = schedule
        self.resumeFrom = resumeFrom
        self.control = control
        self.loaders = loaders
        store = CheckpointFolder(url: checkpoints)
        self.evaluations = EvaluationFolder(url: evaluations)
        optimizer = RunOptimizer(plan: plan, module: task.module, classCount: classCount, schedule: schedule)
        let choice = plan.runform.average
        average = choice.apply ? ExponentialMovingAverage(task.module, decay: choice.decay, tau: choice.tau) : nil
        counters.trainImages = trainImages
        counters.seed = plan.seed
    }

    func run(emit: (RunEvent) -> Void) throws(TrainingError) -> RunResult {
        let start = ContinuousClock.now
        try store.prepare()
        try restore(emit: emit)
        emit(.log(.info, "\(counters.trainImages) training images, \(schedule.batchesPerEpoch) batches an epoch, \(schedule.totalSteps) steps"))
        emit(.log(.info, "optimizer \(optimizer.summary)"))
        StoragePool.shared.resetPeak()
        task.module.train()
        task.module.clearGradients()
        let outcome = try train(emit: emit)
        figures.steps = stepSeconds.count
        figures.seconds = start.duration(to: .now).inSeconds
        let sorted = stepSeconds.sorted()
        figures.medianStepSeconds = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        figures.peakTensorBytes = StoragePool.shared.statistics.peak
        let result = RunResult(
            outcome: outcome.0, message: outcome.1, step: counters.step, epoch: Int(schedule.epochs(after: counters.step)),
            bestValues: counters.bestValues, bestCheckpoint: store.existing(.best), lastCheckpoint: store.existing(.last), figures: figures)
        emit(.finished(result))
        return result
    }

    private func restore(emit: (RunEvent) -> Void) throws(TrainingError) {
        guard let resumeFrom else { return }
        let present = counters
        counters = try Checkpoint.restore(from: resumeFrom, module: task.module, average: average, optimizer: optimizer.optimizer)
        guard counters.trainImages == present.trainImages, counters.seed == present.seed, counters.step <= schedule.totalSteps else {
            throw .checkpoint(path: resumeFrom.path, reason: "it belongs to other data, another seed or a longer run")
        }
        optimizer.plateau = counters.plateau ?? optimizer.plateau
        emit(.log(.info, "goes on after step \(counters.step) of \(schedule.totalSteps)"))
    }

    private func train(emit: (RunEvent) -> Void) throws(TrainingError) -> (RunResult.Outcome, String) {
        guard counters.step < schedule.totalSteps else { return (.success, "all \(schedule.totalSteps) steps were done before") }
        let done = schedule.batchesDone(after: counters.step)
        let prefetcher = BatchPrefetcher(
            source: task.trainingSource, epochs: done / schedule.batchesPerEpoch..<schedule.totalEpochs,
            firstIndex: done % schedule.batchesPerEpoch, pool: loaders)
        defer { prefetcher.stop() }
        emit(.phase("training"))
        while counters.step < schedule.totalSteps {
            if control.isStopRequested {
                try save([.last], emit: emit)
                return (.terminated, "stopped on request after step \(counters.step)")
            }
            try step(prefetcher, emit: emit)
            let evaluates = isEvaluationDue
            if evaluates { try evaluate(emit: emit) }
            try saveWhatIsDue(hasEvaluated: evaluates, emit: emit)
            let stopping = plan.runform.earlyStopping
            if evaluates, stopping.apply, counters.evaluationsWithoutGain >= stopping.patience {
                return (.success, "ended early: \(counters.evaluationsWithoutGain) evaluations without a better result")
            }
        }
        return (.success, "all \(schedule.totalSteps) steps are done")
    }

    // MARK: A step

    private func step(_ prefetcher: BatchPrefetcher<Task.Source>, emit: (RunEvent) -> Void) throws(TrainingError) {
        let start = ContinuousClock.now, waitedBefore = prefetcher.waitedSeconds
        freezeOrRelease(emit: emit)
        let number = counters.step
        let count = schedule.batches(of: number).count
        var sums: [TaggedValue] = [], images = 0
        var kept: [Task.Source.Batch] = []
        try optimizer.step(number) { whenDone throws(TrainingError) -> Double in
            // A rule that searches sees the same batches again; their figures are those of the first look.
            let isFirst = sums.isEmpty
            var total = 0.0
            for index in 0..<count {
                let batch = try isFirst ? next(prefetcher) : kept[index]
                if isFirst, optimizer.evaluatesRepeatedly { kept.append(batch) }
                let result = try gather(batch, of: count, whenDone: index == count - 1 ? whenDone : nil)
                total += result.value
                guard isFirst else { continue }
                images += result.imageCount
                if sums.isEmpty { sums = result.items } else {
                    for index in sums.indices { sums[index].value += result.items[index].value }
                }
            }
            return total
        }
        average?.update()
        counters.step += 1
        let seconds = start.duration(to: .now).inSeconds, waited = prefetcher.waitedSeconds - waitedBefore
        stepSeconds.append(seconds)
        figures.waitSeconds += waited
        figures.imagesPerSecond = Double(images) / max(seconds, 1e-9)
        emit(.step(StepMetrics(
            step: counters.step, totalSteps: schedule.totalSteps, epoch: schedule.epochs(after: counters.step),
            totalEpochs: schedule.totalEpochs,
            losses: sums.map { TaggedValue(tag: $0.tag, value: $0.value / Double(count)) },
            learningRate: optimizer.learningRate(at: number), imagesPerSecond: figures.imagesPerSecond, seconds: seconds,
            waitSeconds: waited)))
    }

    /// Adds the gradients of one of a step's `count` batches; gives its part of the step's loss.
    private func gather(
        _ batch: Task.Source.Batch, of count: Int, whenDone: ((Parameter) -> Void)?
    ) throws(TrainingError) -> (value: Double, items: [TaggedValue], imageCount: Int) {
        let tape = Tape(products: plan.precision.products)
        let result = try task.loss(batch, tape: tape)
        for item in result.items where !item.value.isFinite { throw .notFinite(step: counters.step + 1, tag: item.tag) }
        // Gathered batches count as one large one, be its loss a mean over the images or a sum.
        let share = Task.averagesImages ? 1 / Float(count) : 1
        let value = Double(result.loss.scalar) * Double(share)
        tape.backward(from: [(result.loss, .filled(result.loss.shape, with: share))], whenDone: whenDone)
        return (value, result.items, result.imageCount)
    }

    /// Keeps the backbone as it is in the first epochs, where the plan wants that.
    private func freezeOrRelease(emit: (RunEvent) -> Void) {
        let epochs = plan.runform.model.freezeBackboneEpochs
        let wanted = schedule.epoch(of: counters.step) < epochs
        guard wanted != isFrozen else { return }
        isFrozen = wanted
        task.module.setBackboneFrozen(isFrozen)
        emit(.log(.info, isFrozen ? "only the head learns in the first \(epochs) epochs" : "the whole network learns from here on"))
    }

    private func next(_ prefetcher: BatchPrefetcher<Task.Source>) throws(TrainingError) -> Task.Source.Batch {
        do {
            guard let next = try prefetcher.next() else { throw TrainingError.data("the training data ended before the run did") }
            return next.batch
        } catch let error as TrainingError {
            throw error
        } catch {
            throw .data("\(error)")
        }
    }

    // MARK: Evaluation

    private var isEvaluationDue: Bool {
        if counters.step == schedule.totalSteps { return true }
        if let every = plan.trainKwargs.globalStepEvalFreq { return counters.step % every == 0 }
        return schedule.endsEpoch(counters.step - 1)
    }

    private func evaluate(emit: (RunEvent) -> Void) throws(TrainingError) {
        emit(.phase("evaluating"))
        let start = ContinuousClock.now
        task.module.eval()
        average?.swapIn()
        defer {
            average?.swapOut()
            task.module.train()
        }
        let found: TaskEvaluation
        do { found = try task.evaluate() } catch let error as TrainingError { throw error } catch { throw .data("\(error)") }
        countGain(found.fitness)
        let earlier: Set = [counters.bestStep, counters.lastEvaluationStep ?? 0]
        counters.lastEvaluationStep = counters.step
        let isBest = found.fitness > counters.bestFitness
        if isBest {
            counters.bestFitness = found.fitness
            counters.bestValues = found.values
            counters.bestStep = counters.step
        }
        lowerRateOnPlateau(found, emit: emit)
        let epoch = Int(schedule.epochs(after: counters.step))
        let file = try? evaluations.write(
            EvaluationRecord(
                step: counters.step, epoch: epoch, seed: counters.seed, isBest: isBest, values: found.values, findings: found.findings),
            keeping: earlier)
        emit(.evaluation(EvaluationMetrics(
            step: counters.step, epoch: epoch, values: found.values, perClass: found.perClass,
            confusion: found.confusion, fitness: found.fitness, isBest: isBest, seconds: start.duration(to: .now).inSeconds,
            record: file)))
        if file == nil {
            emit(.log(.warning, "the evaluation could not be kept in \(evaluations.url.path): look at the free space and the folder's rights"))
        }
        for (file, reason) in task.unreadableFiles.sorted(by: { $0.key < $1.key }) where reportedFiles.insert(file).inserted {
            emit(.log(.warning, "left out: \(reason)"))
        }
        emit(.phase("training"))
    }

    private func countGain(_ fitness: Double) {
        // Checkpoints of earlier versions know the best only.
        let reference = counters.gainReference ?? (counters.bestFitness < 0 ? -.infinity : counters.bestFitness)
        if fitness > reference + plan.runform.earlyStopping.minDelta {
            counters.gainReference = fitness
            counters.evaluationsWithoutGain = 0
        } else {
            counters.evaluationsWithoutGain += 1
        }
    }

    private func lowerRateOnPlateau(_ found: TaskEvaluation, emit: (RunEvent) -> Void) {
        guard case .reduceOnPlateau(let schedule) = plan.runform.schedule.curve, var state = optimizer.plateau else { return }
        let loss = found.values.first { $0.tag == "val/loss" }?.value ?? .nan
        if state.observe(schedule.mode == .least ? loss : found.fitness, schedule) {
            emit(.log(.info, "no longer better: the learning rate falls to \(state.learningRate)"))
        }
        optimizer.plateau = state
        counters.plateau = state
    }

    // MARK: Checkpoints

    private func saveWhatIsDue(hasEvaluated: Bool, emit: (RunEvent) -> Void) throws(TrainingError) {
        var kinds: [CheckpointInfo.Kind] = []
        if hasEvaluated || schedule.endsEpoch(counters.step - 1) { kinds.append(.last) }
        if hasEvaluated, counters.bestStep == counters.step { kinds.append(.best) }
        if let every = plan.trainKwargs.globalStepSaveCkptFreq, counters.step % every == 0 { kinds.append(.periodic) }
        try save(kinds, emit: emit)
    }

    private func save(_ kinds: [CheckpointInfo.Kind], emit: (RunEvent) -> Void) throws(TrainingError) {
        guard !kinds.isEmpty else { return }
        // Every checkpoint is the last one too; the others are further names of the same file.
        let last = store.url(.last, step: counters.step)
        try Checkpoint.write(module: task.module, average: average, optimizer: optimizer.optimizer, counters: counters, to: last)
        for kind in [.last] + kinds.filter({ $0 != .last }) {
            let url = store.url(kind, step: counters.step)
            if kind != .last { try store.link(last, as: url) }
            emit(.checkpoint(CheckpointInfo(
                url: url, step: counters.step, epoch: Int(schedule.epochs(after: counters.step)), kind: kind, byteCount: store.byteCount(url))))
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
