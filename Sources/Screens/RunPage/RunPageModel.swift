import TerminalKit
import Workbench

/// The page of one run, while it trains and afterwards: tabs over one state.
struct RunPageModel: Equatable, Sendable {
    private(set) var live: LiveModel
    private(set) var tab = RunTab.metrics
    private(set) var isRefreshing = false
    private(set) var facts: RunPageFacts
    private(set) var overview = OverviewTab()
    private(set) var classes = ClassesTab()
    private(set) var precisionRecall = CurvesTab(.precisionRecall)
    private(set) var f1 = CurvesTab(.confidence)
    private(set) var confusion = ConfusionTab()
    private(set) var labels = LabelsTab()
    private(set) var predictions = PredictionsTab()
    private(set) var log = LogTab()
    private(set) var checkpoints = CheckpointsTab()
    private(set) var configuration = ConfigurationTab()
    private var asksForLabels = true

    init(runID: String) {
        live = LiveModel(runID: runID)
        facts = RunPageFacts(runID: runID)
    }

    var runID: String { live.runID }
    var run: RunSummary? { live.detail?.summary }

    /// The open tab's own state; nil for the metrics, which the live model keeps.
    private var tabModel: (any RunTabModel)? {
        switch tab {
        case .metrics: nil
        case .overview: overview
        case .classes: classes
        case .precisionRecall: precisionRecall
        case .f1: f1
        case .confusion: confusion
        case .labels: labels
        case .predictions: predictions
        case .log: log
        case .checkpoints: checkpoints
        case .configuration: configuration
        }
    }

    /// Changes the open tab's state; nil for the metrics.
    private mutating func changeTab<Result>(_ change: (inout any RunTabModel, RunPageFacts) -> Result) -> Result? {
        func changed<Tab: RunTabModel>(_ tab: inout Tab, _ facts: RunPageFacts) -> Result {
            var model: any RunTabModel = tab
            let result = change(&model, facts)
            if let same = model as? Tab { tab = same }
            return result
        }
        switch tab {
        case .metrics: return nil
        case .overview: return changed(&overview, facts)
        case .classes: return changed(&classes, facts)
        case .precisionRecall: return changed(&precisionRecall, facts)
        case .f1: return changed(&f1, facts)
        case .confusion: return changed(&confusion, facts)
        case .labels: return changed(&labels, facts)
        case .predictions: return changed(&predictions, facts)
        case .log: return changed(&log, facts)
        case .checkpoints: return changed(&checkpoints, facts)
        case .configuration: return changed(&configuration, facts)
        }
    }
}

extension RunPageModel: ScreenModel {
    var screen: Screen { .run(self) }
    var refreshInterval: Double { live.metrics.isIncomplete ? 0.05 : run?.status.isTerminal == true ? 0.7 : 0.3 }

    // MARK: Data

    mutating func refresh() -> [Effect] {
        isRefreshing = true
        return [.runPage(.refresh(id: runID, after: live.metrics.cursors))] + tabEffects().map { .runTab($0) }
    }

    /// What the open tab lacks.
    private mutating func tabEffects() -> [RunTabEffect] {
        var effects: [RunTabEffect] = []
        if tab.showsEvaluation, facts.evaluation.isDue(facts.detail) { effects.append(.evaluation(run: runID, facts.evaluation.choice)) }
        switch tab {
        case .labels where asksForLabels:
            asksForLabels = false
            effects.append(.labels(run: runID))
        case .predictions: if let wanted = predictions.wanted(facts) { effects.append(wanted) }
        case .log: effects.append(.log(run: runID, after: log.cursor))
        case .checkpoints where checkpoints.isDue(facts.detail): effects.append(.checkpoints(run: runID))
        default: break
        }
        return effects
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch (effect, answer) {
        case (_, .runPage(.refreshed(let refresh))):
            guard refresh.detail.id == runID else { return nil }
            isRefreshing = false
            let isFirst = facts.detail == nil
            live.take(refresh)
            facts.detail = refresh.detail
            configuration.read(refresh.detail)
            return isFirst ? tabEffects().map { .effect(.runTab($0)) } : []
        case (.runPage(.refresh(id: runID, after: _)), .failed(let text)):
            isRefreshing = false
            live.problem = text
            return []
        case (.runTab(let asked), .runTab(let answer)): return take(answer, to: asked)
        case (.runTab(let asked), .failed(let text)): return fail(asked, text)
        default: return nil
        }
    }

    private mutating func take(_ answer: RunTabAnswer, to effect: RunTabEffect) -> [Request]? {
        switch (effect, answer) {
        case (.evaluation(run: runID, let choice), .evaluation(let found)):
            facts.evaluation.take(found, choice: choice)
            return tabEffects().map { .effect(.runTab($0)) }
        case (.labels(run: runID), .labels(let counts)): labels.take(counts)
        case (.picture(let file, _), .picture(let content)): predictions.take(content, file: file)
        case (.log(run: runID, _), .log(let lines)): log.take(lines)
        case (.checkpoints(run: runID), .checkpoints(let details)): checkpoints.take(details)
        case (.otherRuns(than: runID), .otherRuns(let runs)): return configuration.take(runs)
        case (.configuration, .configuration(let name, let json)): return configuration.take(name: name, json: json)
        default: return nil
        }
        return []
    }

    /// What a tab can say in its own place needs no notice.
    private mutating func fail(_ effect: RunTabEffect, _ text: String) -> [Request]? {
        switch effect {
        case .evaluation(run: runID, _): facts.evaluation.fail(text)
        case .labels(run: runID): labels.fail(text)
        case .picture(let file, _): predictions.fail(text, file: file)
        case .log(run: runID, _): log.fail(text)
        case .checkpoints(run: runID): checkpoints.fail(text)
        default: return nil
        }
        return []
    }

    // MARK: Actions

    mutating func type(_ key: Key) -> [Request]? {
        if tab == .metrics { return live.type(key) }
        return changeTab { $0.type(key, facts: $1) } ?? nil
    }

    mutating func click(_ hit: Hit) -> [Request] {
        if case .tab(let place) = hit, RunTab.allCases.indices.contains(place) { return open(RunTab.allCases[place]) }
        return tab == .metrics ? live.click(hit) : []
    }

    mutating func point(_ action: MouseEvent.Action, at hit: Hit?) -> [Request]? {
        tab == .metrics ? live.point(action, at: hit) : nil
    }

    func availability(of action: AppAction) -> Availability {
        switch action.section {
        case .run: return RunActions.availability(of: action, on: run)
        case .charts:
            if action == .chartGlyphs, tab.hasCurves { return .available }
            return tab == .metrics ? live.availability(of: action) : .elsewhere("It belongs to the tab \(RunTab.metrics.title).")
        case .list:
            guard tab.scrolls else { return .elsewhere("There is no list on this tab.") }
            return Availability(unless: tabModel?.obstacle(to: action, facts: facts))
        case .runPage:
            if action == .leaveRunPage || action == .nextTab || action == .previousTab || RunTab.allCases.contains(where: { $0.action == action }) {
                return .available
            }
            guard tab.actions.contains(action) else {
                let others = RunTab.allCases.filter { $0.actions.contains(action) }.map(\.title)
                return .elsewhere("It belongs to the \(others.count == 1 ? "tab" : "tabs") \(others.joined(separator: ", ")).")
            }
            if action == .pageEvaluation { return .available }
            return Availability(unless: tabModel?.obstacle(to: action, facts: facts))
        default: return .available
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        switch action {
        case .back where tab == .metrics && live.cursor != nil: return live.perform(.crossHair)
        case .back where tab == .metrics && (live.zoomed != nil || live.window != nil): return live.perform(.allPanels)
        case .back where tab == .log && log.obstacle(to: .back, facts: facts) == nil: return log.perform(.back, facts: facts)
        case .back where tab == .configuration && configuration.obstacle(to: .back, facts: facts) == nil:
            return configuration.perform(.back, facts: facts)
        case .back, .leaveRunPage: return [.back]
        case .nextTab: return open(tab.moved(by: 1))
        case .previousTab: return open(tab.moved(by: -1))
        case .pageEvaluation:
            facts.evaluation.switchChoice()
            return tabEffects().map { .effect(.runTab($0)) }
        default:
            if let chosen = RunTab.allCases.first(where: { $0.action == action }) { return open(chosen) }
            if action.section == .run, let run { return RunActions.requests(for: action, on: run, leaving: [.back]) }
            if action.section == .charts { return live.perform(action) }
            return changeTab { $0.perform(action, facts: $1) } ?? []
        }
    }

    private mutating func open(_ tab: RunTab) -> [Request] {
        self.tab = tab
        return tabEffects().map { .effect(.runTab($0)) }
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        guard let run else { return [.action(.back, essential: true)] }
        if tab == .metrics, live.exportPicker != nil { return FooterItem.picker(glyphs) }
        if tab == .metrics, live.cursor != nil {
            return [
                .range(.cursorLeft, .cursorRight, "sample"), .range(.cursorFarLeft, .cursorFarRight, "10"), .action(.nextEvent),
                .action(.previousEvent), .action(.zoomIn), .action(.zoomOut), .action(.crossHair, "off", essential: true), .action(.help, essential: true),
            ]
        }
        let own: [FooterItem] = tabModel?.footer(glyphs) ?? [
            .range(.firstPanel, .ninthPanel, live.zoomed == nil ? "zoom" : "zoom out"), .action(.nextPanels, "more"), .action(.crossHair, "cursor"),
            .action(.moreSmoothing, "smooth"), .action(.logScale, "log"), .action(.rerunRun), .action(.resumeRun), .action(.abortRun),
        ]
        return [.action(.nextTab, essential: true)] + own + [
            .action(.leaveRunPage, run.status.isTerminal ? "runs" : "background"), .action(.help, essential: true), .action(.quit, essential: true),
        ]
    }

    // MARK: Drawing

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        guard let detail = facts.detail else {
            context.drawTop(["Run"], right: "", in: &buffer)
            buffer.put(live.problem ?? "Reading the run…", x: 3, y: 3, style: context.appearance.muted)
            return
        }
        RunPageHead(detail: detail, tab: tab, context: context).draw(in: &buffer)
        let area = Rect(x: 1, y: RunPageHead.height, width: buffer.size.width - 2, height: buffer.size.height - RunPageHead.height - 1)
        if let tabModel {
            tabModel.draw(in: area, of: &buffer, facts: facts, context: context)
        } else {
            LiveView(model: live, context: context).draw(in: area, of: &buffer)
        }
        if tab == .metrics { live.exportPicker?.draw(in: &buffer, appearance: context.appearance) }
    }
}
