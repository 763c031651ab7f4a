import Foundation

/// A list to mark entries in, with a filter that is typed; Space marks, Enter takes.
package struct MultiPicker: Equatable, Sendable {
    package let title: String
    package let items: [Picker.Item]
    package private(set) var chosen: Set<String>
    package private(set) var filter = TextField(maximumLength: 60)
    package private(set) var list = ListState()

    package init(title: String, items: [Picker.Item], chosen: [String]) {
        self.title = title
        self.items = items
        self.chosen = Set(chosen)
    }

    package enum Outcome: Equatable, Sendable {
        case open, cancelled
        /// The marked entries in the order of the list.
        case chosen([String])
    }

    private var visibleItems: [Picker.Item] {
        guard !filter.text.isEmpty else { return items }
        return items.filter { ($0.title + " " + $0.detail).localizedCaseInsensitiveContains(filter.text) }
    }

    package mutating func handle(_ key: Key) -> Outcome {
        let shown = visibleItems
        switch key {
        case .escape, .control("c"): return .cancelled
        case .enter: return .chosen(items.map(\.id).filter(chosen.contains))
        case .character(" "):
            guard list.selectedIndex < shown.count else { return .open }
            let id = shown[list.selectedIndex].id
            if chosen.remove(id) == nil { chosen.insert(id) }
        default:
            if list.handle(key, count: shown.count) { return .open }
            let before = filter.text
            _ = filter.handle(key)
            if filter.text != before { list.select(0, count: visibleItems.count) }
        }
        return .open
    }

    /// Marks or unmarks the row that was clicked.
    package mutating func click(_ hit: Hit) -> Outcome {
        guard case .row(let index) = hit, index < visibleItems.count else { return .open }
        list.select(index, count: visibleItems.count)
        return handle(.character(" "))
    }

    package func draw(in buffer: inout CellBuffer, appearance: Appearance) {
        buffer.clearHits()
        let shown = visibleItems, glyphs = appearance.glyphs
        let longest = items.map { CharacterWidth.columns(of: $0.title) + CharacterWidth.columns(of: $0.detail) }.max() ?? 0
        let rect = buffer.bounds.centered(
            width: min(buffer.size.width - 4, max(40, longest + 12)), height: min(buffer.size.height - 2, items.count + 4))
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: title, note: "\(chosen.count) marked", noteStyle: appearance.muted, appearance: appearance)
        buffer.put("Filter", x: rect.x + 2, y: rect.y + 1, style: appearance.muted)
        filter.draw(in: &buffer, x: rect.x + 9, y: rect.y + 1, width: rect.width - 11, isFocused: true, appearance: appearance)
        if shown.isEmpty {
            buffer.put("Nothing matches. Backspace widens the filter.", x: rect.x + 2, y: rect.y + 3, style: appearance.muted, maximumWidth: rect.width - 4)
        }
        for (row, index) in list.visibleRange(count: shown.count, height: rect.height - 4).enumerated() {
            let item = shown[index], y = rect.y + 3 + row
            buffer.mark(.row(index), Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1))
            let isChosen = chosen.contains(item.id)
            buffer.put(isChosen ? glyphs.checked : glyphs.unchecked, x: rect.x + 2, y: y, style: isChosen ? appearance.accent : appearance.muted)
            buffer.putEntry(item.title, detail: item.detail, x: rect.x + 4, right: rect.right - 2, y: y, appearance: appearance)
            if index == list.selectedIndex { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
        }
    }
}
