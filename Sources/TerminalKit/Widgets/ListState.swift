/// The selection of a list.
package struct ListState: Equatable, Sendable {
    package private(set) var selectedIndex = 0

    /// A step through a list.
    package enum Move: Equatable, Sendable {
        case up, down, pageUp, pageDown, first, last
    }

    package init() {}

    package mutating func select(_ index: Int, count: Int) {
        selectedIndex = count == 0 ? 0 : min(max(0, index), count - 1)
    }

    package mutating func move(_ move: Move, count: Int, page: Int = 10) {
        switch move {
        case .up: select(selectedIndex - 1, count: count)
        case .down: select(selectedIndex + 1, count: count)
        case .pageUp: select(selectedIndex - page, count: count)
        case .pageDown: select(selectedIndex + page, count: count)
        case .first: select(0, count: count)
        case .last: select(count - 1, count: count)
        }
    }

    /// Moves the selection by the keys that move one in every list, also beside a text field; false for others.
    package mutating func handle(_ key: Key, count: Int, page: Int = 10) -> Bool {
        switch key {
        case .up: move(.up, count: count)
        case .down: move(.down, count: count)
        case .pageUp: move(.pageUp, count: count, page: page)
        case .pageDown: move(.pageDown, count: count, page: page)
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
