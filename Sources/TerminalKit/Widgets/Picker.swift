import Foundation

/// A list to choose one entry from, with a filter that is typed.
package struct Picker: Equatable, Sendable {
    package struct Item: Equatable, Sendable {
        package let id: String
        package let title: String
        package let detail: String

        package init(id: String, title: String, detail: String = "") {
            self.id = id
            self.title = title
            self.detail = detail
        }
    }

    package let title: String
    package let items: [Item]
    package private(set) var filter = TextField()
    package private(set) var list = ListState()

    package init(title: String, items: [Item], selected: String?) {
        self.title = title
        self.items = items
        if let index = items.firstIndex(where: { $0.id == selected }) { list.select(index, count: items.count) }
    }

    package var visibleItems: [Item] {
        guard !filter.text.isEmpty else { return items }
        return items.filter { ($0.title + " " + $0.detail).localizedCaseInsensitiveContains(filter.text) }
    }

    package enum Outcome: Equatable, Sendable {
        case open, cancelled
        case chosen(String)
    }

    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .enter:
            let shown = visibleItems
            return list.selectedIndex < shown.count ? .chosen(shown[list.selectedIndex].id) : .open
        case .up, .down, .pageUp, .pageDown:
            _ = list.handle(key, count: visibleItems.count)
        default:
            let before = filter.text
            _ = filter.handle(key)
            if filter.text != before { list.select(0, count: visibleItems.count) }
        }
        return .open
    }

    /// Chooses the row that was clicked.
    package mutating func click(_ hit: Hit) -> Outcome { select(hit) ? handle(.enter) : .open }

    /// Marks the row that was clicked; false where none was.
    package mutating func select(_ hit: Hit) -> Bool {
        guard case .row(let index) = hit, index < visibleItems.count else { return false }
        list.select(index, count: visibleItems.count)
        return true
    }

    package func draw(in buffer: inout CellBuffer, appearance: Appearance) {
        buffer.clearHits()
        let shown = visibleItems
        let longest = items.map { CharacterWidth.columns(of: $0.title) + CharacterWidth.columns(of: $0.detail) }.max() ?? 0
        let rect = buffer.bounds.centered(
            width: min(buffer.size.width - 4, max(40, longest + 10)), height: min(buffer.size.height - 2, items.count + 4))
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: title, note: "\(shown.count) of \(items.count)", noteStyle: appearance.muted, appearance: appearance)
        buffer.put("Filter", x: rect.x + 2, y: rect.y + 1, style: appearance.muted)
        filter.draw(in: &buffer, x: rect.x + 9, y: rect.y + 1, width: rect.width - 11, isFocused: true, appearance: appearance)
        let height = rect.height - 4
        if shown.isEmpty {
            buffer.put("Nothing matches. Backspace widens the filter.", x: rect.x + 2, y: rect.y + 3, style: appearance.muted, maximumWidth: rect.width - 4)
        }
        for (row, index) in list.visibleRange(count: shown.count, height: height).enumerated() {
            let y = rect.y + 3 + row
            let isSelected = index == list.selectedIndex
            buffer.mark(.row(index), Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1))
            buffer.putEntry(
                (isSelected ? appearance.glyphs.pointer : " ") + " " + shown[index].title, detail: shown[index].detail, x: rect.x + 2,
                right: rect.right - 2, y: y, appearance: appearance)
            if isSelected { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
        }
    }
}
