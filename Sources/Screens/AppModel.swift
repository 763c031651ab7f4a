import TerminalKit
import Workbench

/// The whole app as a value. `update` is its only way forward; it touches nothing outside.
struct AppModel: Equatable, Sendable {
    enum Screen: Equatable, Sendable {
        case runs, wizard, live
    }

    /// What a dialog's action stands for.
    enum Question: Equatable, Sendable {
        case abort(String), remove(String), leaveWizard, quit
    }

    private(set) var screen = Screen.runs
    private(set) var runs = RunsModel()
    private(set) var wizard: WizardModel?
    private(set) var live: LiveModel?
    private(set) var dialog: Dialog?
    private(set) var question: Question?
    private(set) var statusPicker: Picker?
    private(set) var showsHelp = false
    /// A line for what happened; goes after some seconds.
    private(set) var notice: Notice?
    private(set) var now: Double
    /// Work that takes seconds: shown, and not asked for twice.
    private(set) var busy: String?
    private var lastRefresh = 0.0
    private var refreshUnderway = false
    private var wizardUnderway = false
    private var wizardStale = false

    struct Notice: Equatable, Sendable {
        let text: String
        let isProblem: Bool
        let until: Double
    }

    init(now: Double) {
        self.now = now
    }

    mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .key(let key): return handle(key)
        case .tick(let time):
            now = time
            if let notice, notice.until < time { self.notice = nil }
            return refreshIfDue()
        case .answer(let answer): return take(answer)
        }
    }

    // MARK: Time

    private mutating func refreshIfDue() -> [Effect] {
        let isLive = live?.detail.map { !$0.summary.status.isTerminal } ?? true
        let interval = screen == .wizard ? 2 : screen == .live && isLive ? 0.3 : 0.7
        guard !refreshUnderway, now - lastRefresh >= interval || lastRefresh > now else { return [] }
        return refresh()
    }

    private mutating func refresh() -> [Effect] {
        lastRefresh = now
        switch screen {
        case .runs:
            refreshUnderway = true
            return [.loadRuns]
        case .live:
            guard let live else { return [] }
            refreshUnderway = true
            return [.refreshRun(id: live.runID, after: live.cursors)]
        case .wizard:
            // Other runs end meanwhile: what is available changes.
            return wizardUnderway ? [] : loadWizard()
        }
    }

    // MARK: Answers

    private mutating func take(_ answer: Answer) -> [Effect] {
        switch answer {
        case .runs(let list, let limits):
            refreshUnderway = false
            runs.runs = list
            runs.limits = limits
        case .run(let refresh):
            refreshUnderway = false
            live?.take(refresh)
        case .defaultDraft(let draft):
            busy = nil
            guard screen == .wizard else { return [] }
            if wizard != nil {
                wizard?.replaceDraft(draft, keepingName: false)
            } else {
                wizard = WizardModel(draft: draft)
            }
            return loadWizard()
        case .wizard(let choices):
            wizardUnderway = false
            wizard?.take(choices)
            if wizardStale { return loadWizard() }
        case .imported(let report):
            busy = nil
            if let text = wizard?.take(report) { say(text) }
            return loadWizard()
        case .submitted(let id, let name):
            busy = nil
            say("Submitted \(name).")
            wizard = nil
            runs.select(id: id)
            return openRun(id)
        case .done(let text):
            busy = nil
            say(text)
            return refresh()
        case .failed(let effect, let text):
            return fail(effect, text)
        }
        return []
    }

    private mutating func fail(_ effect: Effect, _ text: String) -> [Effect] {
        switch effect {
        case .loadRuns:
            refreshUnderway = false
            say(text, isProblem: true)
        case .refreshRun:
            refreshUnderway = false
            live?.problem = text
        case .loadWizard:
            wizardUnderway = false
            wizard?.problem = text
        case .submit:
            busy = nil
            wizard?.isSubmitting = false
            wizard?.problem = text
        case .importWeights:
            busy = nil
            wizard?.problem = text
        case .loadDefaultDraft:
            busy = nil
            if wizard == nil { screen = .runs }
            say(text, isProblem: true)
        default:
            busy = nil
            say(text, isProblem: true)
        }
        return []
    }

    private mutating func say(_ text: String, isProblem: Bool = false) {
        notice = Notice(text: text, isProblem: isProblem, until: now + (isProblem ? 12 : 5))
    }

    // MARK: Keys

    private mutating func handle(_ key: Key) -> [Effect] {
        if key == .control("l") { return [.redraw] }
        if key == .control("z") { return [.suspend] }
        if dialog != nil { return handleDialog(key) }
        if showsHelp {
            showsHelp = false
            return []
        }
        if var open = statusPicker {
            let outcome = open.handle(key)
            statusPicker = open
            if case .chosen(let name) = outcome {
                runs.status = RunsModel.StatusFilter.choices.first { $0.name == name } ?? .all
            }
            if outcome != .open { statusPicker = nil }
            return []
        }
        if key == .control("c") { return quit() }
        switch screen {
        case .runs: return handleRuns(key)
        case .wizard: return handleWizard(key)
        case .live: return handleLive(key)
        }
    }

    private mutating func handleDialog(_ key: Key) -> [Effect] {
        guard var open = dialog, let asked = question else { return [] }
        let outcome = open.handle(key)
        dialog = open
        guard outcome != .open else { return [] }
        dialog = nil
        question = nil
        guard case .chosen(let index) = outcome else { return [] }
        switch asked {
        case .abort(let id): return start(.abort(run: id), "Stopping…")
        case .remove(let id):
            if screen == .live { screen = .runs }
            return start(.remove(run: id), "Removing…")
        case .leaveWizard:
            wizard = nil
            screen = .runs
            return refresh()
        case .quit: return [.quit(index == 0 ? .stoppingRuns : .keepingRuns)]
        }
    }

    private mutating func ask(_ dialog: Dialog, _ question: Question) -> [Effect] {
        self.dialog = dialog
        self.question = question
        return []
    }

    private mutating func start(_ effect: Effect, _ text: String) -> [Effect] {
        busy = text
        return [effect]
    }

    private mutating func handleRuns(_ key: Key) -> [Effect] {
        if runs.isTyping {
            _ = runs.handle(key)
            return []
        }
        switch key {
        case .character("q"): return quit()
        case .character("?"): showsHelp = true
        case .character("T"): return [.switchTheme]
        case .character("n"):
            guard busy == nil else { return [] }
            screen = .wizard
            wizard = nil
            wizardUnderway = false
            return start(.loadDefaultDraft(.objectDetection), "Preparing the sample data…")
        case .character("f"):
            let items = RunsModel.StatusFilter.choices.map { choice in
                Picker.Item(id: choice.name, title: choice.name, detail: "\((runs.runs ?? []).count { choice.accepts($0.status) })")
            }
            statusPicker = Picker(title: "Status", items: items, selected: runs.status.name)
        case .enter:
            if let run = runs.selected { return openRun(run.id) }
        default:
            if let run = runs.selected, let effects = act(key, on: run) { return effects }
            _ = runs.handle(key)
        }
        return []
    }

    /// Abort, remove, rerun and resume; nil for other keys.
    private mutating func act(_ key: Key, on run: RunSummary) -> [Effect]? {
        switch key {
        case .character("a"):
            guard !run.status.isTerminal else {
                say("\(run.name) has ended; there is nothing to abort.", isProblem: true)
                return []
            }
            return ask(
                Dialog(
                    title: "Abort training", text: "\(run.name) finishes its step, saves, and ends as terminated. It can be resumed later.",
                    actions: ["Abort training"]), .abort(run.id))
        case .character("R"):
            guard run.status.isTerminal else {
                say("\(run.name) is still \(run.status.rawValue). Abort it first.", isProblem: true)
                return []
            }
            return ask(
                Dialog(
                    title: "Remove run",
                    text: "\(run.name), its log, charts and checkpoints are deleted for good. Datasets stay.", actions: ["Remove"]),
                .remove(run.id))
        case .character("r"), .character("c"):
            guard run.status.isTerminal else {
                say("\(run.name) is still \(run.status.rawValue).", isProblem: true)
                return []
            }
            guard busy == nil else { return [] }
            return key == .character("r") ? start(.rerun(run: run.id), "Starting again…") : start(.resume(run: run.id), "Resuming…")
        default: return nil
        }
    }

    private mutating func openRun(_ id: String) -> [Effect] {
        live = LiveModel(runID: id)
        screen = .live
        return refresh()
    }

    private mutating func handleLive(_ key: Key) -> [Effect] {
        if live?.handle(key) == true { return [] }
        switch key {
        case .character("q"): return quit()
        case .character("?"): showsHelp = true
        case .character("T"): return [.switchTheme]
        case .character("b"), .escape:
            screen = .runs
            live = nil
            return refresh()
        default:
            if let run = live?.detail?.summary, let effects = act(key, on: run) { return effects }
        }
        return []
    }

    private mutating func handleWizard(_ key: Key) -> [Effect] {
        guard wizard != nil else {
            if key == .escape || key == .character("q") { screen = .runs }
            return []
        }
        if key == .character("?"), wizard?.picker == nil, wizard?.takesText == false {
            showsHelp = true
            return []
        }
        switch wizard?.handle(key) ?? .nothing {
        case .nothing: return []
        case .draftChanged: return loadWizard()
        case .taskChanged(let task): return start(.loadDefaultDraft(task), "Preparing the sample data…")
        case .importWeights(let file, let task): return start(.importWeights(file: file, task), "Reading the weights…")
        case .submit:
            guard let draft = wizard?.draft else { return [] }
            return start(.submit(draft), "Submitting…")
        case .leave:
            return ask(
                Dialog(title: "Leave Quick Start", text: "What was answered so far is lost.", actions: ["Leave"], cancel: "Stay"), .leaveWizard)
        }
    }

    private mutating func loadWizard() -> [Effect] {
        guard let draft = wizard?.draft else { return [] }
        wizardStale = wizardUnderway
        guard !wizardUnderway else { return [] }
        wizardUnderway = true
        return [.loadWizard(draft)]
    }

    private mutating func quit() -> [Effect] {
        let live = (runs.runs ?? []).filter { !$0.status.isTerminal }
        guard !live.isEmpty else { return [.quit(.now)] }
        let names = live.prefix(3).map(\.name).joined(separator: ", ")
        return ask(
            Dialog(
                title: "Quit", text: "Not finished: \(names). A run that trains in this program ends with it.",
                actions: ["Stop and save", "Close screen, keep training"]), .quit)
    }
}
