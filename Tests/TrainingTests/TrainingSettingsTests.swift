import Datasets
import Foundation
import NeuralNetworks
import TensorEngine
import Testing
import Training
import VisionModels

/// Class folders of a few scans of digits, made once for all tests below.
private enum Digits {
    static let data: Result<TrainingData, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("settings-tests-\(UUID().uuidString)")
        try SampleData.writeDigits(to: folder)
        let imported = try DatasetImporter.importDataset(at: folder)
        func few(_ split: DatasetSplit, _ count: Int) -> [DatasetItem] {
            var taken: [Int: Int] = [:]
            return imported.items.filter { item in
                guard item.split == split, let label = item.annotations.first?.label, label < 3, taken[label, default: 0] < count else { return false }
                taken[label, default: 0] += 1
                return true
            }
        }
        return TrainingData(labels: imported.labels, train: few(.train, 6), validation: few(.val, 2))
            .selecting(labels: Array(imported.labels.prefix(3)), negativeSamples: false)
    }
}

private struct SettingsRecord {
    var steps: [StepMetrics] = []
    var evaluations: [EvaluationMetrics] = []
    var checkpoints: [CheckpointInfo] = []
    var log: [String] = []
    var result: RunResult?

    var bits: [UInt64] { steps.flatMap { $0.losses.map(\.value.bitPattern) + [$0.learningRate.bitPattern] } }
    var measures: [UInt64] { evaluations.flatMap { $0.values.map(\.value.bitPattern) } }
}

@Suite(.serialized) struct TrainingSettingsTests {
    private func plan(epochs: Int? = 3, steps: Int? = nil, _ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
        var plan = RunPlan(task: .imageClassification, architecture: "mobilenet_v3_small", imageSize: 32, batchSize: 6, epochs: epochs, steps: steps)
        plan.runform.schedule.warmupEpochs = 0
        plan.seed = 5
        change(&plan)
        return plan
    }

    private func folder() -> URL { FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)") }

    private func network() throws -> TrainableNetwork {
        .classifier(try ArchitectureCatalogue.entry(named: "mobilenet_v3_small").makeClassifier(classes: 3, seed: 5))
    }

    private func run(
        _ plan: RunPlan, in folder: URL, network: TrainableNetwork? = nil, resumeFrom: URL? = nil, stopAfter: Int? = nil
    ) throws -> SettingsRecord {
        let control = RunControl()
        var record = SettingsRecord()
        let loop = TrainingLoop(
            plan: plan, data: try Digits.data.get(), network: try network ?? self.network(), directory: folder, resumeFrom: resumeFrom,
            control: control)
        record.result = try loop.run { event in
            switch event {
            case .step(let metrics):
                record.steps.append(metrics)
                if metrics.step == stopAfter { control.requestStop() }
            case .evaluation(let metrics): record.evaluations.append(metrics)
            case .checkpoint(let info): record.checkpoints.append(info)
            case .log(_, let text): record.log.append(text)
            case .phase, .finished: break
            }
        }
        return record
    }

    private func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let place = folder()
        defer { try? FileManager.default.removeItem(at: place) }
        return try body(place)
    }

    /// The loop takes bf16 anywhere; plans that ask for it are refused where the processor has no such products.
    @Test func bfloat16BeginsAsSinglePrecisionDoesAndLearns() throws {
        // All pictures at each step, as they are: the loss then falls from step to step.
        func whole(_ precision: RunPlan.Precision) -> RunPlan {
            plan(epochs: 16) { plan in
                plan.precision = precision
                plan.runform.trainData.batchSize = 18
                plan.runform.augmentation.cropMinimumArea = 1
                plan.runform.augmentation.flipHorizontal = 0
            }
        }
        let rounded = whole(.bf16)
        let exact = try inFolder { try run(whole(.fp32), in: $0) }, found = try inFolder { try run(rounded, in: $0) }
        let losses = try [exact, found].map { record in try record.steps.map { try #require($0.losses.first).value } }
        print("losses in single precision, in bfloat16: ", losses.map { $0.map { ($0 * 1000).rounded() / 1000 } })
        let difference = abs(losses[0][0] - losses[1][0]) / losses[0][0]
        #expect(difference > 0 && difference < 0.01)
        for losses in losses {
            let begin: Double = losses.prefix(3).reduce(0, +), end: Double = losses.suffix(3).reduce(0, +)
            #expect(end < 0.5 * begin)
        }
        try inFolder { place in
            let first = try run(rounded, in: place, stopAfter: 4)
            let second = try run(rounded, in: place, resumeFrom: try #require(first.result?.lastCheckpoint))
            #expect(first.bits + second.bits == found.bits)
        }
    }

    /// Whatever has a state goes on with the same bits after a stop: plateau, early stopping, average, mixing, RandAugment.
    @Test func everyStateSurvivesAStop() throws {
        let plan = plan(epochs: 5) { plan in
            var plateau = PlateauSchedule()
            plateau.patience = 0
            plateau.mode = .most
            plateau.factor = 0.5
            plan.runform.schedule.curve = .reduceOnPlateau(plateau)
            plan.runform.earlyStopping.patience = 3
            plan.runform.earlyStopping.minDelta = 0.3
            plan.runform.average.tau = 10
            plan.runform.mixup.alpha = 0.4
            plan.runform.cutmix.alpha = 1
            plan.runform.labelSmoothing = 0.1
            plan.runform.augmentation.pictures.randAugment.apply = true
            plan.trainKwargs.globalStepEvalFreq = 2
        }
        let whole = try inFolder { try run(plan, in: $0) }
        #expect(whole.log.contains { $0.contains("the learning rate falls to") })
        #expect(whole.result?.message.contains("ended early") == true)
        for stop in [1, 4] {
            try inFolder { place in
                let first = try run(plan, in: place, stopAfter: stop)
                let second = try run(plan, in: place, resumeFrom: try #require(first.result?.lastCheckpoint))
                #expect(first.bits + second.bits == whole.bits)
                #expect(first.measures + second.measures == whole.measures)
                #expect(second.result?.message == whole.result?.message)
            }
        }
    }

    @Test(arguments: OptimizerName.allCases) func everyOptimizerTrainsAndResumes(name: OptimizerName) throws {
        let plan = plan(epochs: nil, steps: 3) { plan in
            var configuration = OptimizerConfiguration(name)
            if case .lbfgs(var options) = configuration {
                options.maximumIterations = 2
                options.lineSearch = .strongWolfe
                configuration = .lbfgs(options)
            }
            plan.runform.optimizer = .named(configuration)
            plan.runform.average.apply = false
            plan.trainKwargs.globalStepEvalFreq = 3
        }
        let whole = try inFolder { try run(plan, in: $0) }
        #expect(whole.steps.count == 3 && whole.result?.outcome == .success)
        try inFolder { place in
            let first = try run(plan, in: place, stopAfter: 2)
            let second = try run(plan, in: place, resumeFrom: try #require(first.result?.lastCheckpoint))
            #expect(first.bits + second.bits == whole.bits && second.measures == whole.measures)
        }
        if name == .muon { #expect(whole.log.contains { $0.contains("Muon updates") && $0.contains("AdamW the") }) }
    }

    @Test func stepsFrequenciesAndSchedulesAreHonoured() throws {
        let plan = plan(epochs: nil, steps: 7) { plan in
            plan.runform.schedule.curve = .oneCycle(OneCycleSchedule())
            plan.runform.schedule.warmupEpochs = nil
            plan.runform.schedule.warmupSteps = 0
            plan.runform.gradientAccumulation.apply = true
            plan.runform.gradientAccumulation.batches = 2
            plan.trainKwargs.globalStepEvalFreq = 3
            plan.trainKwargs.globalStepSaveCkptFreq = 2
        }
        let record = try inFolder { try run(plan, in: $0) }
        #expect(record.steps.map(\.step) == Array(1...7))
        #expect(record.evaluations.map(\.step) == [3, 6, 7])
        #expect(record.checkpoints.filter { $0.kind == .periodic }.map(\.step) == [2, 4, 6])
        let cycle = LearningRateSchedule(.oneCycle)
        for (step, metrics) in record.steps.enumerated() { #expect(abs(metrics.learningRate - 0.002 * cycle.factor(at: step, of: 7)) < 1e-12) }
    }

    @Test func aFixedNumberOfBatchesMakesAStep() throws {
        let plan = plan(epochs: 3) { plan in
            plan.runform.gradientAccumulation.apply = true
            plan.runform.gradientAccumulation.batches = 2
        }
        let schedule = StepSchedule(plan: plan, trainImages: 18)
        #expect(schedule.batchesPerEpoch == 3 && schedule.totalSteps == 6)
        #expect((0..<6).map { schedule.batches(of: $0).count } == [2, 1, 2, 1, 2, 1])
    }

    @Test func theBackboneRestsInItsFirstEpochs() throws {
        let network = try network(), module = network.module
        let before = module.stateDictionary()
        let plan = plan(epochs: 2) { plan in
            plan.runform.model.freezeBackboneEpochs = 1
            plan.runform.average.apply = false
        }
        try inFolder { place in
            let first = try run(plan, in: place, network: network, stopAfter: 3)
            let changed = zip(before.entries, module.stateDictionary().entries).filter { $0 != $1 }.map(\.0.key)
            #expect(Set(changed) == ["classifier.3.weight", "classifier.3.bias"])
            let second = try run(plan, in: place, resumeFrom: try #require(first.result?.lastCheckpoint))
            #expect(second.log.allSatisfy { !$0.contains("only the head") })
            let whole = try inFolder { try run(plan, in: $0) }
            #expect(first.bits + second.bits == whole.bits)
            #expect(whole.log.contains("the whole network learns from here on"))
        }
    }
}
