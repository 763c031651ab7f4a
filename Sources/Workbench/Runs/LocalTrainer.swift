import Foundation
import ModelFiles
import NeuralNetworks
import TensorEngine
import Training
import VisionModels

/// Trains in this process, on the thread that calls.
struct LocalTrainer: RunExecutor {
    func execute(_ job: RunJob, control: RunControl, emit: (RunEvent) -> Void) throws -> RunResult {
        ThreadPool.setThreads(job.cores)
        let entry = try ArchitectureCatalogue.entry(named: job.plan.runform.model.architecture)
        let network = entry.makeNetwork(classes: job.data.labels.count, seed: UInt64(job.plan.seed))
        if let startWeights = job.startWeights, job.resumeFrom == nil {
            try load(startWeights, into: network.module, emit: emit)
        }
        let trainable: TrainableNetwork =
            switch network {
            case .classifier(let classifier): .classifier(classifier)
            case .detector(let detector): .detector(detector)
            }
        let data = TrainingData(labels: job.data.labels, train: job.data.train, validation: job.data.validation)
        let loop = TrainingLoop(
            plan: job.plan, data: data, network: trainable, directory: job.directory, resumeFrom: job.resumeFrom, control: control)
        return try loop.run(emit: emit)
    }

    /// Layers that another number of classes reshaped keep their fresh weights.
    private func load(_ file: URL, into module: Module, emit: (RunEvent) -> Void) throws {
        let report = try module.load(SafetensorsFile.read(file).state, strict: false)
        guard !report.loaded.isEmpty else {
            throw WorkbenchError(.invalid, "The model \(file.path) has no layer in common with the architecture; choose a model of the same architecture.")
        }
        let fresh = report.missing.count + report.mismatched.count
        emit(.log(.info, "started from \(file.lastPathComponent): \(report.loaded.count) tensors taken, \(fresh) fresh"))
    }
}
