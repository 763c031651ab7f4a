import TerminalKit
import Workbench

/// A column of the runs table.
enum RunColumn: String, CaseIterable, Equatable, Sendable {
    case name, id, created, status, progress, duration, service, best, model, task

    /// As the header and the list of columns write it.
    var title: String {
        switch self {
        case .id: "ID"
        case .duration: "time"
        case .name, .created, .status, .progress, .service, .best, .model, .task: rawValue
        }
    }

    /// One line for the list of columns.
    var meaning: String {
        switch self {
        case .name: "as it was submitted"
        case .id: "the first characters of the execution ID"
        case .created: "when it was submitted"
        case .status: "where it stands, and a mark for trouble"
        case .progress: "steps done, or what it waits for"
        case .duration: "since its first attempt began"
        case .service: "what carries it out"
        case .best: "best mAP50-95, or top-1"
        case .model: "the architecture"
        case .task: "what the model does"
        }
    }

    var sort: RunTableSort {
        switch self {
        case .name: .name
        case .id: .id
        case .created: .created
        case .status: .status
        case .progress: .progress
        case .duration: .duration
        case .service: .service
        case .best: .best
        case .model: .model
        case .task: .task
        }
    }

    /// Whether the first look at this order begins with the most.
    var startsDescending: Bool {
        switch self {
        case .created, .progress, .duration, .best: true
        case .name, .id, .status, .service, .model, .task: false
        }
    }

    /// Columns of the terminal at a width of the screen; the name takes what is left and wants no less than this.
    func width(screen: Int) -> Int {
        switch self {
        case .name: screen < 60 ? 12 : 20
        case .id, .service: 8
        case .created: 8
        case .status: 14
        case .progress: screen < 60 ? 8 : screen < 100 ? 13 : 22
        case .duration: 6
        case .best: 6
        case .model: 18
        case .task: 20
        }
    }

    /// As the settings call it: like the header.
    var settingName: String { title.lowercased() }

    init?(settingName: String) {
        let name = settingName.lowercased()
        guard let column = Self.allCases.first(where: { $0.settingName == name }) else { return nil }
        self = column
    }

    var alignsRight: Bool { self == .duration || self == .best }

    /// What goes first where there is no room for all.
    private static let leastNeeded: [RunColumn] = [.task, .model, .id, .service, .duration, .best, .created, .progress]

    /// Takes columns away until the rest fits.
    static func fitting(_ columns: [RunColumn], width: Int, screen: Int) -> [RunColumn] {
        var kept = columns
        func needed() -> Int { kept.reduce(0) { $0 + $1.width(screen: screen) } + max(0, kept.count - 1) }
        for column in leastNeeded where needed() > width { kept.removeAll { $0 == column } }
        return kept
    }
}

/// Which columns are shown, in which order.
struct RunColumns: Equatable, Sendable {
    private(set) var order = RunColumn.allCases
    private(set) var hidden: Set<RunColumn> = [.task]

    init() {}

    /// These columns in their order, the name among them in any case; the others are hidden behind them.
    init(shown: [RunColumn]) {
        for column in shown.reversed() {
            order.removeAll { $0 == column }
            order.insert(column, at: 0)
        }
        if !shown.contains(.name) {
            order.removeAll { $0 == .name }
            order.insert(.name, at: 0)
        }
        hidden = Set(RunColumn.allCases).subtracting(shown).subtracting([.name])
    }

    /// As the settings keep them.
    var text: String { "[" + shown.map(\.settingName).joined(separator: ", ") + "]" }

    var shown: [RunColumn] { order.filter { !hidden.contains($0) } }

    /// The name always stays: a row without it says nothing.
    mutating func toggle(_ column: RunColumn) {
        guard column != .name else { return }
        if hidden.remove(column) == nil { hidden.insert(column) }
    }

    /// Moves a column by one place, if there is one.
    mutating func move(_ column: RunColumn, by step: Int) {
        guard let place = order.firstIndex(of: column), order.indices.contains(place + step) else { return }
        order.swapAt(place, place + step)
    }
}

/// What the table is sorted by.
struct RunOrder: Equatable, Sendable {
    var column = RunColumn.created
    var isDescending = true

    init() {}

    /// Such as `created descending`; nil for any other text.
    init?(text: String) {
        let words = text.lowercased().split(separator: " ").map(String.init)
        guard words.count == 2, let column = RunColumn(settingName: words[0]), ["ascending", "descending"].contains(words[1]) else { return nil }
        self.column = column
        isDescending = words[1] == "descending"
    }

    /// As the settings keep it.
    var text: String { "\(column.settingName) \(isDescending ? "descending" : "ascending")" }

    /// By another column; the same one turns the order around.
    mutating func sort(by wanted: RunColumn) {
        isDescending = wanted == column ? !isDescending : wanted.startsDescending
        column = wanted
    }
}

/// The list of columns: to show and hide, to order, to sort by.
struct ColumnMenu: Equatable, Sendable {
    private(set) var list = ListState()

    enum Outcome: Equatable, Sendable {
        case open, closed
        case sort(RunColumn)
    }

    init(selected: RunTableSort, columns: RunColumns) {
        list.select(columns.order.firstIndex { $0.sort == selected } ?? 0, count: columns.order.count)
    }

    mutating func select(_ index: Int, columns: RunColumns) { list.select(index, count: columns.order.count) }

    mutating func handle(_ key: Key, columns: inout RunColumns) -> Outcome {
        let column = columns.order[list.selectedIndex]
        switch key {
        case .escape, .character("q"): return .closed
        case .enter, .character("s"): return .sort(column)
        case .character(" "): columns.toggle(column)
        case .left, .character("h"), .character("<"), .character("K"):
            columns.move(column, by: -1)
            list.select(columns.order.firstIndex(of: column) ?? 0, count: columns.order.count)
        case .right, .character("l"), .character(">"), .character("J"):
            columns.move(column, by: 1)
            list.select(columns.order.firstIndex(of: column) ?? 0, count: columns.order.count)
        case .character("k"): list.move(.up, count: columns.order.count)
        case .character("j"): list.move(.down, count: columns.order.count)
        default: _ = list.handle(key, count: columns.order.count)
        }
        return .open
    }

    func draw(in buffer: inout CellBuffer, columns: RunColumns, sort: RunTableSort, isDescending: Bool, appearance: Appearance) {
        let glyphs = appearance.glyphs
        buffer.clearHits()
        let rect = buffer.bounds.centered(width: min(buffer.size.width, 62), height: min(buffer.size.height - 1, columns.order.count + 2))
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: "Columns", note: "\(columns.shown.count) shown", noteStyle: appearance.muted, appearance: appearance)
        for (row, index) in list.visibleRange(count: columns.order.count, height: rect.height - 2).enumerated() {
            let column = columns.order[index], y = rect.y + 1 + row, isShown = !columns.hidden.contains(column)
            buffer.mark(.row(index), Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1))
            if index == list.selectedIndex { buffer.put(glyphs.pointer, x: rect.x + 2, y: y, style: appearance.accent) }
            buffer.put(isShown ? glyphs.checked : glyphs.unchecked, x: rect.x + 4, y: y, style: isShown ? appearance.accent : appearance.muted)
            let end = buffer.put(column.title, x: rect.x + 6, y: y, style: isShown ? appearance.text : appearance.muted)
            if column.sort == sort { buffer.put(isDescending ? glyphs.down : glyphs.up, x: end + 1, y: y, style: appearance.accent) }
            buffer.put(column.meaning, x: rect.x + 18, y: y, style: appearance.muted, maximumWidth: rect.width - 20)
            if index == list.selectedIndex { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
        }
    }
}
