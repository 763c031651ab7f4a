import TerminalKit
import Workbench

/// Which label was given to what: a matrix with a cell that moves, truth by row, prediction by column.
struct ConfusionTab: RunTabModel {
    private(set) var row = 0
    private(set) var column = 0
    /// Shares of a row in percent rather than counts.
    private(set) var showsShares = false

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        facts.evaluation.found == nil ? facts.evaluation.absence(facts.detail?.summary) : nil
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        let last = max(0, (facts.evaluation.found?.findings.confusion.counts.count ?? 1) - 1)
        switch action {
        case .listUp: row -= 1
        case .listDown: row += 1
        case .listPageUp: row -= 10
        case .listPageDown: row += 10
        case .listFirst: (row, column) = (0, 0)
        case .listLast: (row, column) = (last, last)
        case .pageLeft: column -= 1
        case .pageRight: column += 1
        case .pageValues: showsShares.toggle()
        default: break
        }
        row = min(max(0, row), last)
        column = min(max(0, column), last)
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [
            .fixed(KeyHint(glyphs.left + glyphs.up + glyphs.down + glyphs.right, "move")), .action(.pageValues, showsShares ? "counts" : "percent"),
            .action(.pageEvaluation),
        ]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        guard let findings = facts.evaluation.found?.findings else {
            return buffer.drawAbsence(facts.evaluation.absence(facts.detail?.summary), in: rect, appearance: appearance)
        }
        let counts = findings.confusion.counts
        guard !counts.isEmpty, counts.allSatisfy({ $0.count == counts.count }) else {
            return buffer.drawAbsence("The evaluation has no confusion matrix.", in: rect, appearance: appearance)
        }
        let isDetection = findings.confusion.overlap != nil
        let names = counts.indices.map { isDetection && $0 == counts.count - 1 ? "background" : findings.name($0) }
        let note = isDetection
            ? "confidence \(LineChart.value(findings.confusion.confidence ?? 0)), overlap \(LineChart.value(findings.confusion.overlap ?? 0))"
            : findings.topAccuracies.enumerated().map { "top-\($0.offset + 1) \(LineChart.value($0.element))" }.joined(separator: "  ")
        buffer.drawFrame(rect, title: showsShares ? "confusion, % of each truth" : "confusion, counts", note: note, noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        guard inner.height >= 4, inner.width >= 20 else { return }
        let row = min(row, counts.count - 1), column = min(column, counts.count - 1)
        drawSentence(counts, row: row, column: column, names: names, isDetection: isDetection, at: inner, in: &buffer, appearance: appearance)
        Matrix(
            counts: counts, names: names, background: isDetection ? counts.count - 1 : nil, row: row, column: column, showsShares: showsShares,
            rect: Rect(x: inner.x, y: inner.y + 1, width: inner.width, height: inner.height - 1), context: context
        ).draw(in: &buffer)
    }

    /// The marked cell in words.
    private func drawSentence(
        _ counts: [[Int]], row: Int, column: Int, names: [String], isDetection: Bool, at inner: Rect, in buffer: inout CellBuffer,
        appearance: Appearance
    ) {
        let count = counts[row][column], total = counts[row].reduce(0, +), background = isDetection ? counts.count - 1 : -1
        let share = total > 0 ? ", \(Int((Double(count) / Double(total) * 100).rounded())) % of \(total)" : ""
        let text: String
        if row == background, column == background {
            text = "background taken for background is not counted"
        } else if row == background {
            text = "\(names[column]) seen where there is nothing: \(count)\(share)"
        } else if column == background {
            text = "\(names[row]) not seen: \(count)\(share)"
        } else {
            text = row == column ? "\(names[row]) right: \(count)\(share)" : "\(names[row]) taken for \(names[column]): \(count)\(share)"
        }
        buffer.put(text.truncated(to: inner.width), x: inner.x, y: inner.y, style: appearance.text)
    }
}

/// The part of a confusion matrix that fits, with the marked cell in it.
private struct Matrix {
    let counts: [[Int]]
    let names: [String]
    /// The place of the background; nil for a classifier.
    let background: Int?
    let row: Int
    let column: Int
    let showsShares: Bool
    let rect: Rect
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let longest = names.map { CharacterWidth.columns(of: $0) }.max() ?? 4
        let nameWidth = min(longest, max(6, rect.width / 5), 16)
        let widest = showsShares ? 3 : max(2, counts.joined().map { String($0).count }.max() ?? 2)
        // Names head the columns as far as there is room; a cell is never wider than the longest name.
        let room = (rect.width - nameWidth - 1) / max(1, counts.count) - 1
        let cellWidth = max(widest, min(longest, max(3, room), 10))
        let columns = visible(column, count: counts.count, room: max(1, (rect.width - nameWidth - 1) / (cellWidth + 1)))
        let rows = visible(row, count: counts.count, room: max(1, rect.height - 1))
        let x = rect.x + nameWidth + 1
        let corner = "truth " + context.glyphs.down
        buffer.put(corner.truncated(to: nameWidth), x: rect.x, y: rect.y, style: appearance.muted)
        for (place, index) in columns.enumerated() {
            let isCut = CharacterWidth.columns(of: names[index]) > cellWidth
            let title = (isCut && index == background ? "bg" : names[index].truncated(to: cellWidth)).padded(to: cellWidth, alignRight: true)
            buffer.put(title, x: x + place * (cellWidth + 1), y: rect.y, style: index == column ? appearance.title : appearance.muted)
        }
        for (line, index) in rows.enumerated() {
            let y = rect.y + 1 + line
            buffer.put(names[index].truncated(to: nameWidth), x: rect.x, y: y, style: index == row ? appearance.title : appearance.muted)
            let total = counts[index].reduce(0, +)
            for (place, other) in columns.enumerated() {
                let cell = Rect(x: x + place * (cellWidth + 1), y: y, width: cellWidth, height: 1)
                buffer.put(
                    text(counts[index][other], of: total).padded(to: cellWidth, alignRight: true), x: cell.x, y: y,
                    style: style(index, other, total: total))
                if index == row, other == column { buffer.restyle(cell, appearance.select) }
            }
        }
        drawMarks(columns: columns, rows: rows, in: &buffer)
    }

    private func text(_ count: Int, of total: Int) -> String {
        if count == 0 { return context.glyphs.dot }
        return showsShares ? String(Int((Double(count) / Double(max(1, total)) * 100).rounded())) : String(count)
    }

    private func style(_ truth: Int, _ prediction: Int, total: Int) -> Style {
        let appearance = context.appearance
        let count = counts[truth][prediction]
        if count == 0 { return appearance.muted }
        if truth == prediction { return appearance.style(.success).with(.bold) }
        return Double(count) >= 0.1 * Double(total) ? appearance.style(.warning).with(.bold) : appearance.text
    }

    /// As many as there is room for, the marked one near the middle.
    private func visible(_ marked: Int, count: Int, room: Int) -> Range<Int> {
        guard count > room else { return 0..<count }
        let start = min(max(0, marked - room / 2), count - room)
        return start..<(start + room)
    }

    /// What lies beyond the edges.
    private func drawMarks(columns: Range<Int>, rows: Range<Int>, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        var marks: [String] = []
        if columns.count < counts.count { marks.append("columns \(columns.lowerBound + 1)-\(columns.upperBound)") }
        if rows.count < counts.count { marks.append("rows \(rows.lowerBound + 1)-\(rows.upperBound)") }
        guard !marks.isEmpty else { return }
        buffer.putRight(" " + marks.joined(separator: ", ") + " of \(counts.count) ", right: rect.right, y: rect.bottom, style: appearance.muted)
    }
}
