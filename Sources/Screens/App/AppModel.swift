import TerminalKit
import Workbench

/// The whole app as a value. `update` is its only way forward; it touches nothing outside.
struct AppModel: Equatable, Sendable {
    /// What lies over the open screen and takes the keys.
    enum Overlay: Equatable, Sendable {
        case actions(ActionList)
    }

    /// The screens that were opened, the open one last; never empty.
    private(set) var screens: [Screen] = [.runs(RunsModel())]
    private(set) var question: Question?
    private(set) var overlay: Overlay?
    private(set) var notice: Notice?
    private(set) var now: Double
    private(set) var work: Work?
    private(set) var keymap: Keymap
    private var lastRefresh = 0.0

    init(now: Double, keymap: Keymap = .standard) {
        self.now = now
        self.keymap = keymap
    }

    /// The open screen.
    var top: Screen { screens.last ?? .runs(RunsModel()) }

    mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .key(let key): return handle(key)
        case .tick(let time):
            now = time
            if let notice, notice.until < time { self.notice = nil }
            let isDue = now - lastRefresh >= top.model.refreshInterval || lastRefresh > now
            return isDue && !top.model.isRefreshing ? refresh() : []
        case .answer(let answer, let effect): return take(answer, to: effect)
        }
    }

    // MARK: Keys

    private mutating func handle(_ key: Key) -> [Effect] {
        // Keys held with Control reach the program from everywhere, above texts and dialogs too.
        if case .control = key, let action = keymap.actions(for: key, in: [.program]).first(where: \.worksEverywhere) {
            return perform(action)
        }
        if question != nil { return answerQuestion(key) }
        if overlay != nil { return handleOverlay(key) }
        if let requests = changeTop({ $0.type(key) }) { return carryOut(requests) }
        let actions = keymap.actions(for: key, in: top.kind.sections)
        if let action = actions.first(where: { availability(of: $0) == .available }) { return perform(action) }
        if let action = actions.first, case .unavailable(let reason) = availability(of: action) { say(reason, isProblem: true) }
        return []
    }

    private mutating func answerQuestion(_ key: Key) -> [Effect] {
        guard var asked = question else { return [] }
        let outcome = asked.dialog.handle(key)
        question = outcome == .open ? asked : nil
        guard case .chosen(let index) = outcome, asked.outcomes.indices.contains(index) else { return [] }
        return carryOut(asked.outcomes[index])
    }

    private mutating func handleOverlay(_ key: Key) -> [Effect] {
        switch overlay {
        case .actions(var list):
            let outcome = list.handle(key)
            overlay = outcome == .open ? .actions(list) : nil
            guard case .chosen(let action) = outcome else { return [] }
            return run(action)
        case nil: return []
        }
    }

    // MARK: Actions

    /// Whether an action works on the open screen now.
    func availability(of action: AppAction) -> Availability {
        guard top.kind.sections.contains(action.section) else {
            return .unavailable("It belongs to another screen: \(action.section.title).")
        }
        switch action {
        case .quit, .interrupt, .help, .palette, .switchTheme, .redraw, .suspend: return .available
        default: return top.model.availability(of: action)
        }
    }

    /// Carries out an action, or says why it cannot be.
    private mutating func run(_ action: AppAction) -> [Effect] {
        if case .unavailable(let reason) = availability(of: action) {
            say(reason, isProblem: true)
            return []
        }
        return perform(action)
    }

    private mutating func perform(_ action: AppAction) -> [Effect] {
        switch action {
        case .quit, .interrupt: return quit()
        case .help: overlay = .actions(actionList(ofScreenOnly: true))
        case .palette: overlay = .actions(actionList(ofScreenOnly: false))
        case .switchTheme: return [.program(.switchTheme)]
        case .redraw: return [.program(.redraw)]
        case .suspend: return [.program(.suspend)]
        default: return carryOut(changeTop { $0.perform(action) })
        }
        return []
    }

    private mutating func quit() -> [Effect] {
        var live: [RunSummary] = []
        for case .runs(let table) in screens { live = (table.runs ?? []).filter { !$0.status.isTerminal } }
        guard !live.isEmpty else { return [.program(.quit(.now))] }
        let names = live.prefix(3).map(\.name).joined(separator: ", ")
        question = Question(
            "Quit", "Not finished: \(names). A run that trains in this program ends with it.",
            actions: [
                .init("Stop and save", .effect(.program(.quit(.stoppingRuns)))),
                .init("Close screen, keep training", .effect(.program(.quit(.keepingRuns)))),
            ])
        return []
    }

    // MARK: Requests

    private mutating func carryOut(_ requests: [Request]) -> [Effect] {
        requests.flatMap { carryOut($0) }
    }

    private mutating func carryOut(_ request: Request) -> [Effect] {
        switch request {
        case .effect(let effect): return [effect]
        case .work(let effect, let text):
            if let work {
                // The same work asked for twice is done once.
                return work.effect == effect ? [] : take(.failed("Wait a moment: \(work.text)"), to: effect)
            }
            work = Work(effect: effect, text: text)
            return [effect]
        case .open(let screen):
            screens.append(screen)
            return refresh()
        case .replace(let screen):
            screens[screens.count - 1] = screen
            return refresh()
        case .back:
            if screens.count > 1 { screens.removeLast() }
            return refresh()
        case .ask(let asked): question = asked
        case .say(let text): say(text)
        case .warn(let text): say(text, isProblem: true)
        case .refresh: return refresh()
        }
        return []
    }

    private mutating func changeTop<Result>(_ change: (inout any ScreenModel) -> Result) -> Result {
        change(&screens[screens.count - 1].model)
    }

    private mutating func refresh() -> [Effect] {
        lastRefresh = now
        return changeTop { $0.refresh() }
    }

    private mutating func say(_ text: String, isProblem: Bool = false) {
        notice = Notice(text: text, isProblem: isProblem, until: now + (isProblem ? 12 : 5))
    }

    // MARK: Answers

    private mutating func take(_ answer: Answer, to effect: Effect) -> [Effect] {
        let wasWork = work?.effect == effect
        if wasWork { work = nil }
        var requests: [Request] = []
        var isTaken = false
        // From the first screen to the open one, since the open one's requests may change which are open.
        for index in screens.indices {
            guard let asked = screens[index].model.take(answer, to: effect) else { continue }
            isTaken = true
            requests += asked
        }
        switch answer {
        case .failed(let text) where !isTaken: say(text, isProblem: true)
        case .done(let text):
            say(text)
            requests.append(.refresh)
        default: break
        }
        return carryOut(requests)
    }
}

extension AppAction {
    /// Whether the action works above texts, dialogs and lists too, as long as its key is one held with Control.
    fileprivate var worksEverywhere: Bool {
        switch self {
        case .interrupt, .redraw, .suspend: true
        default: false
        }
    }
}
