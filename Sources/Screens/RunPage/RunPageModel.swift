import TerminalKit
import Workbench

/// The page of one run, while it trains and afterwards.
struct RunPageModel: Equatable, Sendable {
    private(set) var live: LiveModel
    private(set) var isRefreshing = false

    init(runID: String) {
        live = LiveModel(runID: runID)
    }

    var runID: String { live.runID }
    var run: RunSummary? { live.detail?.summary }
}

extension RunPageModel: ScreenModel {
    var screen: Screen { .run(self) }
    var refreshInterval: Double { live.metrics.isIncomplete ? 0.05 : run?.status.isTerminal == true ? 0.7 : 0.3 }

    mutating func refresh() -> [Effect] {
        isRefreshing = true
        return [.runPage(.refresh(id: runID, after: live.metrics.cursors))]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .runPage(.refreshed(let refresh)):
            guard refresh.detail.id == runID else { return nil }
            isRefreshing = false
            live.take(refresh)
            return []
        case .failed(let text):
            guard case .runPage(.refresh(id: runID, after: _)) = effect else { return nil }
            isRefreshing = false
            live.problem = text
            return []
        default: return nil
        }
    }

    mutating func type(_ key: Key) -> [Request]? { live.type(key) }

    func availability(of action: AppAction) -> Availability {
        switch action.section {
        case .run: RunActions.availability(of: action, on: run)
        case .charts: live.availability(of: action)
        default: .available
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        switch action {
        case .back where live.cursor != nil: return live.perform(.crossHair)
        case .back where live.zoomed != nil || live.window != nil: return live.perform(.allPanels)
        case .back, .leaveRunPage: return [.back]
        default:
            if action.section == .run, let run { return RunActions.requests(for: action, on: run, leaving: [.back]) }
            return live.perform(action)
        }
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        guard let run else { return [.action(.back, essential: true)] }
        if live.exportPicker != nil { return FooterItem.picker(glyphs) }
        if live.cursor != nil {
            return [
                .range(.cursorLeft, .cursorRight, "sample"), .range(.cursorFarLeft, .cursorFarRight, "10"), .action(.nextEvent),
                .action(.previousEvent), .action(.zoomIn), .action(.zoomOut), .action(.crossHair, "off", essential: true), .action(.help, essential: true),
            ]
        }
        return [
            .range(.firstPanel, .ninthPanel, live.zoomed == nil ? "zoom" : "zoom out"), .action(.nextPanels, "more"), .action(.crossHair, "cursor"),
            .action(.moreSmoothing, "smooth"), .action(.logScale, "log"), .action(.rerunRun),
            .action(.resumeRun), .action(.abortRun), .action(.leaveRunPage, run.status.isTerminal ? "runs" : "background"),
            .action(.help, essential: true), .action(.quit, essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        LiveView(model: live, context: context).draw(in: &buffer)
        live.exportPicker?.draw(in: &buffer, appearance: context.appearance)
    }
}
