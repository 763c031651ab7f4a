/// The selection of a list.
package struct ListState: Equatable, Sendable {
    package private(set) var selectedIndex = 0

    package init() {}

    package mutating func select(_ index: Int, count: Int) {
        selectedIndex = count == 0 ? 0 : min(max(0, index), count - 1)
    }

    /// Moves the selection; false when the key does not move one.
    package mutating func handle(_ key: Key, count: Int, page: Int = 10) -> Bool {
        switch key {
        case .up, .character("k"): select(selectedIndex - 1, count: count)
        case .down, .character("j"): select(selectedIndex + 1, count: count)
        case .pageUp: select(selectedIndex - page, count: count)
        case .pageDown: select(selectedIndex + page, count: count)
        case .home, .character("g"): select(0, count: count)
        case .end, .character("G"): select(count - 1, count: count)
        default: return false
        }
        return true
    }

    /// The rows to show in `height` lines: the selection is always among them, and stays near the middle of a long list.
    package func visibleRange(count: Int, height: Int) -> Range<Int> {
        guard count > height else { return 0..<count }
        guard height > 0 else { return 0..<0 }
        let start = min(max(0, selectedIndex - height / 2), count - height)
        return start..<(start + height)
    }
}
