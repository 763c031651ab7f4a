import TerminalKit
import Workbench

/// The home screen: every run, searched, filtered and sorted.
struct RunsModel: Equatable, Sendable {
    enum StatusFilter: Equatable, Sendable {
        case all, live
        case only(RunState)

        static let choices: [StatusFilter] = [.all, .live] + RunState.allCases.map { .only($0) }

        var name: String {
            switch self {
            case .all: "all"
            case .live: "live"
            case .only(let state): state.rawValue
            }
        }

        func accepts(_ state: RunState) -> Bool {
            switch self {
            case .all: true
            case .live: !state.isTerminal
            case .only(let wanted): state == wanted
            }
        }
    }

    enum SortOrder: String, CaseIterable, Equatable, Sendable {
        case created, name, status, best
    }

    /// Nil until the first answer.
    private(set) var runs: [RunSummary]?
    private(set) var limits: ResourceLimits?
    private(set) var filter = TextField()
    private(set) var isTyping = false
    private(set) var status = StatusFilter.all
    private(set) var statusPicker: Picker?
    private(set) var sort = SortOrder.created
    private(set) var selectedID: String?
    private(set) var isRefreshing = false

    var visible: [RunSummary] {
        let wanted = filter.text.lowercased()
        let kept = (runs ?? []).filter { run in
            status.accepts(run.status)
                && (wanted.isEmpty
                    || [run.name, run.architecture, run.status.rawValue, run.version].contains { $0.lowercased().contains(wanted) })
        }
        return switch sort {
        case .created: kept.sorted { $0.createdAt > $1.createdAt }
        case .name: kept.sorted { ($0.name, $1.createdAt) < ($1.name, $0.createdAt) }
        case .status: kept.sorted { ($0.status.rawValue, $1.createdAt) < ($1.status.rawValue, $0.createdAt) }
        case .best: kept.sorted { ($0.bestMetric ?? -1, $0.createdAt) > ($1.bestMetric ?? -1, $1.createdAt) }
        }
    }

    var selectedIndex: Int { visible.firstIndex { $0.id == selectedID } ?? 0 }

    var selected: RunSummary? {
        let shown = visible
        return shown.isEmpty ? nil : shown[selectedIndex]
    }
}

extension RunsModel: ScreenModel {
    var screen: Screen { .runs(self) }
    var refreshInterval: Double { 0.7 }

    mutating func refresh() -> [Effect] {
        isRefreshing = true
        return [.runs(.load)]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .runs(.loaded(let list, let limits)):
            isRefreshing = false
            runs = list
            self.limits = limits
            return []
        case .failed(let text) where effect == .runs(.load):
            isRefreshing = false
            return [.warn(text)]
        case .form(.submitted(let id, _)):
            selectedID = id
            return []
        default: return nil
        }
    }

    mutating func type(_ key: Key) -> [Request]? {
        if statusPicker != nil {
            pickStatus { $0.handle(key) }
            return []
        }
        guard isTyping else { return nil }
        switch key {
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter.replace(with: "")
        // The list moves while its filter is typed.
        case .up: moveSelection(.up)
        case .down: moveSelection(.down)
        default: _ = filter.handle(key)
        }
        return []
    }

    private mutating func pickStatus(_ answer: (inout Picker) -> Picker.Outcome) {
        guard var picker = statusPicker else { return }
        let outcome = answer(&picker)
        statusPicker = outcome == .open ? picker : nil
        if case .chosen(let name) = outcome { status = StatusFilter.choices.first { $0.name == name } ?? .all }
    }

    mutating func click(_ hit: Hit) -> [Request] {
        if statusPicker != nil {
            pickStatus { $0.click(hit) }
            return []
        }
        let shown = visible
        guard case .row(let index) = hit, shown.indices.contains(index) else { return [] }
        if index == selectedIndex { return perform(.openRun) }
        selectedID = shown[index].id
        return []
    }

    func availability(of action: AppAction) -> Availability {
        switch action {
        case .openRun, .listUp, .listDown, .listPageUp, .listPageDown, .listFirst, .listLast, .searchRuns, .filterRuns, .sortRuns:
            return Availability(unless: runs?.isEmpty == false ? nil : "There is no run yet.")
        case .back:
            return Availability(unless: filter.text.isEmpty && status == .all ? "This is the first screen." : nil)
        default:
            if action.section == .run { return RunActions.availability(of: action, on: selected) }
            return .available
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        if let move = action.listMove { moveSelection(move) }
        switch action {
        case .newRun: return [.open(.blueprints(BlueprintsModel()))]
        case .openRun: return selected.map { [.open(.run(RunPageModel(runID: $0.id)))] } ?? []
        case .searchRuns: isTyping = true
        case .filterRuns:
            let items = StatusFilter.choices.map { choice in
                Picker.Item(id: choice.name, title: choice.name, detail: "\((runs ?? []).count { choice.accepts($0.status) })")
            }
            statusPicker = Picker(title: "Status", items: items, selected: status.name)
        case .sortRuns:
            let all = SortOrder.allCases
            sort = all[((all.firstIndex(of: sort) ?? 0) + 1) % all.count]
        case .back:
            filter.replace(with: "")
            status = .all
        default:
            if action.section == .run, let run = selected { return RunActions.requests(for: action, on: run) }
        }
        return []
    }

    private mutating func moveSelection(_ move: ListState.Move) {
        let shown = visible
        var list = ListState()
        list.select(selectedIndex, count: shown.count)
        list.move(move, count: shown.count)
        if !shown.isEmpty { selectedID = shown[list.selectedIndex].id }
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        if statusPicker != nil { return FooterItem.picker(glyphs) }
        if isTyping { return [.fixed(KeyHint(glyphs.enter, "keep filter")), .fixed(KeyHint("Esc", "clear"))] }
        return [
            .action(.newRun, essential: true), .action(.openRun), .action(.rerunRun), .action(.resumeRun), .action(.removeRun),
            .action(.abortRun), .action(.searchRuns), .action(.filterRuns), .action(.sortRuns), .action(.help, essential: true),
            .action(.quit, essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        RunsView(model: self, context: context).draw(in: &buffer)
        statusPicker?.draw(in: &buffer, appearance: context.appearance)
    }
}
