import TerminalKit
import Workbench

/// The whole app as a value. `update` is its only way forward; it touches nothing outside.
struct AppModel: Equatable, Sendable {
    /// What lies over the open screen and takes the keys.
    enum Overlay: Equatable, Sendable {
        case actions(ActionList)
    }

    /// The screens that were opened, the open one last; never empty.
    private(set) var screens: [Screen]
    private(set) var question: Question?
    private(set) var overlay: Overlay?
    private(set) var notice: Notice?
    private(set) var now: Double
    private(set) var work: Work?
    private(set) var settings: Settings
    private(set) var keymap: Keymap
    private(set) var ownRuns = OwnRuns()
    private(set) var usesMouse: Bool
    /// Actions run from the palette, the last one first.
    private(set) var recentActions: [AppAction] = []
    private var lastRefresh = 0.0
    private var lastInterrupt = 0.0
    private var shownPercent: Int?

    init(now: Double, settings: ReadSettings = ReadSettings()) {
        self.now = now
        self.settings = settings.settings
        keymap = settings.keymap
        screens = [.runs(RunsModel(columns: settings.settings.columns, order: settings.settings.order))]
        usesMouse = settings.settings.mouse
        switch settings.problems.count {
        case 0: break
        case 1: say(settings.problems[0], isProblem: true)
        default: say("The settings have \(settings.problems.count) mistakes; trainyard doctor lists them. The first: \(settings.problems[0])", isProblem: true)
        }
    }

    /// The open screen.
    var top: Screen { screens.last ?? .runs(RunsModel()) }

    mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .key(let key): return handle(key)
        case .action(let action): return run(action)
        case .mouse(let mouse, let hit): return handle(mouse, on: hit)
        case .open(let screen): return carryOut(.open(screen))
        case .themesChanged:
            if case .themes = top { return [.program(.reloadTheme)] + refresh() }
            return [.program(.reloadTheme)]
        case .tick(let time):
            now = time
            if let notice, notice.until < time { self.notice = nil }
            let isDue = now - lastRefresh >= top.model.refreshInterval || lastRefresh > now
            return (isDue && !top.model.isRefreshing ? refresh() : []) + ownRuns.tick(now)
        case .answer(let answer, let effect): return take(answer, to: effect)
        }
    }

    // MARK: Keys

    private mutating func handle(_ key: Key) -> [Effect] {
        // Keys held with Control reach the program from everywhere, above texts and dialogs too.
        if case .control = key, let action = keymap.actions(for: key, in: [.program]).first(where: \.worksEverywhere) {
            return perform(action)
        }
        if question != nil { return answerQuestion { $0.handle(key) } }
        if overlay != nil { return answerOverlay { $0.handle(key) } }
        if let requests = changeTop({ $0.type(key) }) { return carryOut(requests) }
        let actions = keymap.actions(for: key, in: top.kind.sections)
        if let action = actions.first(where: { availability(of: $0) == .available }) { return perform(action) }
        // What would work here, and does not now, is what the key was meant for.
        let meant = actions.first { if case .unavailable = availability(of: $0) { true } else { false } } ?? actions.first
        if let reason = meant.flatMap({ availability(of: $0).obstacle }) { say(reason, isProblem: true) }
        return []
    }

    private mutating func handle(_ mouse: MouseEvent.Action, on hit: Hit?) -> [Effect] {
        switch mouse {
        case .wheelUp, .wheelDown:
            if question == nil, overlay == nil, let requests = changeTop({ $0.point(mouse, at: hit) }) { return carryOut(requests) }
            // Over a text field or a picker too, the wheel is the arrow keys.
            return handle(mouse == .wheelUp ? .up : .down)
        case .press(.left):
            guard let hit else { return [] }
            if question != nil { return answerQuestion { $0.click(hit) } }
            if overlay != nil { return answerOverlay { $0.click(hit) } }
            guard case .hint(let place) = hit else { return carryOut(changeTop { $0.click(hit) }) }
            let items = footerItems(glyphs: .ascii)
            if items.indices.contains(place), case .action(let action, _, _) = items[place] { return run(action) }
            return []
        case .drag(.left):
            guard question == nil, overlay == nil else { return [] }
            return carryOut(changeTop { $0.point(mouse, at: hit) } ?? [])
        case .press, .release, .drag: return []
        }
    }

    private mutating func answerQuestion(_ answer: (inout Dialog) -> Dialog.Outcome) -> [Effect] {
        guard var asked = question else { return [] }
        let outcome = answer(&asked.dialog)
        question = outcome == .open ? asked : nil
        guard case .chosen(let index) = outcome, asked.outcomes.indices.contains(index) else { return [] }
        return carryOut(asked.outcomes[index])
    }

    private mutating func answerOverlay(_ answer: (inout ActionList) -> ActionList.Outcome) -> [Effect] {
        switch overlay {
        case .actions(var list):
            let outcome = answer(&list)
            overlay = outcome == .open ? .actions(list) : nil
            guard case .chosen(let action) = outcome else { return [] }
            recentActions = Array(([action] + recentActions.filter { $0 != action }).prefix(10))
            return run(action)
        case nil: return []
        }
    }

    // MARK: Actions

    /// Whether an action works on the open screen now.
    func availability(of action: AppAction) -> Availability {
        guard top.kind.sections.contains(action.section) else {
            return .elsewhere("It belongs to another screen: \(action.section.title).")
        }
        switch action {
        case .quit, .interrupt, .help, .palette, .redraw, .suspend, .toggleMouse: return .available
        case .switchTheme where top.kind != .themes: return .available
        default: return top.model.availability(of: action)
        }
    }

    /// Carries out an action, or says why it cannot be.
    private mutating func run(_ action: AppAction) -> [Effect] {
        if let reason = availability(of: action).obstacle {
            say(reason, isProblem: true)
            return []
        }
        return perform(action)
    }

    private mutating func perform(_ action: AppAction) -> [Effect] {
        switch action {
        case .quit: return quit()
        case .interrupt:
            defer { lastInterrupt = now }
            return now - lastInterrupt < 3 && now >= lastInterrupt ? [.program(.quit(.stoppingRuns))] : quit()
        case .help: overlay = .actions(help)
        case .palette: overlay = .actions(palette)
        case .switchTheme: return [.program(.openThemes)]
        case .redraw: return [.program(.redraw)]
        case .toggleMouse:
            usesMouse.toggle()
            say(usesMouse ? "The mouse is on: click and turn the wheel. Shift selects text." : "The mouse is off: the terminal selects text.")
            return [.program(.useMouse(usesMouse))]
        case .suspend: return [.program(.suspend)]
        case .chartGlyphs:
            let next = (settings.chartGlyphs ?? .braille).next
            settings.chartGlyphs = next
            say("Lines are drawn with \(next.rawValue) characters.")
            return [.program(.keep(.chartGlyphs, next.settingName))]
        default: return carryOut(changeTop { $0.perform(action) })
        }
        return []
    }

    /// Leaves at once, unless runs of this process are live or answers would be lost.
    private mutating func quit() -> [Effect] {
        let unsaved = screens.reversed().compactMap(\.model.unsaved).first
        let names = ownRuns.live.prefix(3).map(\.name).joined(separator: ", ")
        if !ownRuns.live.isEmpty {
            let more = ownRuns.live.count > 3 ? " and \(ownRuns.live.count - 3) more" : ""
            question = Question(
                "Quit",
                (["In this program: \(names)\(more). Stopped, it can be resumed later; else the screen closes and training goes on."]
                    + (unsaved.map { [$0] } ?? [])).joined(separator: " "),
                actions: [
                    .init("Stop and save", .effect(.program(.quit(.stoppingRuns)))),
                    .init("Keep training", .effect(.program(.quit(.keepingRuns)))),
                ], cancel: "Stay")
        } else if let unsaved {
            question = Question("Quit", unsaved, actions: [.init("Quit", .effect(.program(.quit(.now))))], cancel: "Stay")
        } else {
            return [.program(.quit(.now))]
        }
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
        changeScreen(at: screens.count - 1, change)
    }

    /// Changes a screen in place: while it is changed nothing else holds it, so that long series in it are not copied.
    private mutating func changeScreen<Result>(at index: Int, _ body: (inout any ScreenModel) -> Result) -> Result {
        var model = screens[index].model
        screens[index] = .runs(RunsModel())
        defer { screens[index] = model.screen }
        return body(&model)
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
            guard let asked = changeScreen(at: index, { $0.take(answer, to: effect) }) else { continue }
            isTaken = true
            requests += asked
        }
        switch answer {
        case .session(.looked(let runs)): return announce(ownRuns.take(runs))
        case .failed where effect.isLook: ownRuns.missLook()
        case .failed(let text) where !isTaken: say(text, isProblem: true)
        case .done(let text):
            say(text)
            requests.append(.refresh)
        default: break
        }
        return carryOut(requests)
    }

    /// Tells of runs that ended, and keeps the terminal's progress up to date.
    private mutating func announce(_ ended: [RunSummary]) -> [Effect] {
        var effects: [Effect] = []
        if settings.progress, ownRuns.percent != shownPercent {
            shownPercent = ownRuns.percent
            effects.append(.program(.showProgress(shownPercent)))
        }
        guard let run = ended.last else { return effects }
        let best = run.bestMetric.map { ", best \(run.bestMetricName ?? "value") \(LineChart.value($0))" } ?? ""
        let text = "\(run.name): \(run.status.rawValue)\(best)."
        say(text, isProblem: run.status == .failed || run.status == .aborted)
        if settings.bell { effects.append(.program(.ringBell)) }
        if settings.notifications { effects.append(.program(.notify(title: "Trainyard", text: text))) }
        return effects
    }
}

extension Effect {
    fileprivate var isLook: Bool {
        if case .session(.look) = self { true } else { false }
    }
}

extension AppAction {
    /// Whether the action needs nothing of the screen.
    var worksInAnySize: Bool {
        switch self {
        case .quit, .interrupt, .redraw, .suspend: true
        default: false
        }
    }

    /// Whether the action works above texts, dialogs and lists too, as long as its key is one held with Control.
    fileprivate var worksEverywhere: Bool {
        switch self {
        case .interrupt, .redraw, .suspend: true
        default: false
        }
    }
}
