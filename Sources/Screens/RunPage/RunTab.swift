import TerminalKit
import Workbench

/// The tabs of a run's page, in their order.
enum RunTab: String, CaseIterable, Equatable, Sendable {
    case overview, metrics, classes, precisionRecall, f1, confusion, labels, predictions, log, checkpoints, configuration

    /// One word for the row of tabs.
    var short: String {
        switch self {
        case .classes: "AP"
        case .precisionRecall: "PR"
        case .f1: "F1"
        case .configuration: "config"
        default: rawValue
        }
    }

    /// As sentences call it.
    var title: String {
        switch self {
        case .overview: "overview"
        case .metrics: "metrics"
        case .classes: "per-class AP"
        case .precisionRecall: "precision by recall"
        case .f1: "F1 by confidence"
        case .confusion: "confusion matrix"
        case .labels: "label distribution"
        case .predictions: "predictions"
        case .log: "log"
        case .checkpoints: "checkpoints"
        case .configuration: "configuration"
        }
    }

    /// The action that opens the tab from anywhere on the page.
    var action: AppAction {
        switch self {
        case .overview: .overviewTab
        case .metrics: .metricsTab
        case .classes: .classesTab
        case .precisionRecall: .precisionRecallTab
        case .f1: .f1Tab
        case .confusion: .confusionTab
        case .labels: .labelsTab
        case .predictions: .predictionsTab
        case .log: .logTab
        case .checkpoints: .checkpointsTab
        case .configuration: .configurationTab
        }
    }

    /// The tab `count` further on, round the end.
    func moved(by count: Int) -> RunTab {
        let all = Self.allCases
        let index = all.firstIndex(of: self) ?? 0
        return all[((index + count) % all.count + all.count) % all.count]
    }

    /// Whether the tab shows an evaluation.
    var showsEvaluation: Bool {
        switch self {
        case .classes, .precisionRecall, .f1, .confusion, .predictions: true
        case .overview, .metrics, .labels, .log, .checkpoints, .configuration: false
        }
    }

    /// Whether the tab is drawn as lines, whose characters can be chosen.
    var hasCurves: Bool { self == .metrics || self == .precisionRecall || self == .f1 }

    /// The actions of the page that do something here, beside those of lists.
    var actions: [AppAction] {
        switch self {
        case .overview, .metrics: []
        case .classes: [.pageSort, .pageReverse, .pageEvaluation]
        case .precisionRecall, .f1: [.pageLeft, .pageRight, .pageEvaluation]
        case .confusion: [.pageLeft, .pageRight, .pageValues, .pageEvaluation]
        case .labels: [.pageSort, .pageReverse]
        case .predictions: [.pageLeft, .pageRight, .pageLess, .pageMore, .pageTruth, .pageEvaluation]
        case .log: [.pageFilter, .pageFollow, .pageLevels, .pageWrap]
        case .checkpoints: [.pageResume, .pageExport, .pageModel]
        case .configuration: [.pageDifferences, .pageFilter]
        }
    }

    /// Whether the actions of lists move something here.
    var scrolls: Bool {
        switch self {
        case .overview, .metrics, .precisionRecall, .f1: false
        case .classes, .confusion, .labels, .predictions, .log, .checkpoints, .configuration: true
        }
    }
}

/// What every tab may show of the run.
struct RunPageFacts: Equatable, Sendable {
    let runID: String
    var detail: RunDetail?
    var evaluation = EvaluationState()
}

/// A run's evaluation as the tabs share it.
struct EvaluationState: Equatable, Sendable {
    private(set) var choice = EvaluationChoice.best
    private(set) var found: RunEvaluation?
    /// True once an answer came, be it that there is none.
    private(set) var isLoaded = false
    private(set) var problem: String?
    /// What the run had measured when the evaluation was asked for: once that moves, there is a new one.
    private var askedAt: [String: UInt64]?
    private var revision = 0

    /// By revision, since an evaluation may hold NaN, which does not equal itself.
    static func == (left: EvaluationState, right: EvaluationState) -> Bool {
        left.choice == right.choice && left.revision == right.revision && left.isLoaded == right.isLoaded && left.problem == right.problem
            && left.askedAt == right.askedAt
    }

    /// Whether to ask for it now.
    mutating func isDue(_ detail: RunDetail?) -> Bool {
        guard let detail else { return false }
        let measured = detail.latestMetrics.filter { $0.key.hasPrefix("metrics/") || $0.key.hasPrefix("val/") }.mapValues(\.bitPattern)
        if askedAt == measured { return false }
        askedAt = measured
        return true
    }

    mutating func take(_ evaluation: RunEvaluation?, choice: EvaluationChoice) {
        guard choice == self.choice else { return }
        found = evaluation
        isLoaded = true
        problem = nil
        revision += 1
    }

    mutating func fail(_ text: String) {
        isLoaded = true
        problem = text
    }

    mutating func switchChoice() {
        choice = choice == .best ? .newest : .best
        askedAt = nil
    }

    /// Why there is nothing to show, in words.
    func absence(_ run: RunSummary?) -> String {
        if let problem { return problem }
        guard isLoaded else { return "Reading the evaluation…" }
        guard run?.status.isTerminal == true else { return "No evaluation yet. The first one ends the first epoch." }
        return "The run was never evaluated: it ended before its first evaluation."
    }
}

/// A tab's own state. Its actions are those of `RunTab.actions` and of lists; the page asks for no others.
protocol RunTabModel: Equatable, Sendable {
    /// Why an action does nothing now; nil where it does.
    func obstacle(to action: AppAction, facts: RunPageFacts) -> String?
    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request]
    /// Takes a key into an open text field or picker.
    mutating func type(_ key: Key, facts: RunPageFacts) -> [Request]?
    func footer(_ glyphs: Glyphs) -> [FooterItem]
    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext)
}

extension RunTabModel {
    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? { nil }
    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] { [] }
    mutating func type(_ key: Key, facts: RunPageFacts) -> [Request]? { nil }
}

extension CellBuffer {
    /// A sentence in the middle of a tab that has nothing to show.
    mutating func drawAbsence(_ text: String, in rect: Rect, appearance: Appearance) {
        let lines = text.wrapped(to: max(10, min(64, rect.width - 4)))
        let width = lines.map { CharacterWidth.columns(of: $0) }.max() ?? 0
        let area = rect.centered(width: width, height: lines.count)
        for (row, line) in lines.prefix(rect.height).enumerated() { put(line, x: area.x, y: area.y + row, style: appearance.muted) }
    }
}
