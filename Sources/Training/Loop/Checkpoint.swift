import Foundation
import ModelFiles
import NeuralNetworks
import TensorEngine

/// The counters of a run between two steps.
struct RunCounters: Codable, Sendable, Equatable {
    /// Optimiser steps done.
    var step = 0
    var bestFitness = -1.0
    var bestValues: [TaggedValue] = []
    var bestStep = 0
    /// Evaluations since the best one.
    var evaluationsWithoutGain = 0
    var averageUpdates = 0
    var randomStates: [RandomSource] = []
    var trainImages = 0
    var seed = 0
    /// Nil in checkpoints of earlier versions.
    var lastEvaluationStep: Int?
    /// What early stopping measures gains from; nil in checkpoints of earlier versions.
    var gainReference: Double?
    /// Nil for schedules that are functions of the step.
    var plateau: PlateauState?
}

/// The state of a run in one safetensors file: averaged and trained weights under torch's names, the optimiser's state,
/// and the counters in the file's metadata. A run goes on from it bit for bit. A run without an average keeps its trained
/// weights where others keep the averaged ones.
package enum Checkpoint {
    private static let averagePrefix = "model.", livePrefix = "live.", optimizerPrefix = "optimizer."
    private static let countersKey = "trainyard.run", formatKey = "trainyard.format", format = "trainyard-checkpoint/1"

    /// The averaged weights in a checkpoint, under torch's names: what evaluation measured and what leaves as a model.
    package static func weights(from url: URL) throws(TrainingError) -> WeightsFile {
        let file: WeightsFile
        do { file = try WeightsFile(contentsOf: url) } catch { throw .checkpoint(path: url.path, reason: error.description) }
        guard file.format == .checkpoint else { throw notOfARun(url) }
        return file
    }

    /// Writes tensor after tensor from where training keeps them: the state never exists twice.
    static func write(
        module: Module, average: ExponentialMovingAverage?, optimizer: any Optimizer, counters: RunCounters, to url: URL
    ) throws(TrainingError) {
        var saved = counters
        if let average { saved.averageUpdates = average.updates }
        saved.randomStates = module.randomStates
        let weights = module.stateSources
        var sources = weights.map { $0.under(averagePrefix) }
        if average != nil { sources += weights.map { $0.under(livePrefix) } }
        sources += optimizer.stateSources.map { $0.under(optimizerPrefix) }
        // Written under another name, forced to the disk, then renamed: at any instant the file is whole, old or new.
        let fresh = url.appendingPathExtension("new")
        average?.swapIn()
        defer { average?.swapOut() }
        do {
            let text = String(decoding: try JSONEncoder().encode(saved), as: UTF8.self)
            try SafetensorsFile.write(sources.map(\.slot), metadata: [formatKey: format, countersKey: text], to: fresh) { index in
                // The averages come first; from then on the module holds its trained values again.
                if index >= weights.count { average?.swapOut() }
                return sources[index].values
            }
        } catch {
            throw .checkpoint(path: url.path, reason: "\(error)")
        }
        try DurableFile.replace(url, by: fresh)
    }

    /// Puts a checkpoint's state into a run's parts; the optimiser must be the one that wrote it.
    static func restore(
        from url: URL, module: Module, average: ExponentialMovingAverage?, optimizer: any Optimizer
    ) throws(TrainingError) -> RunCounters {
        do {
            let metadata = try SafetensorsFile.read(url) { _ in false }.metadata
            guard metadata[formatKey] == format, let text = metadata[countersKey] else { throw notOfARun(url) }
            let counters = try JSONDecoder().decode(RunCounters.self, from: Data(text.utf8))
            guard counters.averageUpdates >= 0 else {
                throw TrainingError.checkpoint(path: url.path, reason: "it counts \(counters.averageUpdates) updates of its average")
            }
            // One part after another, so that no more than one is in memory beside what it goes into.
            if let average {
                try average.restore(part(averagePrefix, of: url), updates: counters.averageUpdates, in: module)
                try module.load(part(livePrefix, of: url), strict: true)
            } else {
                try module.load(part(averagePrefix, of: url), strict: true)
            }
            try optimizer.importState(part(optimizerPrefix, of: url).entries)
            guard counters.randomStates.count == module.randomStates.count else {
                throw TrainingError.checkpoint(path: url.path, reason: "it has another number of random generators than the network")
            }
            module.randomStates = counters.randomStates
            return counters
        } catch let error as TrainingError {
            throw error
        } catch {
            throw .checkpoint(path: url.path, reason: "\(error)")
        }
    }

    private static func notOfARun(_ url: URL) -> TrainingError {
        .checkpoint(path: url.path, reason: "it is not a checkpoint of a run")
    }

    /// The tensors whose keys begin with `prefix`, without it.
    private static func part(_ prefix: String, of url: URL) throws(SafetensorsError) -> StateDictionary {
        var state = try SafetensorsFile.read(url) { $0.hasPrefix(prefix) }.state
        for index in state.entries.indices { state.entries[index].key.removeFirst(prefix.count) }
        return state
    }
}
