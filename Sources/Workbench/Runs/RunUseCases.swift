import Catalog
import Datasets
import Foundation
import Training

extension Workbench {
    // MARK: Starting

    package func submit(_ draft: RunDraft) throws -> String {
        if let problem = problems(of: draft).first { throw WorkbenchError(.invalid, problem) }
        return try submit(plan(for: draft), name: draft.name, version: draft.version, draft: draft)
    }

    /// Checks a configuration, stores and queues a run of it; returns its id. `startFrom` names a model to start from, by id or
    /// name, in place of the configuration's.
    package func submit(configuration json: Data, name: String, version: String, startFrom: String? = nil) throws(WorkbenchError) -> String {
        // Laid over before the check: other settings may ask for weights to start from.
        let start = startFrom.map { ConfigurationSetting(pointer: "/runform/model/weights", text: $0) }
        let plan = try validatePlan(json: configuration(json, with: [start].compactMap { $0 }))
        return try withCatalog { try submit(plan, name: name, version: version, draft: nil) }
    }

    private func submit(_ plan: RunPlan, name: String, version: String, draft: RunDraft?) throws -> String {
        var plan = plan
        plan.runform.model.weights = try startModel(of: plan)?.id
        let limits = resourceLimits()
        let cores = plan.resources.cpu.flatMap(ResourceQuantity.parse).map { max(1, Int($0.rounded(.up))) } ?? limits.coresTotal
        let estimate = try estimate(plan: plan, cores: cores)
        let memory = plan.resources.memory.flatMap(ResourceQuantity.parse).map { Int($0) } ?? min(limits.memoryTotalBytes, estimate.peakMemoryBytes)
        if case .unavailable(let reason) = availability(cores: cores, memoryBytes: memory, estimate: estimate) {
            throw WorkbenchError(.outOfResources, reason)
        }
        // Reads all of the data once, so that what cannot be trained is refused here and not by a failing run.
        let data = try RunDataAssembly(store: store).assemble(plan)
        plan.runform.labels = data.labels
        plan.resources.cpu = "\(cores)"
        plan.resources.memory = "\(max(1, memory >> 20))Mi"
        let configuration = String(decoding: try RunPlan.encode(plan), as: UTF8.self)
        let draftText = try draft.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) } ?? ""
        let run = RunRecord(
            name: name, version: version, createdAt: Self.now, task: plan.runform.taskType.rawValue,
            architecture: plan.runform.model.architecture, configuration: configuration, draft: draftText,
            trainSnapshotID: plan.runform.trainData.datasets.first?.versionID,
            valSnapshotID: plan.runform.valData.datasets.first?.versionID, startModelID: plan.runform.model.weights, cores: cores,
            memoryBytes: memory, imageSize: plan.runform.model.inputSize.height, batchSize: plan.runform.trainData.batchSize,
            totalSteps: estimate.totalSteps, totalEpochs: plan.trainKwargs.nEpochs ?? 0)
        try manager.requireOpen()
        try store.insert(run: run)
        try manager.enqueue(run.id)
        return run.id
    }

    /// The model that a plan starts from; one that is not ready, or of another architecture, is refused.
    func startModel(of plan: RunPlan) throws -> ModelRecord? {
        guard let key = plan.runform.model.weights else { return nil }
        let model = try store.model(key), architecture = plan.runform.model.architecture
        guard model.status == ModelState.ready.rawValue else {
            throw WorkbenchError(.conflict, "The model \"\(model.name)\" is \(model.status); start from a ready one.")
        }
        guard model.architecture == architecture else {
            throw WorkbenchError(
                .invalid, "The model \"\(model.name)\" is a \(model.architecture), the run trains a \(architecture); choose a model of that architecture.")
        }
        return model
    }

    // MARK: Changing

    package func abort(run: String) throws {
        try withCatalog {
            try store.markDeadRuns(at: Self.now)
            let record = try store.run(run)
            try store.requestStop(run: record.id, at: Self.now)
            manager.requestStop(record.id)
        }
    }

    package func resume(run: String, checkpoint: String?) throws {
        try withCatalog {
            let record = try store.run(run)
            let checkpoints = try store.checkpoints(run: record.id).filter { FileManager.default.fileExists(atPath: $0.path) }
            let chosen: CheckpointRecord?
            if let checkpoint {
                chosen = checkpoints.last {
                    $0.path == checkpoint || URL(fileURLWithPath: $0.path).lastPathComponent == checkpoint || $0.kind == checkpoint
                }
                guard chosen != nil else {
                    throw WorkbenchError(.notFound, "The run \"\(record.name)\" has no checkpoint \"\(checkpoint)\"; `trainyard runs show` lists them.")
                }
            } else {
                chosen = checkpoints.max { ($0.step, $0.createdAt) < ($1.step, $1.createdAt) }
            }
            guard let chosen else {
                throw WorkbenchError(.conflict, "The run \"\(record.name)\" left no checkpoint; start it again with rerun.")
            }
            guard record.status != .success else {
                throw WorkbenchError(.conflict, "The run \"\(record.name)\" is finished; start it again with rerun.")
            }
            try manager.requireOpen()
            try store.requeue(run: record.id, from: chosen, at: Self.now)
            try manager.enqueue(record.id)
        }
    }

    package func rerun(run: String) throws {
        try withCatalog {
            let record = try store.run(run)
            try manager.requireOpen()
            try store.requeue(run: record.id, from: nil, at: Self.now)
            for name in ["checkpoints", "evaluations"] {
                try? FileManager.default.removeItem(at: folder(ofRun: record.id).appendingPathComponent(name))
            }
            try manager.enqueue(record.id)
        }
    }

    package func remove(run: String) throws {
        try withCatalog {
            let record = try store.run(run)
            try store.removeRun(record.id)
            try? FileManager.default.removeItem(at: folder(ofRun: record.id))
        }
    }

    /// Asks this process's runs to finish their step and save; returns when they have. The process may end then.
    package func close() { manager.close() }

    /// Runs that this process carries out or will.
    package var ownRuns: [String] { manager.ownRuns }

    package func noteOutput(_ line: String) { manager.noteOutput(line) }

    // MARK: Reading

    package func run(_ id: String) throws -> RunDetail {
        try withCatalog {
            try store.markDeadRuns(at: Self.now)
            let run = try store.run(id)
            func datasetName(_ snapshot: String?) -> String {
                guard let snapshot, let record = try? store.snapshot(snapshot) else { return "" }
                return (try? store.dataset(record.datasetID).name) ?? ""
            }
            return RunDetail(
                summary: Self.summary(of: try store.runRow(run.id)), draft: try? JSONDecoder().decode(RunDraft.self, from: Data(run.draft.utf8)),
                configurationJSON: run.configuration, step: run.step, totalSteps: run.totalSteps, epoch: run.epoch,
                totalEpochs: run.totalEpochs, phase: run.phase, etaSeconds: run.etaSeconds, imagesPerSecond: run.imagesPerSecond,
                waitMilliseconds: run.waitMilliseconds, learningRate: run.learningRate, cores: run.cores,
                memoryBytes: run.memoryBytes, peakMemoryBytes: run.peakMemoryBytes, processID: run.processID,
                latestMetrics: try store.latestMetrics(run: run.id),
                checkpoints: try store.checkpoints(run: run.id).map {
                    CheckpointSummary(path: $0.path, step: $0.step, epoch: $0.epoch, kind: $0.kind, createdAt: $0.createdAt)
                },
                modelIDs: try store.models(run: run.id).map(\.id), startedAt: run.startedAt, endedAt: run.endedAt,
                directory: folder(ofRun: run.id).path, trainDatasetName: datasetName(run.trainSnapshotID),
                validationDatasetName: datasetName(run.valSnapshotID))
        }
    }

    package func logTail(run: String, count: Int) throws -> [LogLine] {
        try withCatalog {
            try store.logTail(run: store.run(run).id, count: count).map { LogLine(id: $0.id, time: $0.time, level: $0.level, text: $0.text) }
        }
    }

    /// Lines written after the one with the given id.
    package func log(run: String, after: Int64) throws(WorkbenchError) -> [LogLine] {
        try withCatalog {
            try store.log(run: store.run(run).id, after: after).map { LogLine(id: $0.id, time: $0.time, level: $0.level, text: $0.text) }
        }
    }
}
