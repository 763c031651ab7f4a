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
    var runs: [RunSummary]?
    var limits: ResourceLimits?
    var filter = TextField()
    var isTyping = false
    var status = StatusFilter.all
    var sort = SortOrder.created
    private(set) var selectedID: String?

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

    mutating func select(id: String) {
        selectedID = id
    }

    /// Moves the selection, searches and sorts; false for a key of no use here.
    mutating func handle(_ key: Key) -> Bool {
        if isTyping {
            switch key {
            case .enter: isTyping = false
            case .escape:
                isTyping = false
                filter.replace(with: "")
            case .up, .down: break
            default:
                _ = filter.handle(key)
                return true
            }
            if key != .up, key != .down { return true }
        }
        switch key {
        case .character("/"): isTyping = true
        case .character("s"):
            let all = SortOrder.allCases
            sort = all[((all.firstIndex(of: sort) ?? 0) + 1) % all.count]
        case .escape where !filter.text.isEmpty || status != .all:
            filter.replace(with: "")
            status = .all
        default:
            let shown = visible
            var list = ListState()
            list.select(selectedIndex, count: shown.count)
            guard list.handle(key, count: shown.count) else { return false }
            if !shown.isEmpty { selectedID = shown[list.selectedIndex].id }
        }
        return true
    }
}
