import NeuralNetworks

/// Which batches each optimiser step of a run covers, and the settings it takes: a pure function of the plan and the
/// number of images, so that a run can go on at any step.
package struct StepSchedule: Sendable, Equatable {
    package let batchesPerEpoch: Int
    package let totalSteps: Int
    package let totalEpochs: Int
    /// Batches of the warm-up.
    package let warmupBatches: Int
    /// `ends[s]` counts the batches of the whole run that are done after step s.
    private let ends: [Int]
    private let decay: LearningRateSchedule
    private let countsEpochs: Bool

    package init(plan: RunPlan, trainImages: Int) {
        let batch = plan.runform.trainData.batchSize, schedule = plan.runform.schedule
        let perEpoch = max(1, (trainImages + batch - 1) / batch)
        let accumulation = max(1, Int((Double(schedule.nominalBatchSize) / Double(batch)).rounded()))
        let wantedSteps = plan.trainKwargs.nGlobalSteps
        countsEpochs = wantedSteps == nil
        let expectedEpochs = plan.trainKwargs.nEpochs
            ?? ((wantedSteps ?? 1) * accumulation + perEpoch - 1) / perEpoch
        let warmupEpochs = min(schedule.warmupEpochs, Double(max(0, expectedEpochs - 1)))
        let warmupBatches = Int((warmupEpochs * Double(perEpoch)).rounded())
        let warmup = WarmUp(steps: warmupBatches)
        // Gradients gather from one batch a step to the nominal number over the warm-up; an epoch's end closes a step.
        var ends: [Int] = []
        var done = 0, gathered = 0
        while wantedSteps.map({ ends.count < $0 }) ?? (done < expectedEpochs * perEpoch) {
            gathered += 1
            if gathered >= warmup.accumulation(at: done, nominal: accumulation) || (done + 1) % perEpoch == 0 {
                ends.append(done + 1)
                gathered = 0
            }
            done += 1
        }
        self.ends = ends
        self.warmupBatches = warmupBatches
        batchesPerEpoch = perEpoch
        totalSteps = ends.count
        totalEpochs = max(1, (done + perEpoch - 1) / perEpoch)
        switch schedule.name {
        case .linear:
            var options = LinearSchedule()
            options.finalFactor = schedule.finalFactor
            decay = .linear(options)
        case .cosine:
            var options = CosineSchedule()
            options.finalFactor = schedule.finalFactor
            decay = .cosine(options)
        case .constant: decay = .constant(ConstantSchedule())
        }
    }

    /// The batches, counted over the whole run, that step `step` (from 0) gathers.
    package func batches(of step: Int) -> Range<Int> { (step == 0 ? 0 : ends[step - 1])..<ends[step] }

    /// Batches done after `steps` steps.
    package func batchesDone(after steps: Int) -> Int { steps == 0 ? 0 : ends[steps - 1] }

    /// True when step `step` is the last of its epoch, or of the run.
    package func endsEpoch(_ step: Int) -> Bool { ends[step] % batchesPerEpoch == 0 || step == totalSteps - 1 }

    /// Finished epochs after `steps` steps, with the fraction of the current one.
    package func epochs(after steps: Int) -> Double { Double(batchesDone(after: steps)) / Double(batchesPerEpoch) }

    /// The factor of the initial learning rate at step `step`.
    func decayFactor(at step: Int) -> Double {
        countsEpochs
            ? decay.factor(at: (ends[step] - 1) / batchesPerEpoch, of: totalEpochs) : decay.factor(at: step, of: totalSteps)
    }
}
