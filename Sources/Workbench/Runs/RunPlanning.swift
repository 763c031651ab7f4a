import Catalog
import Datasets
import Foundation
import Training
import VisionModels

extension Workbench {
    // MARK: Drafts

    package func defaultDraft(task: TaskKind) throws -> RunDraft {
        let sample: SampleDataset = task == .objectDetection ? .digitScenes : .digits
        let dataset = try prepareSample(sample)
        return try draft(on: dataset)
    }

    /// Quick Start's defaults for a dataset: its view "all", the newest snapshot, the smallest architecture.
    package func draft(on dataset: DatasetSummary) throws(WorkbenchError) -> RunDraft {
        try withCatalog {
            guard let view = try store.views(dataset: dataset.id).first, let snapshot = try store.snapshots(view: view.id).first else {
                throw WorkbenchError(.invalid, "The dataset \"\(dataset.name)\" has no snapshot; create one with `trainyard snapshots create`.")
            }
            let selection = DataSelection(datasetID: dataset.id, viewID: view.id, snapshotID: snapshot.id)
            let limits = resourceLimits()
            let isDetection = dataset.task == .objectDetection
            let architecture = isDetection ? "YOLOv8_nano" : "mobilenet_v3_small"
            let side = try typicalSide(ofSnapshot: snapshot.id)
            var draft = RunDraft(
                name: "\(dataset.name)-\(isDetection ? "yolov8n" : "mobilenet")", task: dataset.task, train: selection,
                validation: selection, architecture: architecture, epochs: 40, cores: limits.coresTotal,
                memoryBytes: min(4 << 30, limits.memoryTotalBytes),
                imageSize: isDetection ? min(640, max(160, (side + 31) / 32 * 32)) : min(224, max(32, (side + 31) / 32 * 32)),
                batchSize: isDetection ? 16 : 32)
            // Memory follows what the run needs, with room, rounded up to half a gibibyte.
            if let need = try? estimate(draft: draft).peakMemoryBytes {
                let unit = 1 << 29
                draft.memoryBytes = min(limits.memoryTotalBytes, max(1 << 30, (need + need / 4 + unit - 1) / unit * unit))
            }
            return draft
        }
    }

    /// The middle of the images' longer sides, in pixels.
    private func typicalSide(ofSnapshot id: String) throws -> Int {
        let sides = try store.items(ofSnapshot: id).map { max($0.width, $0.height) }.sorted()
        return sides.isEmpty ? 640 : sides[sides.count / 2]
    }

    package func problems(of draft: RunDraft) -> [String] {
        var problems: [String] = []
        if draft.name.trimmingCharacters(in: .whitespaces).isEmpty { problems.append("The run has no name; type one.") }
        if draft.version.trimmingCharacters(in: .whitespaces).isEmpty { problems.append("The run has no version; type one, such as 1.0.") }
        do {
            let plan = try plan(for: draft)
            if case .failure(let error) = Self.validator.validate(plan) { problems += error.issues.map(\.description) }
            _ = try startModel(of: plan)
            _ = try RunDataAssembly(store: store).assemble(plan)
            let estimate = try estimate(draft: draft)
            if case .unavailable(let reason) = availability(cores: draft.cores, memoryBytes: draft.memoryBytes, estimate: estimate) {
                problems.append(reason)
            }
        } catch { problems.append("\(error)") }
        return problems
    }

    // MARK: Plans

    /// Checks configurations against the architectures of the catalogue.
    static let validator = RunPlanValidator(architectures: ArchitectureCatalogue.entries.compactMap { entry in
        DatasetTask(rawValue: entry.task.rawValue).map {
            .init(name: entry.name, task: $0, minimumInputSize: entry.minimumInputSize, takesOneSizeOnly: entry.takesOneSizeOnly)
        }
    })

    /// The configuration that a draft stands for.
    func plan(for draft: RunDraft) throws -> RunPlan {
        guard let task = DatasetTask(rawValue: draft.task.rawValue) else {
            throw WorkbenchError(.invalid, "The task \"\(draft.task.rawValue)\" cannot be trained.")
        }
        var plan = RunPlan(
            task: task, architecture: draft.architecture, imageSize: draft.imageSize, batchSize: draft.batchSize,
            epochs: draft.epochs)
        plan.runform.trainData.datasets = [
            DatasetReference(id: draft.train.datasetID, versionID: draft.train.snapshotID, projectID: "default")
        ]
        plan.runform.valData.datasets = [
            DatasetReference(id: draft.validation.datasetID, versionID: draft.validation.snapshotID, projectID: "default")
        ]
        plan.runform.trainData.negativeSamples = draft.negativeSamples
        plan.runform.valData.negativeSamples = draft.negativeSamples
        plan.runform.labels = draft.labels
        if try labelsAreCharacters(draft) {
            plan.runform.augmentation.flipHorizontal = 0
            plan.runform.augmentation.cropMinimumArea = max(0.7, plan.runform.augmentation.cropMinimumArea)
        }
        if case .model(let id) = draft.startFrom { plan.runform.model.weights = id }
        plan.resources.cpu = "\(draft.cores)"
        plan.resources.memory = "\(max(1, draft.memoryBytes >> 20))Mi"
        plan.notes = draft.notes
        plan.seed = Int(clamping: draft.seed)
        return plan
    }

    /// Whether every label is a single letter or digit: a mirrored or halved character is another one, or none.
    private func labelsAreCharacters(_ draft: RunDraft) throws -> Bool {
        let labels = try draft.labels.isEmpty ? store.dataset(draft.train.datasetID).labels : draft.labels
        return !labels.isEmpty && labels.allSatisfy { label in
            label.count == 1 && label.allSatisfy { $0.isLetter || $0.isNumber }
        }
    }

    /// The plan that a JSON text describes, or all that is wrong with it in one error.
    func validatePlan(json: Data) throws(WorkbenchError) -> RunPlan {
        switch Self.validator.validate(json: json) {
        case .success(let plan): return plan
        case .failure(let error): throw WorkbenchError(.invalid, error.issues.map(\.description).joined(separator: "\n"))
        }
    }

    /// What is wrong with a configuration, one entry a mistake; empty when it is fine.
    package func configurationProblems(json: Data) -> [ConfigurationProblem] {
        guard case .failure(let error) = Self.validator.validate(json: json) else { return [] }
        return error.issues.map {
            ConfigurationProblem(path: $0.path, found: $0.found, allowed: $0.allowed, nearest: $0.nearest, message: $0.message)
        }
    }

    // MARK: Estimates

    package func estimate(draft: RunDraft) throws -> RunEstimate {
        try estimate(plan: plan(for: draft), cores: draft.cores)
    }

    func estimate(plan: RunPlan, cores: Int) throws -> RunEstimate {
        let form = plan.runform
        let counts = try imageCounts(of: plan)
        let batchSize = max(1, form.trainData.batchSize), size = form.model.inputSize.height
        let batches = (counts.train + batchSize - 1) / batchSize
        // Gradients of several small batches make one optimiser step.
        let accumulation = StepSchedule.nominalBatches(form)
        let stepsPerEpoch = max(1, (batches + accumulation - 1) / accumulation)
        let totalSteps = plan.trainKwargs.nGlobalSteps ?? stepsPerEpoch * (plan.trainKwargs.nEpochs ?? 1)
        let earlier = try store.pace(architecture: form.model.architecture, imageSize: size, batchSize: batchSize, cores: cores)
        let memory = try MemoryEstimate.shared.peakBytes(
            architecture: form.model.architecture, classes: max(1, form.labels.isEmpty ? counts.labels : form.labels.count),
            imageSize: size, batchSize: batchSize)
        return RunEstimate(
            trainImages: counts.train, validationImages: counts.validation, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps,
            seconds: earlier.first.map { $0.secondsPerStep * Double(totalSteps) },
            // What was measured may have been another process's peak as well, so it is never less than half the estimate.
            peakMemoryBytes: earlier.compactMap(\.peakMemoryBytes).max().map { max($0, memory / 2) } ?? memory)
    }

    /// From the snapshots' counts: quick, and exact but for a subset of labels.
    private func imageCounts(of plan: RunPlan) throws -> (train: Int, validation: Int, labels: Int) {
        try withCatalog {
            let form = plan.runform
            if !form.labels.isEmpty, let data = try? RunDataAssembly(store: store).assemble(plan) {
                return (data.train.count, data.validation.count, data.labels.count)
            }
            let train = try form.trainData.datasets.map { try store.snapshot($0.versionID) }
            let validation = try form.valData.datasets.map { try store.snapshot($0.versionID) }
            return (
                train.reduce(0) { $0 + $1.trainCount }, validation.reduce(0) { $0 + $1.valCount },
                train.map(\.labelCounts.count).max() ?? 1
            )
        }
    }
}
