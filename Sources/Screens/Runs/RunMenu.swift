import TerminalKit
import Workbench

/// What can be done to a run, as a list with the keys and the reasons why something cannot be done now.
struct RunMenu: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        let action: AppAction
        let availability: Availability
    }

    static let actions: [AppAction] = [
        .openRun, .compareRuns, .copyModelID, .copyRunID, .abortRun, .rerunRun, .resumeRun, .resumeFrom, .duplicateRun, .saveRunAsBlueprint, .removeRun,
    ]

    let title: String
    let entries: [Entry]
    private(set) var list = ListState()

    init(title: String, entries: [Entry]) {
        self.title = title
        self.entries = entries
        list.select(entries.firstIndex { $0.availability == .available } ?? 0, count: entries.count)
    }

    enum Outcome: Equatable, Sendable {
        case open, closed
        case chosen(AppAction)
        /// The key is not the menu's; where it is an action's, it is carried out as without the menu.
        case passed
    }

    mutating func select(_ index: Int) { list.select(index, count: entries.count) }

    mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .escape, .character("q"), .character("m"), .left: return .closed
        case .enter, .right:
            let entry = entries[list.selectedIndex]
            return entry.availability == .available ? .chosen(entry.action) : .open
        case .character("k"): list.move(.up, count: entries.count)
        case .character("j"): list.move(.down, count: entries.count)
        default: if !list.handle(key, count: entries.count) { return .passed }
        }
        return .open
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        let appearance = context.appearance
        buffer.clearHits()
        let rect = buffer.bounds.centered(width: min(buffer.size.width, 60), height: min(buffer.size.height - 1, entries.count + 4))
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: title, appearance: appearance)
        for (row, index) in list.visibleRange(count: entries.count, height: rect.height - 4).enumerated() {
            let entry = entries[index], y = rect.y + 1 + row, isOn = entry.availability == .available
            buffer.mark(.row(index), Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1))
            if index == list.selectedIndex { buffer.put(context.glyphs.pointer, x: rect.x + 2, y: y, style: appearance.accent) }
            buffer.put(
                context.keymap.label(entry.action, glyphs: context.glyphs) ?? "", x: rect.x + 4, y: y,
                style: isOn ? appearance.accent : appearance.muted, maximumWidth: 7)
            buffer.put(entry.action.title, x: rect.x + 12, y: y, style: isOn ? appearance.text : appearance.muted, maximumWidth: rect.width - 20)
            if !isOn { buffer.putRight("off", right: rect.right - 2, y: y, style: appearance.muted) }
            if index == list.selectedIndex { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
        }
        if let reason = entries[list.selectedIndex].availability.obstacle {
            for (row, line) in reason.wrapped(to: rect.width - 4, lines: 2).enumerated() {
                buffer.put(line, x: rect.x + 2, y: rect.bottom - 3 + row, style: appearance.muted)
            }
        }
    }
}
