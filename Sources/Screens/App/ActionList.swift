import TerminalKit

/// The help and the palette: actions to look for by typing, and to run.
struct ActionList: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        let action: AppAction
        let availability: Availability
    }

    let title: String
    let entries: [Entry]
    private(set) var filter = TextField(maximumLength: 60)
    private(set) var list = ListState()

    enum Outcome: Equatable, Sendable {
        case open, closed
        case chosen(AppAction)
    }

    init(title: String, entries: [Entry]) {
        self.title = title
        self.entries = entries
    }

    var visible: [Entry] {
        let wanted = filter.text.lowercased().split(separator: " ")
        return entries.filter { entry in
            let text = (entry.action.title + " " + entry.action.rawValue).lowercased()
            return wanted.allSatisfy { text.contains($0) }
        }
    }

    mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .escape: return .closed
        case .enter:
            let shown = visible
            return list.selectedIndex < shown.count ? .chosen(shown[list.selectedIndex].action) : .open
        default:
            let before = filter.text
            if list.handle(key, count: visible.count) { return .open }
            _ = filter.handle(key)
            if filter.text != before { list.select(0, count: visible.count) }
        }
        return .open
    }
}

extension AppModel {
    /// The open screen's actions, or all of them.
    func actionList(ofScreenOnly: Bool) -> ActionList {
        let own = top.kind.sections
        let sections = ofScreenOnly ? own : own + ActionSection.allCases.filter { !own.contains($0) }
        let entries = sections.flatMap { section in
            AppAction.allCases.filter { $0.section == section }.map { ActionList.Entry(action: $0, availability: availability(of: $0)) }
        }
        return ActionList(title: ofScreenOnly ? "Keys" : "Actions", entries: entries)
    }
}

/// Draws the help and the palette.
struct ActionListView {
    let list: ActionList
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let shown = list.visible
        let rect = buffer.bounds.centered(width: min(buffer.size.width, 66), height: min(buffer.size.height - 2, list.entries.count + 5))
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: list.title, note: "\(shown.count) of \(list.entries.count)", noteStyle: appearance.muted, appearance: appearance)
        buffer.put("Find", x: rect.x + 2, y: rect.y + 1, style: appearance.muted)
        list.filter.draw(in: &buffer, x: rect.x + 7, y: rect.y + 1, width: rect.width - 9, isFocused: true, appearance: appearance)
        if shown.isEmpty {
            buffer.put("No action is called so.", x: rect.x + 2, y: rect.y + 3, style: appearance.muted, maximumWidth: rect.width - 4)
        }
        let height = rect.height - 5
        for (row, index) in list.list.visibleRange(count: shown.count, height: height).enumerated() {
            drawRow(shown[index], isSelected: index == list.list.selectedIndex, rect: rect, y: rect.y + 3 + row, in: &buffer)
        }
        drawNote(shown, rect: rect, in: &buffer)
    }

    private func drawRow(_ entry: ActionList.Entry, isSelected: Bool, rect: Rect, y: Int, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let isOn = entry.availability == .available
        let keys = context.keymap.keys(of: entry.action).prefix(2).map { $0.label(context.glyphs) }.joined(separator: " ")
        if isSelected { buffer.put(context.glyphs.pointer, x: rect.x + 1, y: y, style: appearance.accent) }
        buffer.put(keys, x: rect.x + 3, y: y, style: isOn ? appearance.accent : appearance.muted, maximumWidth: 13)
        buffer.put(entry.action.title, x: rect.x + 17, y: y, style: isOn ? appearance.text : appearance.muted, maximumWidth: rect.width - 24)
        if !isOn { buffer.putRight("off", right: rect.right - 2, y: y, style: appearance.muted) }
        if isSelected { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
    }

    /// Why the marked action is off, or what Enter does.
    private func drawNote(_ shown: [ActionList.Entry], rect: Rect, in buffer: inout CellBuffer) {
        let index = list.list.selectedIndex
        guard index < shown.count else { return }
        var text = "\(context.glyphs.enter) does it, Esc closes."
        if case .unavailable(let reason) = shown[index].availability { text = reason }
        buffer.put(text.truncated(to: rect.width - 4), x: rect.x + 2, y: rect.bottom - 2, style: context.appearance.muted)
    }
}
