import TerminalKit
import Workbench

/// A row of the comparison's table: a heading, or a name with a text for each run.
enum CompareRow: Equatable, Sendable {
    case heading(String)
    /// `best` is the run whose value is the best; nil where none is better.
    case values(name: String, [String], best: Int?)

    static func rows(of comparison: RunComparison) -> [CompareRow] {
        var rows: [CompareRow] = [.heading("Now")]
        rows.append(.values(name: "status", comparison.runs.map(\.status.rawValue), best: nil))
        rows.append(.values(name: "time", comparison.runs.map { Formatting.duration($0.durationSeconds) }, best: nil))
        rows.append(.heading("Final metrics"))
        for metric in comparison.metrics {
            rows.append(.values(name: metric.tag, metric.values.map { $0.map { LineChart.value($0) } ?? "–" }, best: best(metric)))
        }
        if comparison.metrics.isEmpty { rows.append(.values(name: "none yet", comparison.runs.map { _ in "–" }, best: nil)) }
        rows.append(.heading(comparison.settings.isEmpty ? "Settings: all the same" : "Settings that differ"))
        for setting in comparison.settings {
            rows.append(.values(name: setting.path, setting.values.map { $0 ?? "not set" }, best: nil))
        }
        return rows
    }

    /// Measures are better when they are higher, losses when they are lower.
    private static func best(_ metric: RunComparison.Metric) -> Int? {
        let isLoss = metric.tag.hasSuffix("loss")
        guard isLoss || metric.tag.hasPrefix("metrics/") else { return nil }
        let known = metric.values.enumerated().compactMap { index, value in value.flatMap { $0.isFinite ? (index: index, value: $0) : nil } }
        guard Set(known.map(\.value)).count > 1 else { return nil }
        return (isLoss ? known.min { $0.value < $1.value } : known.max { $0.value < $1.value })?.index
    }
}

/// Draws the comparison: curves above, the table below.
struct CompareView {
    let model: CompareModel
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        context.drawTop(["Compare"], right: "\(model.runIDs.count) runs", in: &buffer)
        let area = Rect(x: 1, y: 1, width: buffer.size.width - 2, height: buffer.size.height - 2)
        let (top, bottom) = area.splitTop(area.height < 16 ? max(6, area.height / 2) : area.height / 2)
        model.chart(glyphs: context.lineGlyphs).draw(in: &buffer, rect: top, appearance: context.appearance)
        if let comparison = model.comparison { drawTable(comparison, rect: bottom, in: &buffer) }
    }

    private func drawTable(_ comparison: RunComparison, rect: Rect, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        guard rect.height >= 3 else { return }
        let rows = CompareRow.rows(of: comparison)
        let longest = rows.map { if case .values(let name, _, _) = $0 { CharacterWidth.columns(of: name) } else { 0 } }.max() ?? 0
        let nameWidth = min(longest + 1, max(12, rect.width * 2 / 5))
        let room = rect.width - nameWidth - 2
        let shown = max(1, min(comparison.runs.count, room / 11)), width = min(26, room / shown)
        for (index, run) in comparison.runs.prefix(shown).enumerated() {
            let x = rect.x + 2 + nameWidth + index * width
            let mark = run.status.glyph(context.glyphs) + " "
            buffer.put((mark + run.name).truncated(to: width - 1), x: x, y: rect.y, style: appearance.series(index).with(.bold))
        }
        if shown < comparison.runs.count {
            buffer.put("+\(comparison.runs.count - shown)", x: rect.x + 2, y: rect.y, style: appearance.muted)
        }
        for (offset, index) in model.rows.visibleRange(count: rows.count, height: rect.height - 1).enumerated() {
            let y = rect.y + 1 + offset
            switch rows[index] {
            case .heading(let title): buffer.put(title, x: rect.x + 1, y: y, style: appearance.title, maximumWidth: rect.width - 1)
            case .values(let name, let values, let best):
                buffer.put(name.truncated(to: nameWidth - 1), x: rect.x + 2, y: y, style: appearance.muted)
                for (run, value) in values.prefix(shown).enumerated() {
                    let isBest = run == best
                    let text = value.truncated(to: width - 3) + (isBest ? " " + context.glyphs.done : "")
                    buffer.put(text, x: rect.x + 2 + nameWidth + run * width, y: y, style: isBest ? appearance.text.with(.bold) : appearance.text)
                }
            }
            if index == model.rows.selectedIndex {
                buffer.restyle(Rect(x: rect.x, y: y, width: rect.width, height: 1), appearance.select)
            }
        }
    }
}
