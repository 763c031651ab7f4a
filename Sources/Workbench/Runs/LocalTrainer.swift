import Datasets
import Foundation
import ModelFiles
import NeuralNetworks
import TensorEngine
import Training
import VisionModels

/// Trains in this process, on the thread that calls.
struct LocalTrainer: RunExecutor {
    func execute(_ job: RunJob, control: RunControl, emit: (RunEvent) -> Void) throws -> RunResult {
        // A run may be resumed on another machine than that which checked its plan.
        if let refusal = job.plan.precision.refusal() { throw WorkbenchError(.invalid, refusal) }
        ThreadPool.setThreads(job.cores)
        let entry = try ArchitectureCatalogue.entry(named: job.plan.runform.model.architecture)
        let network = entry.makeNetwork(classes: job.data.labels.count, seed: UInt64(job.plan.seed))
        if let startWeights = job.startWeights, job.resumeFrom == nil {
            try load(startWeights, into: network.module, entry: entry, labels: job.data.labels, emit: emit)
        }
        let trainable: TrainableNetwork =
            switch network {
            case .classifier(let classifier): .classifier(classifier)
            case .detector(let detector): .detector(detector)
            }
        let data = TrainingData(labels: job.data.labels, train: job.data.train, validation: job.data.validation)
        let loop = TrainingLoop(
            plan: job.plan, data: data, network: trainable, directory: job.directory, resumeFrom: job.resumeFrom, control: control,
            imageStore: imageStore(of: job, emit: emit))
        return try loop.run(emit: emit)
    }

    /// Nil where the plan wants none, or where the disk refuses: the run then decodes images again.
    private func imageStore(of job: RunJob, emit: (RunEvent) -> Void) -> DecodedImageStore? {
        let choice = job.plan.runform.imageCache
        guard choice.apply else { return nil }
        do { return try DecodedImageStore(folder: job.imageFolder, byteLimit: choice.byteLimit) } catch {
            emit(.log(.warning, "decoded images are not kept in \(job.imageFolder.path), which cannot be used: \(error.localizedDescription)"))
            return nil
        }
    }

    /// A head for another number of classes keeps its fresh weights; all else must fit.
    private func load(_ url: URL, into module: Module, entry: ArchitectureEntry, labels: [String], emit: (RunEvent) -> Void) throws {
        let file = try WeightsFile(contentsOf: url)
        let match = WeightsMatch(file, entry: entry, classes: labels.count)
        guard match.fit.isComplete else {
            throw WorkbenchError(.invalid, "The model \(url.path) does not fit \(entry.name): it \(match.differences); choose a model of the same architecture.")
        }
        let taken = Set(match.fit.taken)
        let entries = file.tensors.filter { taken.contains($0.key) }.map { StateDictionary.Entry(key: $0.key, shape: $0.shape, values: $0.values()) }
        try module.load(StateDictionary(entries: entries), strict: false)
        let name = file.metadata["name"] ?? url.lastPathComponent
        emit(.log(.info, "started from \(name): \(taken.count) tensors taken, \(match.layout.count - taken.count) fresh"))
        for note in match.notes { emit(.log(.info, note)) }
        let saved = file.metadata["labels"].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) } ?? labels
        if match.fit.replaced.isEmpty, saved != labels {
            emit(.log(.warning, "the head was taken although it was trained for other labels: \(saved.prefix(5).joined(separator: ", "))\(saved.count > 5 ? ", …" : "")"))
        }
    }
}
