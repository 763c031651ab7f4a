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
    package static func weights(from url: URL) throws(TrainingError) -> StateDictionary {
        let (state, _) = try read(url)
        return StateDictionary(entries: entries(of: state, under: averagePrefix))
    }

    static func write(
        module: Module, average: ExponentialMovingAverage?, optimizer: any Optimizer, counters: RunCounters, to url: URL
    ) throws(TrainingError) {
        let live = module.stateDictionary()
        var saved = counters, parts = [(averagePrefix, live.entries)]
        if let average {
            average.swapIn()
            parts = [(averagePrefix, module.stateDictionary().entries), (livePrefix, live.entries)]
            average.swapOut()
            saved.averageUpdates = average.updates
        }
        saved.randomStates = module.randomStates
        parts.append((optimizerPrefix, optimizer.exportState()))
        let entries = parts.flatMap { prefix, entries in
            entries.map { StateDictionary.Entry(key: prefix + $0.key, shape: $0.shape, values: $0.values) }
        }
        // Written under another name, forced to the disk, then renamed: at any instant the file is whole, old or new.
        let fresh = url.appendingPathExtension("new")
        do {
            let text = String(decoding: try JSONEncoder().encode(saved), as: UTF8.self)
            try SafetensorsFile.write(
                StateDictionary(entries: entries), metadata: [formatKey: format, countersKey: text], to: fresh)
        } catch {
            throw .checkpoint(path: url.path, reason: "\(error)")
        }
        try DurableFile.replace(url, by: fresh)
    }

    /// Puts a checkpoint's state into a run's parts; the optimiser must be the one that wrote it.
    static func restore(
        from url: URL, module: Module, average: ExponentialMovingAverage?, optimizer: any Optimizer
    ) throws(TrainingError) -> RunCounters {
        let (state, metadata) = try read(url)
        guard metadata[formatKey] == format, let text = metadata[countersKey] else {
            throw .checkpoint(path: url.path, reason: "it is not a checkpoint of a run")
        }
        do {
            let counters = try JSONDecoder().decode(RunCounters.self, from: Data(text.utf8))
            let averaged = StateDictionary(entries: entries(of: state, under: averagePrefix))
            if let average {
                try module.load(StateDictionary(entries: entries(of: state, under: livePrefix)), strict: true)
                try load(averaged, updates: counters.averageUpdates, module: module, into: average)
            } else {
                try module.load(averaged, strict: true)
            }
            try optimizer.importState(entries(of: state, under: optimizerPrefix))
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

    /// Averages are kept in the engine's layout, so a fresh average of the loaded module takes them over.
    private static func load(
        _ averaged: StateDictionary, updates: Int, module: Module, into average: ExponentialMovingAverage
    ) throws {
        let live = module.stateDictionary()
        try module.load(averaged, strict: true)
        var exported = ExponentialMovingAverage(module).exportState()
        try module.load(live, strict: true)
        for index in exported.indices where exported[index].key == "updates" { exported[index].values = .int64([Int64(updates)]) }
        try average.importState(exported)
    }

    private static func read(_ url: URL) throws(TrainingError) -> (StateDictionary, [String: String]) {
        do {
            let file = try SafetensorsFile.read(url)
            return (file.state, file.metadata)
        } catch {
            throw .checkpoint(path: url.path, reason: "\(error)")
        }
    }

    private static func entries(of state: StateDictionary, under prefix: String) -> [StateDictionary.Entry] {
        state.entries.compactMap { entry in
            guard entry.key.hasPrefix(prefix) else { return nil }
            return StateDictionary.Entry(key: String(entry.key.dropFirst(prefix.count)), shape: entry.shape, values: entry.values)
        }
    }
}
