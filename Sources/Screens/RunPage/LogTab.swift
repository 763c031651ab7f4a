import TerminalKit
import Workbench

/// The run's log: follows its end, or stands still where it was scrolled to; filtered as one types.
struct LogTab: RunTabModel {
    /// Which lines are shown, by how grave they are.
    enum Level: String, CaseIterable, Sendable {
        case all, warnings, errors

        func accepts(_ level: String) -> Bool {
            switch self {
            case .all: true
            case .warnings: level != "info"
            case .errors: level == "error"
            }
        }
    }

    private(set) var lines: [LogLine] = []
    private(set) var isLoaded = false
    private(set) var problem: String?
    private(set) var filter = TextField(maximumLength: 80)
    private(set) var isTyping = false
    private(set) var level = Level.all
    private(set) var follows = true
    private(set) var wraps = false
    /// The last line in view, by id; nil shows the end.
    private var anchor: Int64?

    /// The id of the last line that is known.
    var cursor: Int64 { lines.last?.id ?? 0 }

    var visible: [LogLine] {
        let wanted = filter.text.lowercased().split(separator: " ")
        return lines.filter { line in
            guard level.accepts(line.level) else { return false }
            let text = wanted.isEmpty ? "" : line.text.lowercased()
            return wanted.allSatisfy { text.contains($0) }
        }
    }

    mutating func take(_ added: [LogLine]) {
        lines += added.filter { $0.id > cursor }
        if lines.count > RunTabEffect.mostLogLines { lines.removeFirst(lines.count - RunTabEffect.mostLogLines) }
        isLoaded = true
        problem = nil
    }

    mutating func fail(_ text: String) { problem = text }

    mutating func type(_ key: Key, facts: RunPageFacts) -> [Request]? {
        guard isTyping else { return nil }
        switch key {
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter.replace(with: "")
        case .up: move(.up)
        case .down: move(.down)
        default: _ = filter.handle(key)
        }
        return []
    }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        if action == .back { return filter.text.isEmpty && level == .all ? "Nothing is filtered." : nil }
        return lines.isEmpty ? "The log is empty." : nil
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        if let step = action.listMove { move(step) }
        switch action {
        case .pageFilter: isTyping = true
        case .pageFollow:
            follows.toggle()
            anchor = follows ? nil : visible.last?.id
        case .pageLevels: level = Level.allCases[((Level.allCases.firstIndex(of: level) ?? 0) + 1) % Level.allCases.count]
        case .pageWrap: wraps.toggle()
        case .back:
            filter.replace(with: "")
            level = .all
        default: break
        }
        return []
    }

    private mutating func move(_ step: ListState.Move) {
        let shown = visible
        guard !shown.isEmpty else { return }
        var list = ListState()
        list.select(Self.bottom(of: shown, anchor: anchor), count: shown.count)
        list.move(step, count: shown.count)
        // The last line takes following up again; any other gives it up.
        follows = list.selectedIndex == shown.count - 1
        anchor = follows ? nil : shown[list.selectedIndex].id
    }

    private static func bottom(of lines: [LogLine], anchor: Int64?) -> Int {
        guard let anchor else { return max(0, lines.count - 1) }
        return max(0, (lines.firstIndex { $0.id > anchor } ?? lines.count) - 1)
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        if isTyping { return [.fixed(KeyHint(glyphs.enter, "keep filter")), .fixed(KeyHint("Esc", "clear", essential: true))] }
        return [
            .action(.pageFilter), .action(.pageFollow, follows ? "stand still" : "follow"), .action(.pageLevels), .action(.pageWrap, wraps ? "one row" : "wrap"),
        ]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        let shown = visible
        let state = (follows ? "following" : "standing still") + (level == .all ? "" : ", \(level.rawValue) only")
        let all = lines.count == 1 ? "1 line" : "\(lines.count) lines"
        let count = shown.count == lines.count ? all : "\(shown.count) of \(all)"
        buffer.drawFrame(rect, title: "log", note: "\(count), \(state)", noteStyle: appearance.muted, appearance: appearance)
        var inner = rect.inset(horizontal: 2, vertical: 1)
        if isTyping || !filter.text.isEmpty {
            buffer.put("Filter", x: inner.x, y: inner.y, style: appearance.muted)
            filter.draw(in: &buffer, x: inner.x + 7, y: inner.y, width: inner.width - 7, isFocused: isTyping, appearance: appearance)
            inner = inner.splitTop(1).rest
        }
        guard !shown.isEmpty else {
            let text = problem ?? (!isLoaded ? "Reading the log…" : lines.isEmpty ? "Nothing is logged yet." : "No line fits the filter.")
            return buffer.drawAbsence(text, in: inner, appearance: appearance)
        }
        drawLines(shown, bottom: Self.bottom(of: shown, anchor: anchor), in: inner, of: &buffer, context: context)
    }

    /// From the last line in view upwards; where the log is shorter than the room, from the top.
    private func drawLines(_ shown: [LogLine], bottom: Int, in rect: Rect, of buffer: inout CellBuffer, context: ViewContext) {
        let appearance = context.appearance
        let textX = rect.x + 11, width = max(1, rect.width - 11)
        var blocks: [(line: LogLine, rows: [String])] = []
        var height = 0
        for index in (0...bottom).reversed() where height < rect.height {
            let line = shown[index]
            let rows = wraps ? line.text.wrapped(to: width) : [line.text.truncated(to: width)]
            blocks.append((line, rows.isEmpty ? [""] : rows))
            height += max(1, rows.count)
        }
        var y = rect.y - max(0, height - rect.height)
        for block in blocks.reversed() {
            let mark = block.line.level == "error" ? context.glyphs.cross : block.line.level == "warning" ? context.glyphs.warning : " "
            let style = block.line.level == "error"
                ? appearance.style(.error) : block.line.level == "warning" ? appearance.style(.warning) : appearance.text
            for (number, row) in block.rows.enumerated() {
                if y >= rect.y {
                    if number == 0 {
                        buffer.put(Formatting.clock(block.line.time, zone: context.timeZone), x: rect.x, y: y, style: appearance.muted)
                        buffer.put(mark, x: rect.x + 9, y: y, style: style)
                    }
                    buffer.put(row, x: textX, y: y, style: style)
                }
                y += 1
            }
        }
    }
}
