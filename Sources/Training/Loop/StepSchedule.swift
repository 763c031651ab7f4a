import NeuralNetworks

/// Which batches each optimiser step of a run covers, and the settings it takes: a pure function of the plan and the
/// number of images, so that a run can go on at any step.
package struct StepSchedule: Sendable, Equatable {
    package let batchesPerEpoch: Int
    package let totalSteps: Int
    package let totalEpochs: Int
    /// The warm-up counts optimiser steps where the plan gives it in steps, and batches otherwise.
    private let warmup: WarmUp
    private let warmupCountsSteps: Bool
    /// `ends[s]` counts the batches of the whole run that are done after step s.
    private let ends: [Int]
    private let curve: LearningRateSchedule
    private let curveCountsEpochs: Bool

    package init(plan: RunPlan, trainImages: Int) {
        let form = plan.runform, batch = form.trainData.batchSize, schedule = form.schedule
        let perEpoch = max(1, (trainImages + batch - 1) / batch)
        let accumulation = Self.nominalBatches(form)
        let wantedSteps = plan.trainKwargs.nGlobalSteps
        let expectedEpochs = plan.trainKwargs.nEpochs
            ?? ((wantedSteps ?? 1) * accumulation + perEpoch - 1) / perEpoch
        let warmupEpochs = min(schedule.warmupEpochs ?? 0, Double(max(0, expectedEpochs - 1)))
        let warmup = WarmUp(
            steps: schedule.warmupSteps ?? Int((warmupEpochs * Double(perEpoch)).rounded()), startFactor: schedule.warmupStartFactor)
        // Gradients gather from one batch a step to the nominal number over the warm-up, or from a fixed number of batches; an
        // epoch's end closes a step.
        var ends: [Int] = []
        var done = 0, gathered = 0
        while wantedSteps.map({ ends.count < $0 }) ?? (done < expectedEpochs * perEpoch) {
            gathered += 1
            let wanted = form.gradientAccumulation.apply ? accumulation
                : warmup.accumulation(at: schedule.warmupSteps == nil ? done : ends.count, nominal: accumulation)
            if gathered >= wanted || (done + 1) % perEpoch == 0 {
                ends.append(done + 1)
                gathered = 0
            }
            done += 1
        }
        self.ends = ends
        self.warmup = warmup
        warmupCountsSteps = schedule.warmupSteps != nil
        batchesPerEpoch = perEpoch
        totalSteps = ends.count
        totalEpochs = max(1, (done + perEpoch - 1) / perEpoch)
        curve = schedule.curve
        curveCountsEpochs = switch (schedule.interval, schedule.curve) {
        case (.epoch?, _): true
        case (.step?, _), (nil, .oneCycle): false
        case (nil, _): wantedSteps == nil
        }
    }

    /// Batches that one step gathers once the warm-up is over.
    package static func nominalBatches(_ form: RunForm) -> Int {
        form.gradientAccumulation.apply ? form.gradientAccumulation.batches
            : max(1, Int((Double(form.schedule.nominalBatchSize) / Double(form.trainData.batchSize)).rounded()))
    }

    /// The batches, counted over the whole run, that step `step` (from 0) gathers.
    package func batches(of step: Int) -> Range<Int> { (step == 0 ? 0 : ends[step - 1])..<ends[step] }

    /// Batches done after `steps` steps.
    package func batchesDone(after steps: Int) -> Int { steps == 0 ? 0 : ends[steps - 1] }

    /// True when step `step` is the last of its epoch, or of the run.
    package func endsEpoch(_ step: Int) -> Bool { ends[step] % batchesPerEpoch == 0 || step == totalSteps - 1 }

    /// Finished epochs after `steps` steps, with the fraction of the current one.
    package func epochs(after steps: Int) -> Double { Double(batchesDone(after: steps)) / Double(batchesPerEpoch) }

    /// The epoch that step `step` belongs to, from 0.
    func epoch(of step: Int) -> Int { (ends[step] - 1) / batchesPerEpoch }

    /// What step `step` takes, from the optimiser's own learning rate, or a plateau's, and momentum.
    /// - Parameter warmupMomentum: where momentum starts in the warm-up; nil does not move it.
    func rates(at step: Int, learningRate: Double, momentum: Double, warmupMomentum: Double?) -> (learningRate: Double, momentum: Double) {
        let position = curveCountsEpochs ? epoch(of: step) : step, total = curveCountsEpochs ? totalEpochs : totalSteps
        let target = learningRate * curve.factor(at: position, of: total)
        let inertia = curve.momentum(at: position, of: total) ?? momentum
        let place = warmupCountsSteps ? step : ends[step] - 1
        var warmup = warmup
        warmup.momentum = min(warmupMomentum ?? inertia, inertia)
        return (warmup.learningRate(at: place, target: target), warmup.momentum(at: place, target: inertia))
    }
}
