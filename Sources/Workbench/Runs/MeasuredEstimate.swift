import Foundation
import NeuralNetworks
import Synchronization
import TensorEngine
import Training
import VisionModels

extension Workbench {
    /// What a run would cost, found by training a few of its steps here and now until two tries agree, some seconds each.
    package func measuredEstimate(draft: RunDraft) throws -> RunEstimate {
        try measuredEstimate(plan: plan(for: draft), cores: draft.cores)
    }

    /// The same for a configuration, whose `resources` say with how many cores.
    package func measuredEstimate(configuration json: Data) throws -> RunEstimate {
        let plan = try validatePlan(json: json)
        let cores = plan.resources.cpu.flatMap(ResourceQuantity.parse).map { max(1, Int($0.rounded(.up))) }
        return try measuredEstimate(plan: plan, cores: cores ?? machine.cores().count)
    }

    private func measuredEstimate(plan: RunPlan, cores: Int) throws -> RunEstimate {
        var plan = plan
        plan.resources.cpu = "\(cores)"
        var estimate = try estimate(plan: plan, cores: cores)
        let start = ContinuousClock.now
        let data = try RunDataAssembly(store: store).assemble(plan)
        let figures = try Trial(plan: plan, data: data, cores: cores, folder: home.appendingPathComponent("cache"), start: start).figures()
        // An evaluation ends each epoch unless the plan counts steps.
        let evaluations = plan.trainKwargs.globalStepEvalFreq.map { Double(estimate.stepsPerEpoch) / Double($0) } ?? 1
        let seconds = figures.secondsPerEpoch(
            trainImages: estimate.trainImages, validationImages: data.validation.count, evaluations: evaluations)
        estimate.secondsPerEpoch = seconds
        estimate.seconds = figures.seconds(
            epochs: Double(estimate.totalSteps) / Double(max(1, estimate.stepsPerEpoch)), secondsPerEpoch: seconds)
        estimate.peakMemoryBytes = figures.peakBytes
        return estimate
    }
}

/// A trial on a thread of its own: it lowers its thread's priority and sets its number of threads.
private final class Trial: Sendable {
    private let plan: RunPlan
    private let data: RunData
    private let cores: Int
    private let folder: URL
    private let start: ContinuousClock.Instant
    private let outcome = Mutex<Result<TrialFigures, any Error>?>(nil)

    init(plan: RunPlan, data: RunData, cores: Int, folder: URL, start: ContinuousClock.Instant) {
        self.plan = plan
        self.data = data
        self.cores = cores
        self.folder = folder.appendingPathComponent("trial-\(UUID().uuidString)")
        self.start = start
    }

    func figures() throws -> TrialFigures {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            let result = Result { try run() }
            outcome.withLock { $0 = result }
            done.signal()
        }
        thread.name = "trainyard trial"
        thread.stackSize = 16 << 20
        thread.start()
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { throw WorkbenchError(.failed, "The trial ended without a result.") }
        return try result.get()
    }

    private func run() throws -> TrialFigures {
        ThreadPool.setThreads(cores)
        // As before a run: memory that is used for the first time takes its time.
        StoragePool.shared.trim()
        defer {
            try? FileManager.default.removeItem(at: folder)
            StoragePool.shared.trim()
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let entry = try ArchitectureCatalogue.entry(named: plan.runform.model.architecture)
        let network: TrainableNetwork =
            switch entry.makeNetwork(classes: data.labels.count, seed: UInt64(plan.seed)) {
            case .classifier(let classifier): .classifier(classifier)
            case .detector(let detector): .detector(detector)
            }
        let data = TrainingData(labels: data.labels, train: data.train, validation: data.validation)
        return try TrainingTrial(plan: plan, data: data, network: network).run(in: folder, since: start)
    }
}
