import TerminalKit
import Workbench

/// The home screen: every run, searched, filtered, sorted and marked. Holds a window of the rows, never all.
struct RunsModel: Equatable, Sendable {
    /// What lies over the table and takes the keys.
    enum Overlay: Equatable, Sendable {
        case status(Picker)
        case columns(ColumnMenu)
        case menu(RunMenu)
        case checkpoints(Picker, of: RunSummary)
    }

    private(set) var window = RunWindow()
    private(set) var limits: ResourceLimits?
    /// The query line, and why it cannot be understood as it stands.
    private(set) var line = TextField(maximumLength: 300)
    private(set) var isTyping = false
    private(set) var queryProblem: String?
    /// A word of any vendor; nil shows all.
    private(set) var status: String?
    private(set) var order = RunOrder()
    private(set) var columns = RunColumns()
    private(set) var overlay: Overlay?
    private(set) var isRefreshing = false
    /// What to ask for as soon as the answer under way is there.
    private var pending: RunTableRequest.Anchor?

    init(columns: RunColumns = RunColumns(), order: RunOrder = RunOrder()) {
        self.columns = columns
        self.order = order
    }

    var sort: RunTableSort { order.column.sort }
    var isDescending: Bool { order.isDescending }
    var hasFilter: Bool { !line.text.isEmpty || status != nil }

    /// What the run actions are done to: the marked runs, or the selected one.
    var targets: [RunSummary] {
        if window.marked.isEmpty { return window.selected.map { [$0] } ?? [] }
        return window.marked.values.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
    }

    // MARK: Reading

    private func request(_ anchor: RunTableRequest.Anchor, limit: Int = RunWindow.pageLength) -> RunTableRequest {
        RunTableRequest(query: line.text, status: status, sort: sort, isDescending: isDescending, anchor: anchor, limit: limit)
    }

    /// Around the selected run, wherever it is by then.
    private var aroundSelection: RunTableRequest.Anchor {
        window.selectedID.map { .run($0, otherwise: window.selectedIndex) } ?? .offset(window.selectedIndex - RunWindow.pageLength / 2)
    }

    /// One question at a time: of several changes meanwhile, the last one is asked.
    private mutating func read(_ anchor: RunTableRequest.Anchor) -> [Request] {
        guard !isRefreshing else {
            pending = anchor
            return []
        }
        isRefreshing = true
        return [.effect(.runs(.load(request(anchor))))]
    }

    private mutating func endReading() -> [Request] {
        isRefreshing = false
        guard let anchor = pending else { return [] }
        pending = nil
        return read(anchor)
    }

    /// Whether an answer is about what is shown now.
    private func isPresent(_ asked: RunTableRequest) -> Bool {
        asked.query == line.text && asked.status == status && asked.sort == sort && asked.isDescending == isDescending
    }
}

extension RunsModel: ScreenModel {
    var screen: Screen { .runs(self) }
    var refreshInterval: Double { 0.7 }

    mutating func refresh() -> [Effect] {
        guard !isRefreshing else { return [] }
        isRefreshing = true
        let wanted = request(aroundSelection)
        guard let page = window.page, queryProblem == nil else { return [.runs(.load(wanted))] }
        return [.runs(.look(wanted, since: page.stamp))]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .runs(let answer): return take(answer, to: effect)
        case .failed(let text): return fail(text, effect)
        case .done:
            if case .run(let done) = effect { forget(done) }
            return nil
        case .form(.submitted(let id, _)):
            window.select(id: id)
            return []
        default: return nil
        }
    }

    private mutating func take(_ answer: RunsAnswer, to effect: Effect) -> [Request] {
        switch answer {
        case .page(let page, let limits):
            self.limits = limits
            if case .runs(.load(let asked)) = effect, isPresent(asked) {
                queryProblem = nil
                window.take(page)
            }
            return endReading()
        case .changed(let change, let limits):
            self.limits = limits
            if case .runs(.look(let asked, _)) = effect, isPresent(asked), pending == nil {
                switch change {
                case .nothing: break
                case .runs(let runs, let stamp): window.take(runs, stamp: stamp)
                case .page(let page): window.take(page)
                }
            }
            return endReading()
        case .matching(let runs):
            window.mark(runs)
            return [.say("Marked \(Formatting.grouped(runs.count)) runs.")]
        case .weighed(let runs, let users, let closesPage): return [RunActions.removal(of: runs, users: users, closesPage: closesPage)]
        case .checkpoints(let run, let checkpoints):
            guard !checkpoints.isEmpty else { return [.warn("\(run.name) left no checkpoint; rerun it.")] }
            let items = checkpoints.reversed().map {
                Picker.Item(id: $0.path, title: "\($0.kind) at step \($0.step)", detail: "epoch \($0.epoch)")
            }
            overlay = .checkpoints(Picker(title: "Resume \(run.name) from", items: items, selected: items.first?.id), of: run)
            return []
        }
    }

    private mutating func fail(_ text: String, _ effect: Effect) -> [Request]? {
        switch effect {
        case .runs(.load(let asked)):
            if isPresent(asked), hasFilter {
                queryProblem = text
                return endReading()
            }
            return [.warn(text)] + endReading()
        case .runs(.look): return [.warn(text)] + endReading()
        default: return nil
        }
    }

    /// Marks go with what was done to the marked runs.
    private mutating func forget(_ done: RunEffect) {
        switch done {
        case .abort(let ids), .remove(let ids), .rerun(let ids), .resume(let ids, _): window.unmark(ids)
        }
    }

    // MARK: Typing

    mutating func type(_ key: Key) -> [Request]? {
        if let overlay { return type(key, in: overlay) }
        guard isTyping else { return nil }
        let before = line.text
        switch key {
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            line.replace(with: "")
        // The list moves while its query is typed.
        case .up: return move(.up)
        case .down: return move(.down)
        case .pageUp: return move(.pageUp)
        case .pageDown: return move(.pageDown)
        default: _ = line.handle(key)
        }
        guard line.text != before else { return [] }
        window.restart()
        queryProblem = nil
        return read(.offset(0))
    }

    private mutating func type(_ key: Key, in open: Overlay) -> [Request]? {
        switch open {
        case .status(var picker):
            let outcome = picker.handle(key)
            return take(outcome, of: picker)
        case .columns(let menu): return type(key, in: menu)
        case .menu(var menu):
            let outcome = menu.handle(key)
            return outcome == .passed ? nil : take(outcome, of: menu)
        case .checkpoints(var picker, let run):
            let outcome = picker.handle(key)
            return take(outcome, of: picker, resuming: run)
        }
    }

    /// What is shown, and in which order, is kept at once.
    private mutating func type(_ key: Key, in open: ColumnMenu) -> [Request] {
        var menu = open
        let before = columns
        let outcome = menu.handle(key, columns: &columns)
        return (columns == before ? [] : [.effect(.program(.keep(.columns, columns.text)))]) + take(outcome, of: menu)
    }

    mutating func click(_ hit: Hit) -> [Request] {
        switch (overlay, hit) {
        case (.status(var picker)?, _):
            let outcome = picker.click(hit)
            return take(outcome, of: picker)
        case (.checkpoints(var picker, let run)?, _):
            let outcome = picker.click(hit)
            return take(outcome, of: picker, resuming: run)
        case (.columns(var menu)?, .row(let index)):
            menu.select(index, columns: columns)
            return type(.character(" "), in: menu)
        case (.menu(var menu)?, .row(let index)):
            menu.select(index)
            let outcome = menu.handle(.enter)
            return take(outcome, of: menu)
        case (nil, .row(let index)):
            if index == window.selectedIndex { return perform(.openRun) }
            window.select(index: index)
            return []
        // The header's titles.
        case (nil, .field(let place)): return RunColumn.allCases.indices.contains(place) ? sort(by: RunColumn.allCases[place]) : []
        default: return []
        }
    }

    private mutating func take(_ outcome: Picker.Outcome, of picker: Picker) -> [Request] {
        overlay = outcome == .open ? .status(picker) : nil
        guard case .chosen(let word) = outcome else { return [] }
        status = word == StatusChoices.all ? nil : word
        window.restart()
        return read(.offset(0))
    }

    private mutating func take(_ outcome: Picker.Outcome, of picker: Picker, resuming run: RunSummary) -> [Request] {
        overlay = outcome == .open ? .checkpoints(picker, of: run) : nil
        guard case .chosen(let path) = outcome else { return [] }
        return [.work(.run(.resume([run.id], checkpoint: path)), "Resuming…")]
    }

    private mutating func take(_ outcome: ColumnMenu.Outcome, of menu: ColumnMenu) -> [Request] {
        overlay = outcome == .closed ? nil : .columns(menu)
        guard case .sort(let column) = outcome else { return [] }
        return sort(by: column)
    }

    private mutating func take(_ outcome: RunMenu.Outcome, of menu: RunMenu) -> [Request] {
        overlay = outcome == .open ? .menu(menu) : nil
        guard case .chosen(let action) = outcome else { return [] }
        return perform(action)
    }

    // MARK: Actions

    func availability(of action: AppAction) -> Availability {
        if case .menu? = overlay, !RunMenu.actions.contains(action) { return .unavailable("The open list comes first.") }
        switch action {
        case .openRun, .listUp, .listDown, .listPageUp, .listPageDown, .listFirst, .listLast, .markRun, .markRange, .markAllRuns, .runMenu:
            return Availability(unless: window.total == 0 ? "There is no run yet." : window.count == 0 ? "No run matches." : nil)
        case .searchRuns, .filterRuns, .sortRuns, .reverseRuns, .columnsOfRuns:
            return Availability(unless: window.total == 0 ? "There is no run yet." : nil)
        case .back:
            return Availability(unless: hasFilter || !window.marked.isEmpty ? nil : "This is the first screen.")
        case .compareRuns: return Availability(unless: CompareModel.obstacle(window.marked.count))
        // Of several marked runs, these concern the selected one.
        case .copyModelID, .copyRunID, .duplicateRun, .saveRunAsBlueprint, .resumeFrom: return RunActions.availability(of: action, on: window.selected)
        default:
            guard action.section == .run else { return .available }
            return targets.isEmpty ? RunActions.availability(of: action, on: nil) : RunActions.availability(of: action, on: targets)
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        if case .menu? = overlay { overlay = nil }
        if let step = action.listMove { return move(step) }
        switch action {
        case .newRun: return [.open(.blueprints(BlueprintsModel()))]
        case .openRun: return window.selected.map { [.open(.run(RunPageModel(runID: $0.id)))] } ?? []
        case .searchRuns: isTyping = true
        case .filterRuns: overlay = .status(StatusChoices.picker(selected: status))
        case .sortRuns:
            let shown = columns.shown
            let place = shown.firstIndex { $0.sort == sort } ?? -1
            return sort(by: shown[(place + 1) % shown.count])
        case .reverseRuns:
            order.isDescending.toggle()
            return readInOrder()
        case .columnsOfRuns: overlay = .columns(ColumnMenu(selected: sort, columns: columns))
        case .markRun: window.toggleMark()
        case .markRange: return window.markRange() ? [] : [.warn("The range reaches beyond the rows at hand; mark all that match with *, or mark in parts.")]
        case .markAllRuns:
            if !window.marked.isEmpty { window.clearMarks() } else { return [.effect(.runs(.markAll(request(.offset(0), limit: .max))))] }
        case .compareRuns: return [.open(.compare(CompareModel(runIDs: window.markedInOrder)))]
        case .runMenu:
            if let run = window.selected {
                overlay = .menu(RunMenu(
                    title: window.marked.isEmpty ? run.name : "\(window.marked.count) marked runs",
                    entries: RunMenu.actions.map { RunMenu.Entry(action: $0, availability: availability(of: $0)) }))
            }
        case .resumeFrom: return window.selected.map { [.effect(.runs(.checkpoints(of: $0)))] } ?? []
        case .back: return goBack()
        case .copyModelID, .copyRunID, .duplicateRun, .saveRunAsBlueprint: return window.selected.map { RunActions.requests(for: action, on: $0) } ?? []
        default:
            if action.section == .run { return RunActions.requests(for: action, on: targets) }
        }
        return []
    }

    /// The marks first, then the query and the filter.
    private mutating func goBack() -> [Request] {
        guard window.marked.isEmpty else {
            window.clearMarks()
            return []
        }
        line.replace(with: "")
        status = nil
        queryProblem = nil
        return read(aroundSelection)
    }

    private mutating func sort(by column: RunColumn) -> [Request] {
        order.sort(by: column)
        return readInOrder()
    }

    private mutating func readInOrder() -> [Request] { [.effect(.program(.keep(.order, order.text)))] + read(aroundSelection) }

    private mutating func move(_ step: ListState.Move) -> [Request] {
        window.move(step)
        return window.missing.map { read($0) } ?? []
    }

    // MARK: Showing

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        switch overlay {
        case .status, .checkpoints: return FooterItem.picker(glyphs)
        case .columns:
            return [
                .fixed(KeyHint("Space", "show")), .fixed(KeyHint(glyphs.left + glyphs.right, "move")), .fixed(KeyHint(glyphs.enter, "sort")),
                .fixed(KeyHint("Esc", "close", essential: true)),
            ]
        case .menu:
            return [.fixed(KeyHint(glyphs.enter, "do it")), .fixed(KeyHint(glyphs.up + glyphs.down, "move")), .fixed(KeyHint("Esc", "close", essential: true))]
        case nil: break
        }
        if isTyping { return [.fixed(KeyHint(glyphs.enter, "keep")), .fixed(KeyHint(glyphs.up + glyphs.down, "move")), .fixed(KeyHint("Esc", "clear", essential: true))] }
        if !window.marked.isEmpty {
            return [
                .action(.markRun), .action(.compareRuns, essential: true), .action(.markRange), .action(.abortRun), .action(.rerunRun), .action(.resumeRun), .action(.removeRun),
                .action(.back, "unmark", essential: true), .action(.help, essential: true),
            ]
        }
        return [
            .action(.newRun, essential: true), .action(.openRun), .action(.runMenu), .action(.markRun), .action(.searchRuns),
            .action(.abortRun), .action(.removeRun), .action(.filterRuns), .action(.sortRuns), .action(.columnsOfRuns),
            .action(.rerunRun), .action(.help, essential: true), .action(.quit, essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        RunsView(model: self, context: context).draw(in: &buffer)
        switch overlay {
        case .status(let picker), .checkpoints(let picker, _): picker.draw(in: &buffer, appearance: context.appearance)
        case .columns(let menu):
            menu.draw(in: &buffer, columns: columns, sort: sort, isDescending: isDescending, appearance: context.appearance)
        case .menu(let menu): menu.draw(in: &buffer, context: context)
        case nil: break
        }
    }
}

/// The statuses to filter by: ours, found by any vendor's word.
enum StatusChoices {
    static let all = "all"

    static func picker(selected: String?) -> Picker {
        let groups = [(all, "every run"), ("live", "not ended yet"), ("ended", "nothing more will happen")].map {
            Picker.Item(id: $0.0, title: $0.0, detail: $0.1)
        }
        let states = RunState.allCases.map { state in
            Picker.Item(id: state.rawValue, title: state.rawValue, detail: state.vendorWords.joined(separator: " "))
        }
        return Picker(title: "Status", items: groups + states, selected: selected ?? all)
    }
}
