import TerminalKit
import Workbench

/// The run's whole configuration, or what differs in it from another run's.
struct ConfigurationTab: RunTabModel {
    private(set) var top = 0
    private(set) var filter = TextField(maximumLength: 60)
    private(set) var isTyping = false
    private(set) var picker: Picker?
    private(set) var other: Other?
    /// Parsed once for each text.
    private var parsed: (json: String, node: ConfigurationNode?)?

    struct Other: Equatable, Sendable {
        let name: String
        let node: ConfigurationNode
    }

    static func == (left: ConfigurationTab, right: ConfigurationTab) -> Bool {
        left.top == right.top && left.filter == right.filter && left.isTyping == right.isTyping && left.picker == right.picker
            && left.other == right.other && left.parsed?.json == right.parsed?.json
    }

    mutating func read(_ detail: RunDetail) {
        guard parsed?.json != detail.configurationJSON else { return }
        parsed = (detail.configurationJSON, ConfigurationNode(json: detail.configurationJSON))
    }

    mutating func take(_ runs: [RunSummary]) -> [Request] {
        guard !runs.isEmpty else { return [.warn("There is no other run to compare with.")] }
        picker = Picker(
            title: "Differences to", items: runs.map { Picker.Item(id: $0.id, title: $0.name, detail: "\($0.architecture), \($0.status.rawValue)") },
            selected: nil)
        return []
    }

    mutating func take(name: String, json: String) -> [Request] {
        guard let node = ConfigurationNode(json: json) else { return [.warn("The configuration of \(name) cannot be read.")] }
        other = Other(name: name, node: node)
        top = 0
        return []
    }

    private var differences: [ConfigurationDifference]? {
        guard let other, let node = parsed?.node else { return nil }
        return ConfigurationDifference.between(node, other.node).filter { matches($0.path) }
    }

    private func matches(_ text: String) -> Bool {
        let text = text.lowercased()
        return filter.text.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
    }

    /// With a filter each setting stands alone, with its place.
    private var rows: [String] {
        guard let node = parsed?.node else { return [] }
        if filter.text.isEmpty { return node.rows }
        return node.settings.map { "\($0.path): \($0.value)" }.filter(matches)
    }

    mutating func type(_ key: Key, facts: RunPageFacts) -> [Request]? {
        if var open = picker {
            let outcome = open.handle(key)
            picker = outcome == .open ? open : nil
            if case .chosen(let id) = outcome { return [.effect(.runTab(.configuration(run: id)))] }
            return []
        }
        guard isTyping else { return nil }
        switch key {
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter.replace(with: "")
        default:
            _ = filter.handle(key)
            top = 0
        }
        return []
    }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        if action == .back { return other == nil && filter.text.isEmpty ? "The whole configuration is shown." : nil }
        return parsed?.node == nil ? "The configuration cannot be read." : nil
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        let count = differences?.count ?? rows.count
        switch action {
        case .listUp: top -= 1
        case .listDown: top += 1
        case .listPageUp: top -= 10
        case .listPageDown: top += 10
        case .listFirst: top = 0
        case .listLast: top = count - 1
        case .pageFilter: isTyping = true
        case .pageDifferences: return [.effect(.runTab(.otherRuns(than: facts.runID)))]
        case .back:
            if other == nil { filter.replace(with: "") }
            other = nil
        default: break
        }
        top = min(max(0, top), max(0, count - 1))
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        if picker != nil { return FooterItem.picker(glyphs) }
        if isTyping { return [.fixed(KeyHint(glyphs.enter, "keep filter")), .fixed(KeyHint("Esc", "clear", essential: true))] }
        return [.action(.pageDifferences), .action(.pageFilter)] + (other == nil ? [] : [.action(.back, "whole")])
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        let differences = differences, rows = differences == nil ? rows : []
        let count = differences?.count ?? rows.count
        let title = other.map { "differences to \($0.name)" } ?? "configuration"
        let unit = differences == nil ? (filter.text.isEmpty ? "line" : "setting") : "difference"
        buffer.drawFrame(rect, title: title, note: "\(count) \(unit)\(count == 1 ? "" : "s")", noteStyle: appearance.muted, appearance: appearance)
        var inner = rect.inset(horizontal: 2, vertical: 1)
        if isTyping || !filter.text.isEmpty {
            buffer.put("Filter", x: inner.x, y: inner.y, style: appearance.muted)
            filter.draw(in: &buffer, x: inner.x + 7, y: inner.y, width: inner.width - 7, isFocused: isTyping, appearance: appearance)
            inner = inner.splitTop(1).rest
        }
        if let differences {
            drawDifferences(differences, in: inner, of: &buffer, appearance: appearance)
        } else if parsed?.node == nil {
            buffer.drawAbsence("The configuration cannot be read.", in: inner, appearance: appearance)
        } else if rows.isEmpty {
            buffer.drawAbsence("No setting fits the filter.", in: inner, appearance: appearance)
        } else {
            drawRows(rows, in: inner, of: &buffer, appearance: appearance)
        }
        picker?.draw(in: &buffer, appearance: appearance)
    }

    private func start(count: Int, height: Int) -> Int { min(top, max(0, count - height)) }

    private func drawRows(_ rows: [String], in rect: Rect, of buffer: inout CellBuffer, appearance: Appearance) {
        let first = start(count: rows.count, height: rect.height)
        let gutter = filter.text.isEmpty ? String(rows.count).count + 1 : 0
        for (line, row) in rows.dropFirst(first).prefix(rect.height).enumerated() {
            let y = rect.y + line
            if gutter > 0 { buffer.putRight("\(first + line + 1)", right: rect.x + gutter - 1, y: y, style: appearance.muted) }
            let shown = row.truncated(to: rect.width - gutter)
            // The key stands out from its value.
            let parts = shown.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            let x = buffer.put(String(parts[0]), x: rect.x + gutter, y: y, style: parts.count > 1 ? appearance.style(.information) : appearance.text)
            if parts.count > 1 { buffer.put(": " + parts[1], x: x, y: y, style: appearance.text) }
        }
    }

    private func drawDifferences(_ differences: [ConfigurationDifference], in rect: Rect, of buffer: inout CellBuffer, appearance: Appearance) {
        guard !differences.isEmpty else {
            return buffer.drawAbsence("Both have the same settings.", in: rect, appearance: appearance)
        }
        let side = max(8, min(rect.width / 4, 28)), pathWidth = rect.width - 2 * side - 2
        let spans = [rect.x, rect.x + pathWidth + 1, rect.x + pathWidth + side + 2]
        for (text, x) in zip(["setting", "this run", other?.name ?? ""], spans) {
            buffer.put(text, x: x, y: rect.y, style: appearance.muted, maximumWidth: x == rect.x ? pathWidth : side)
        }
        let first = start(count: differences.count, height: rect.height - 1)
        for (line, difference) in differences.dropFirst(first).prefix(max(0, rect.height - 1)).enumerated() {
            let y = rect.y + 1 + line
            // The end of a long path tells more than its start.
            let path = difference.path.count > pathWidth ? appearance.glyphs.ellipsis + difference.path.suffix(max(0, pathWidth - 1)) : difference.path
            buffer.put(path, x: spans[0], y: y, style: appearance.text, maximumWidth: pathWidth)
            for (value, x) in [(difference.here, spans[1]), (difference.there, spans[2])] {
                buffer.put((value ?? "not set").truncated(to: side), x: x, y: y, style: value == nil ? appearance.muted : appearance.accent)
            }
        }
    }
}
