import TerminalKit

/// The help and the palette: actions to look for by typing, and to run.
struct ActionList: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        let action: AppAction
        let availability: Availability
        /// Run before in this session: such entries come first in the palette.
        let isRecent: Bool
    }

    /// What a line shows: the head of a section, or an action.
    enum Row: Equatable, Sendable {
        case heading(String)
        /// The entry's place among the visible ones.
        case entry(Int)
    }

    let title: String
    let entries: [Entry]
    /// True where the entries stand below their sections' heads until something is typed.
    let hasHeadings: Bool
    /// The entries that fit what was typed, the best first; kept, because the search costs more than the frame that shows it.
    private(set) var visible: [Entry]
    private(set) var filter = TextField(maximumLength: 60)
    private(set) var list = ListState()

    enum Outcome: Equatable, Sendable {
        case open, closed
        case chosen(AppAction)
    }

    init(title: String, entries: [Entry], hasHeadings: Bool) {
        self.title = title
        self.entries = entries
        self.hasHeadings = hasHeadings
        visible = entries
    }

    private func matches() -> [Entry] {
        guard !filter.text.allSatisfy(\.isWhitespace) else { return entries }
        let found = entries.enumerated().compactMap { place, entry in
            FuzzyMatch.score(filter.text, in: entry.action.title + " " + entry.action.rawValue).map { (entry, $0, place) }
        }
        return found.sorted { ($1.1, $0.2) < ($0.1, $1.2) }.map(\.0)
    }

    var rows: [Row] {
        guard hasHeadings, filter.text.isEmpty else { return visible.indices.map { .entry($0) } }
        return visible.indices.flatMap { index -> [Row] in
            let section = visible[index].action.section
            return index > 0 && visible[index - 1].action.section == section ? [.entry(index)] : [.heading(section.title), .entry(index)]
        }
    }

    mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .escape: return .closed
        case .enter:
            return list.selectedIndex < visible.count ? .chosen(visible[list.selectedIndex].action) : .open
        default:
            if list.handle(key, count: visible.count) { return .open }
            let before = filter.text
            _ = filter.handle(key)
            guard filter.text != before else { return .open }
            visible = matches()
            list.select(0, count: visible.count)
        }
        return .open
    }
}

extension ActionList {
    /// Takes the action that was clicked.
    mutating func click(_ hit: Hit) -> Outcome {
        guard case .row(let index) = hit, index < visible.count else { return .open }
        list.select(index, count: visible.count)
        return handle(.enter)
    }
}

extension AppModel {
    /// The help: the open screen's actions by section.
    var help: ActionList {
        ActionList(title: "Keys", entries: entries(of: top.kind.sections), hasHeadings: true)
    }

    /// The palette: all actions, those run before first.
    var palette: ActionList {
        let own = top.kind.sections
        let all = entries(of: own + ActionSection.allCases.filter { !own.contains($0) })
        let recent = recentActions.compactMap { action in all.first { $0.action == action } }
        return ActionList(title: "Actions", entries: recent + all.filter { !$0.isRecent }, hasHeadings: false)
    }

    private func entries(of sections: [ActionSection]) -> [ActionList.Entry] {
        sections.flatMap { section in
            AppAction.all(in: section).map {
                ActionList.Entry(action: $0, availability: availability(of: $0), isRecent: recentActions.contains($0))
            }
        }
    }
}

/// Draws the help and the palette.
struct ActionListView {
    let list: ActionList
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let shown = list.visible
        let all = list.hasHeadings ? list.entries.count + Set(list.entries.map(\.action.section)).count : list.entries.count
        let rect = buffer.bounds.centered(width: min(buffer.size.width, 66), height: min(buffer.size.height - 2, all + 6))
        buffer.clearHits()
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: list.title, note: "\(shown.count) of \(list.entries.count)", noteStyle: appearance.muted, appearance: appearance)
        buffer.put("Find", x: rect.x + 2, y: rect.y + 1, style: appearance.muted)
        list.filter.draw(in: &buffer, x: rect.x + 7, y: rect.y + 1, width: rect.width - 9, isFocused: true, appearance: appearance)
        if shown.isEmpty {
            buffer.put("No action is called so.", x: rect.x + 3, y: rect.y + 3, style: appearance.muted, maximumWidth: rect.width - 5)
        }
        let rows = list.rows
        let marked = list.list.selectedIndex
        var window = ListState()
        window.select(rows.firstIndex(of: .entry(marked)) ?? 0, count: rows.count)
        for (line, index) in window.visibleRange(count: rows.count, height: rect.height - 6).enumerated() {
            let y = rect.y + 3 + line
            switch rows[index] {
            case .heading(let text): buffer.put(text, x: rect.x + 3, y: y, style: appearance.title, maximumWidth: rect.width - 5)
            case .entry(let place): drawEntry(shown[place], place: place, isMarked: place == marked, rect: rect, y: y, in: &buffer)
            }
        }
        if marked < shown.count, let reason = shown[marked].availability.obstacle {
            buffer.put(reason.truncated(to: rect.width - 5), x: rect.x + 3, y: rect.bottom - 2, style: appearance.style(.warning))
        }
    }

    private func drawEntry(_ entry: ActionList.Entry, place: Int, isMarked: Bool, rect: Rect, y: Int, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let isOn = entry.availability == .available
        let keys = context.keymap.keys(of: entry.action).prefix(rect.width < 60 ? 1 : 2).map { $0.label(context.glyphs) }.joined(separator: " ")
        let indent = list.hasHeadings && list.filter.text.isEmpty ? 5 : 3
        // In a narrow window the title matters most.
        let keyWidth = rect.width < 60 ? 9 : 12
        buffer.mark(.row(place), Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1))
        let mark = isOn ? entry.isRecent && !list.hasHeadings ? "recent" : "" : "off"
        if isMarked { buffer.put(context.glyphs.pointer, x: rect.x + 1, y: y, style: appearance.accent) }
        buffer.put(entry.action.title, x: rect.x + indent, y: y, style: isOn ? appearance.text : appearance.muted, maximumWidth: rect.width - indent - keyWidth - (mark.isEmpty ? 3 : 4 + mark.count))
        buffer.putRight(mark, right: rect.right - keyWidth - 3, y: y, style: appearance.muted)
        buffer.put(keys, x: rect.right - keyWidth - 2, y: y, style: isOn ? appearance.accent : appearance.muted, maximumWidth: keyWidth)
        if isMarked { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
    }
}
