import Workbench

/// Carries out effects on a workbench. Pure apart from what the workbench does; called off the screen's thread.
enum EffectRunner {
    static func answer(_ effect: Effect, service: any WorkbenchService) -> Answer? {
        do {
            switch effect {
            case .loadRuns:
                return .runs(try service.runs(), service.resourceLimits())
            case .refreshRun(let id, let after):
                return .run(try refresh(id, after: after, service: service))
            case .loadDefaultDraft(let task):
                return .defaultDraft(try service.defaultDraft(task: task))
            case .loadWizard(let draft):
                return .wizard(try choices(for: draft, service: service))
            case .importWeights(let file, let task):
                return .imported(try service.importModel(ModelImportRequest(file: file, task: task)))
            case .submit(let draft):
                return .submitted(id: try service.submit(draft), name: draft.name)
            case .abort(let run):
                try service.abort(run: run)
                return .done("Asked the run to stop: it finishes its step and saves.")
            case .remove(let run):
                try service.remove(run: run)
                return .done("Removed the run.")
            case .resume(let run):
                try service.resume(run: run, checkpoint: nil)
                return .done("The run continues from its last checkpoint.")
            case .rerun(let run):
                try service.rerun(run: run)
                return .done("The run starts again from its beginning.")
            case .switchTheme, .redraw, .suspend, .quit:
                return nil
            }
        } catch {
            return .failed(effect, String(describing: error))
        }
    }

    private static func refresh(_ id: String, after: [String: Int64], service: any WorkbenchService) throws -> RunRefresh {
        let detail = try service.run(id)
        var points: [String: [MetricPoint]] = [:]
        for tag in LiveModel.tags(task: detail.summary.task) {
            points[tag] = try service.metricSeries(run: id, tag: tag, after: after[tag] ?? 0)
        }
        return RunRefresh(detail: detail, points: points, log: try service.logTail(run: id, count: 200))
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
