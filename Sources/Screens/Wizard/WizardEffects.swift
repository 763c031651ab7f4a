import Workbench

/// What Quick Start asks the workbench.
enum WizardEffect: ServiceEffect {
    case loadDefaultDraft(TaskKind)
    /// The settings of a run, for another one.
    case loadDraft(ofRun: String)
    case loadChoices(RunDraft)
    case importWeights(file: String, TaskKind)
    case submit(RunDraft)

    var isSlow: Bool {
        switch self {
        case .loadChoices: false
        case .loadDefaultDraft, .loadDraft, .importWeights, .submit: true
        }
    }

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .loadDefaultDraft(let task): .wizard(.defaultDraft(try service.defaultDraft(task: task)))
        case .loadDraft(let run): .wizard(.defaultDraft(try Self.draft(ofRun: run, service: service)))
        case .loadChoices(let draft): .wizard(.choices(try Self.choices(for: draft, service: service)))
        case .importWeights(let file, let task): .wizard(.imported(try service.importModel(ModelImportRequest(file: file, task: task))))
        case .submit(let draft): .wizard(.submitted(id: try service.submit(draft), name: draft.name))
        }
    }

    private static func draft(ofRun run: String, service: any WorkbenchService) throws -> RunDraft {
        let detail = try service.run(run)
        guard var draft = detail.draft else {
            throw WorkbenchError(
                .invalid, "\(detail.summary.name) was made of a JSON configuration, which Quick Start cannot show; `trainyard runs show --config` prints it.")
        }
        draft.name = detail.summary.name + "-copy"
        return draft
    }

    private static func choices(for wanted: RunDraft, service: any WorkbenchService) throws -> WizardChoices {
        var draft = wanted
        let datasets = try service.datasets().filter { $0.task == draft.task }
        let (trainViews, trainSnapshots) = try complete(&draft.train, service: service)
        let (validationViews, validationSnapshots) = try complete(&draft.validation, service: service)
        let labels = trainSnapshots.first { $0.id == draft.train.snapshotID }?.labelCounts.count ?? 0
        let classes = max(1, draft.labels.isEmpty ? labels : draft.labels.count)
        let architectures = try service.quickStartArchitectures(task: draft.task, classes: classes)
        let problems = service.problems(of: draft)
        let estimate = try? service.estimate(draft: draft)
        return WizardChoices(
            draft: draft, datasets: datasets, trainViews: trainViews, trainSnapshots: trainSnapshots,
            validationViews: validationViews, validationSnapshots: validationSnapshots,
            models: try service.models().filter { $0.task == draft.task && $0.status == .ready }, architectures: architectures,
            limits: service.resourceLimits(), estimate: estimate,
            availability: estimate.map {
                service.availability(cores: draft.cores, memoryBytes: draft.memoryBytes, estimate: $0)
            }, problems: problems)
    }

    /// Fills in the first view and the newest snapshot where none is chosen.
    private static func complete(
        _ selection: inout DataSelection, service: any WorkbenchService
    ) throws -> ([ViewSummary], [SnapshotSummary]) {
        guard !selection.datasetID.isEmpty else { return ([], []) }
        let views = try service.views(dataset: selection.datasetID)
        if !views.contains(where: { $0.id == selection.viewID }) { selection.viewID = views.first?.id ?? "" }
        guard !selection.viewID.isEmpty else { return (views, []) }
        let snapshots = try service.snapshots(view: selection.viewID)
        if !snapshots.contains(where: { $0.id == selection.snapshotID }) {
            selection.snapshotID = snapshots.max { $0.createdAt < $1.createdAt }?.id ?? ""
        }
        return (views, snapshots)
    }
}

enum WizardAnswer: Equatable, Sendable {
    case defaultDraft(RunDraft)
    case choices(WizardChoices)
    case imported(ModelImportReport)
    case submitted(id: String, name: String)
}

/// What the wizard can offer for a draft, and what the draft would cost.
struct WizardChoices: Equatable, Sendable {
    /// The draft that this is about; empty view or snapshot ids are filled in.
    var draft: RunDraft
    var datasets: [DatasetSummary]
    var trainViews: [ViewSummary]
    var trainSnapshots: [SnapshotSummary]
    var validationViews: [ViewSummary]
    var validationSnapshots: [SnapshotSummary]
    var models: [ModelSummary]
    var architectures: [ArchitectureSummary]
    var limits: ResourceLimits
    var estimate: RunEstimate?
    var availability: ResourceAvailability?
    var problems: [String]

    var trainSnapshot: SnapshotSummary? { trainSnapshots.first { $0.id == draft.train.snapshotID } }
    var validationSnapshot: SnapshotSummary? { validationSnapshots.first { $0.id == draft.validation.snapshotID } }
    var trainDataset: DatasetSummary? { datasets.first { $0.id == draft.train.datasetID } }
}
