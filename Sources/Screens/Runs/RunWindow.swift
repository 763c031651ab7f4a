import TerminalKit
import Workbench

/// The part of the table that is read, the selection, and the marked runs. The selection may stand where nothing is read yet.
struct RunWindow: Equatable, Sendable {
    /// Rows that a page holds, and how near its edge the selection may come before the next page is asked for.
    static let pageLength = 160
    private static let margin = 60

    /// Nil until the first answer.
    private(set) var page: RunTablePage?
    private(set) var selectedIndex = 0
    /// The selected run; nil where the rows around the selection are not read.
    private(set) var selectedID: String?
    /// Marked runs as they were last seen, by id.
    private(set) var marked: [String: RunSummary] = [:]
    /// The marked runs' ids, the oldest first.
    var markedInOrder: [String] { marked.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map(\.id) }
    /// Where the last mark was set: a range begins there.
    private var lastMark: Int?

    var count: Int { page?.count ?? 0 }
    var total: Int { page?.total ?? 0 }
    var selected: RunSummary? { run(at: selectedIndex) }

    func run(at index: Int) -> RunSummary? {
        guard let page, index >= page.offset, index - page.offset < page.runs.count else { return nil }
        return page.runs[index - page.offset]
    }

    // MARK: Reading

    /// Where to read next so that the selection has rows on both sides; nil while it has.
    var missing: RunTableRequest.Anchor? {
        guard let page, page.count > 0 else { return nil }
        let first = max(0, selectedIndex - Self.margin), last = min(page.count, selectedIndex + Self.margin)
        return first < page.offset || last > page.offset + page.runs.count ? .offset(selectedIndex - Self.pageLength / 2) : nil
    }

    /// Keeps the selection on its run where the page has it, else on its place.
    mutating func take(_ page: RunTablePage) {
        self.page = page
        if let selectedID, let place = page.runs.firstIndex(where: { $0.id == selectedID }) {
            selectedIndex = page.offset + place
        } else {
            selectedIndex = min(max(0, selectedIndex), max(0, page.count - 1))
            selectedID = selected?.id
        }
        for run in page.runs where marked[run.id] != nil { marked[run.id] = run }
    }

    /// New values of some runs, in the same order.
    mutating func take(_ runs: [RunSummary], stamp: RunTableStamp) {
        guard var page else { return }
        for run in runs {
            if let place = page.runs.firstIndex(where: { $0.id == run.id }) { page.runs[place] = run }
            if marked[run.id] != nil { marked[run.id] = run }
        }
        page.stamp = stamp
        self.page = page
    }

    // MARK: Selecting

    mutating func move(_ move: ListState.Move, page rows: Int = 10) {
        var list = ListState()
        list.select(selectedIndex, count: count)
        list.move(move, count: count, page: rows)
        selectedIndex = list.selectedIndex
        selectedID = selected?.id
    }

    mutating func select(index: Int) {
        selectedIndex = min(max(0, index), max(0, count - 1))
        selectedID = selected?.id
    }

    mutating func select(id: String) { selectedID = id }

    /// For another query: its best row is the first, unless the selected run is still among the first ones.
    mutating func restart() { selectedIndex = 0 }

    // MARK: Marking

    mutating func toggleMark() {
        guard let selected else { return }
        if marked.removeValue(forKey: selected.id) == nil { marked[selected.id] = selected }
        lastMark = selectedIndex
        move(.down)
    }

    /// Marks what lies between the last mark and the selection; false where some of it is not read.
    mutating func markRange() -> Bool {
        let start = lastMark ?? selectedIndex
        let runs = (min(start, selectedIndex)...max(start, selectedIndex)).compactMap { run(at: $0) }
        guard runs.count == abs(start - selectedIndex) + 1 else { return false }
        mark(runs)
        lastMark = selectedIndex
        return true
    }

    mutating func mark(_ runs: [RunSummary]) {
        for run in runs { marked[run.id] = run }
    }

    mutating func clearMarks() {
        marked = [:]
        lastMark = nil
    }

    mutating func unmark(_ ids: [String]) {
        for id in ids { marked[id] = nil }
    }
}
