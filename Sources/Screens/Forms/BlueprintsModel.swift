import TerminalKit
import Workbench

/// The first question of a new run: what it begins from. Saved blueprints are kept in order here too.
struct BlueprintsModel: Equatable, Sendable {
    /// Nil until they are read.
    private(set) var blueprints: [BlueprintSummary]?
    private(set) var list = ListState()
    private(set) var prompt: TextPrompt?
    private(set) var isRefreshing = false
    /// What was chosen before the list was read, in order: a person who knows the way does not wait for it.
    private var early: [AppAction] = []

    var selected: BlueprintSummary? {
        guard let blueprints, blueprints.indices.contains(list.selectedIndex) else { return nil }
        return blueprints[list.selectedIndex]
    }
}

extension BlueprintsModel: ScreenModel {
    var screen: Screen { .blueprints(self) }
    var refreshInterval: Double { 3 }

    mutating func refresh() -> [Effect] {
        isRefreshing = true
        return [.form(.loadBlueprints)]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .form(.blueprints(let fresh)):
            isRefreshing = false
            let name = selected?.name
            blueprints = fresh
            list.select(fresh.firstIndex { $0.name == name } ?? list.selectedIndex, count: fresh.count)
            defer { early = [] }
            return early.flatMap { perform($0) }
        case .failed(let text) where effect == .form(.loadBlueprints):
            isRefreshing = false
            early = []
            return [.warn(text)]
        default: return nil
        }
    }

    mutating func type(_ key: Key) -> [Request]? {
        guard var open = prompt else { return nil }
        let outcome = open.handle(key)
        prompt = outcome == .open ? open : nil
        guard case .entered(let name) = outcome, let old = selected?.name, name != old else { return [] }
        return [.work(.form(.renameBlueprint(old, to: name)), "Renaming…")]
    }

    mutating func click(_ hit: Hit) -> [Request] {
        guard prompt == nil, case .row(let index) = hit, let count = blueprints?.count, index < count else { return [] }
        if index == list.selectedIndex { return perform(.beginRun) }
        list.select(index, count: count)
        return []
    }

    func availability(of action: AppAction) -> Availability {
        switch action {
        case .editBlueprint, .renameBlueprint, .removeBlueprint:
            guard let selected else { return .unavailable("The blueprints are being read.") }
            return Availability(unless: selected.isBuiltIn ? "\(selected.title) comes with the program and stays as it is." : nil)
        default: return .available
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        if blueprints == nil, action == .beginRun || action.listMove != nil {
            early.append(action)
            return []
        }
        if let move = action.listMove { list.move(move, count: blueprints?.count ?? 0) }
        switch action {
        case .back: return [.back]
        default: break
        }
        guard let selected else { return [] }
        switch action {
        case .beginRun: return FormScreen.opening(.blueprint(selected), replacing: true)
        case .editBlueprint: return FormScreen.opening(.editing(selected))
        case .renameBlueprint:
            prompt = TextPrompt(title: "Rename blueprint", note: "All its versions get the new name.", text: selected.name)
        case .removeBlueprint:
            return [
                .ask(
                    Question(
                        "Remove blueprint", "\(selected.name) is deleted with all its versions. Runs keep their configuration.",
                        actions: [.init("Remove", .work(.form(.removeBlueprint(selected.name)), "Removing…"))]))
            ]
        default: break
        }
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        if prompt != nil { return [.fixed(KeyHint("Esc", "leave", essential: true))] }
        return [
            .action(.beginRun, essential: true), .action(.editBlueprint), .action(.renameBlueprint), .action(.removeBlueprint), .action(.help),
            .action(.back, essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        let appearance = context.appearance, size = buffer.size
        context.drawTop(["New run"], right: "", in: &buffer)
        buffer.put("What does the run begin from?", x: 3, y: 2, style: appearance.title)
        guard let blueprints else { return }
        let names = min(32, max(18, blueprints.map { CharacterWidth.columns(of: $0.title) }.max() ?? 18))
        let height = max(1, size.height - 8)
        // The person's own stand below a heading, which takes two rows of the list; they have no place in it.
        var rows: [Int?] = Array(blueprints.indices)
        if let own = blueprints.firstIndex(where: { !$0.isBuiltIn }) { rows.insert(contentsOf: [nil, nil], at: own) }
        var window = ListState()
        window.select(rows.firstIndex(of: list.selectedIndex) ?? 0, count: rows.count)
        for (line, row) in window.visibleRange(count: rows.count, height: height).enumerated() {
            let y = 4 + line
            guard let index = rows[row] else {
                if row > 0, rows[row - 1] == nil { buffer.put("Yours", x: 3, y: y, style: appearance.title) }
                continue
            }
            let blueprint = blueprints[index]
            let isSelected = index == list.selectedIndex
            buffer.mark(.row(index), Rect(x: 1, y: y, width: size.width - 2, height: 1))
            if isSelected { buffer.put(context.glyphs.pointer, x: 1, y: y, style: appearance.accent) }
            buffer.put(blueprint.title.truncated(to: min(names, size.width - 6)), x: 3, y: y, style: isSelected ? appearance.title : appearance.text)
            let version = blueprint.isBuiltIn ? "" : "version \(blueprint.version)"
            let room = size.width - names - 8 - version.count
            if room > 8 { buffer.put(blueprint.note.truncated(to: room), x: 5 + names, y: y, style: appearance.muted) }
            if size.width >= 60 { buffer.putRight(version, right: size.width - 2, y: y, style: appearance.muted) }
            if isSelected { buffer.restyle(Rect(x: 1, y: y, width: size.width - 2, height: 1), appearance.select) }
        }
        let hasOwn = blueprints.contains { !$0.isBuiltIn }
        let note = hasOwn ? selected.map { "\($0.title): \($0.note)." } ?? "" : "Any review, and any run, can be saved as a blueprint of yours; it stands here then."
        for (index, line) in note.wrapped(to: size.width - 6, lines: 2).enumerated() {
            buffer.put(line, x: 3, y: size.height - 4 + index, style: appearance.muted)
        }
        prompt?.draw(in: &buffer, appearance: appearance)
    }
}
