import TerminalKit
import Workbench

/// What happens to the app: keys, time, and answers of the workbench.
enum Message: Equatable, Sendable {
    case key(Key)
    /// Seconds since 1970.
    case tick(Double)
    case answer(Answer)
}

/// What the app asks for. The session carries it out, off the screen's thread, and answers.
enum Effect: Equatable, Sendable {
    case loadRuns
    case refreshRun(id: String, after: [String: Int64])
    case loadDefaultDraft(TaskKind)
    case loadWizard(RunDraft)
    case importWeights(file: String, TaskKind)
    case submit(RunDraft)
    case abort(run: String)
    case remove(run: String)
    case resume(run: String)
    case rerun(run: String)
    case switchTheme
    case redraw
    case suspend
    case quit(QuitMode)

    /// True for work that may take seconds; it has a queue of its own, so that refreshes go on beside it.
    var isSlow: Bool {
        switch self {
        case .loadDefaultDraft, .importWeights, .submit, .abort, .remove, .resume, .rerun: true
        default: false
        }
    }
}

/// How to leave.
package enum QuitMode: Equatable, Sendable {
    /// At once; nothing trains in this process.
    case now
    /// Ask this process's runs to finish their step and save, then leave.
    case stoppingRuns
    /// Close the screen and stay until this process's runs are done.
    case keepingRuns
}

enum Answer: Equatable, Sendable {
    case runs([RunSummary], ResourceLimits)
    case run(RunRefresh)
    case defaultDraft(RunDraft)
    case wizard(WizardChoices)
    case imported(ModelImportReport)
    case submitted(id: String, name: String)
    case done(String)
    /// A sentence of the workbench, and what asked for it.
    case failed(Effect, String)
}

/// What changed in a run since the last look.
struct RunRefresh: Equatable, Sendable {
    var detail: RunDetail
    var points: [String: [MetricPoint]]
    var log: [LogLine]

    /// By bits: a NaN, which is worth showing, equals itself here.
    static func == (left: RunRefresh, right: RunRefresh) -> Bool {
        left.detail == right.detail && left.log == right.log
            && left.points.mapValues { $0.map(\.id) } == right.points.mapValues { $0.map(\.id) }
    }
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
