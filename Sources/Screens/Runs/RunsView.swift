import TerminalKit
import Workbench

/// Draws the runs table.
struct RunsView {
    let model: RunsModel
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let size = buffer.size
        context.drawTop([], right: resources, in: &buffer)
        let shown = model.visible
        var x = buffer.put("Runs", x: 1, y: 1, style: appearance.title)
        x = buffer.put(" \(model.runs?.count ?? 0)", x: x, y: 1, style: appearance.muted) + 3
        x = buffer.put("/ ", x: x, y: 1, style: appearance.accent)
        if model.isTyping || !model.filter.text.isEmpty {
            model.filter.draw(in: &buffer, x: x, y: 1, width: 18, isFocused: model.isTyping, appearance: appearance)
        } else {
            buffer.put("search", x: x, y: 1, style: appearance.muted)
        }
        x = buffer.put("status: ", x: x + 20, y: 1, style: appearance.muted)
        buffer.put(model.status.name, x: x, y: 1, style: model.status == .all ? appearance.text : appearance.accent)
        buffer.putRight("sort: \(model.sort.rawValue) \(context.glyphs.down)", right: size.width - 1, y: 1, style: appearance.muted)

        guard let runs = model.runs else {
            buffer.put("Reading the runs…", x: 3, y: 3, style: appearance.muted)
            return
        }
        guard !runs.isEmpty else {
            drawWelcome(in: &buffer)
            return
        }
        let card = min(5, max(0, size.height - 12))
        let layout = layout(width: size.width)
        layout.drawHeader(in: &buffer, y: 2, appearance: appearance)
        if shown.isEmpty {
            buffer.put("No run matches. Esc shows all \(runs.count).", x: 3, y: 3, style: appearance.muted)
        }
        let height = size.height - 5 - card
        var list = ListState()
        list.select(model.selectedIndex, count: shown.count)
        for (row, index) in list.visibleRange(count: shown.count, height: height).enumerated() {
            buffer.mark(.row(index), Rect(x: 1, y: 3 + row, width: size.width - 2, height: 1))
            drawRow(shown[index], y: 3 + row, isSelected: index == model.selectedIndex, layout: layout, in: &buffer)
        }
        if card >= 4, let run = model.selected {
            drawCard(run, rect: Rect(x: 1, y: size.height - 1 - card, width: size.width - 2, height: card), in: &buffer)
        }
    }

    private var resources: String {
        guard let limits = model.limits else { return "" }
        return "cores \(limits.coresInUse)/\(limits.coresTotal)  memory \(Formatting.gibibytes(limits.memoryInUseBytes))/"
            + "\(Formatting.gibibytes(limits.memoryTotalBytes)) GiB"
    }

    private func layout(width: Int) -> TableLayout {
        if width < 72 {
            return TableLayout(
                columns: [
                    TableColumn("name", width: nil), TableColumn("status", width: 12), TableColumn("progress", width: 8, alignRight: true),
                ], x: 3, width: width - 4)
        }
        var columns = [
            TableColumn("name", width: nil), TableColumn("created", width: 7), TableColumn("status", width: 12),
            TableColumn("progress", width: width < 100 ? 13 : 22), TableColumn("time", width: 6, alignRight: true),
            TableColumn("service", width: 7), TableColumn("best", width: 5, alignRight: true),
        ]
        if width >= 110 { columns.insert(TableColumn("architecture", width: 20), at: 1) }
        return TableLayout(columns: columns, x: 3, width: width - 4)
    }

    private func drawRow(_ run: RunSummary, y: Int, isSelected: Bool, layout: TableLayout, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        if isSelected { buffer.put(context.glyphs.pointer, x: 1, y: y, style: appearance.accent) }
        for (index, column) in layout.columns.enumerated() {
            func cell(_ text: String, _ style: Style) { layout.drawCell(text, column: index, y: y, style: style, in: &buffer) }
            switch column.title {
            case "name": cell(run.name, isSelected ? appearance.title : appearance.text)
            case "architecture": cell(run.architecture, appearance.muted)
            case "created": cell(Formatting.created(run.createdAt, now: context.now, zone: context.timeZone), appearance.muted)
            case "status": cell(run.status.glyph(context.glyphs) + " " + run.status.rawValue, appearance.style(run.status.role))
            case "progress":
                let span = layout.spans[index]
                let percent = "\(Int((min(1, max(0, run.progress)) * 100).rounded(.down)))%"
                if run.status == .pending || run.status == .created || run.status == .rerun, run.progress == 0 {
                    cell("waits", appearance.muted)
                } else if span.count < 12 {
                    cell(percent, appearance.text)
                } else {
                    buffer.drawProgressBar(
                        x: span.lowerBound, y: y, width: span.count - 5, fraction: run.progress,
                        filled: appearance.style(run.status.role), appearance: appearance)
                    buffer.putRight(percent, right: span.upperBound, y: y, style: appearance.text)
                }
            case "time": cell(run.durationSeconds > 0 ? Formatting.duration(run.durationSeconds) : context.glyphs.dash, appearance.text)
            case "service": cell(run.service, appearance.muted)
            default: cell(run.bestMetric.map { LineChart.value($0) } ?? context.glyphs.dash, appearance.text)
            }
        }
        if isSelected {
            buffer.restyle(Rect(x: 1, y: y, width: buffer.size.width - 2, height: 1), appearance.select)
        }
    }

    private func drawCard(_ run: RunSummary, rect: Rect, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let attempt = run.attempt > 1 ? ", attempt \(run.attempt)" : ""
        buffer.drawFrame(rect, title: run.name, note: "version \(run.version)\(attempt)", noteStyle: appearance.muted, appearance: appearance)
        var facts = "\(run.architecture), \(run.task.rawValue)"
        if let name = run.bestMetricName, let best = run.bestMetric { facts += ", best \(name) \(LineChart.value(best))" }
        let lines = (run.message.isEmpty ? [] : run.message.wrapped(to: rect.width - 4)) + [facts]
        for (row, line) in lines.prefix(rect.height - 2).enumerated() {
            let isMessage = !run.message.isEmpty && row < lines.count - 1
            buffer.put(line, x: rect.x + 2, y: rect.y + 1 + row, style: isMessage ? appearance.text : appearance.muted, maximumWidth: rect.width - 4)
        }
    }

    private func drawWelcome(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let lines: [(String, Style)] = [
            ("Nothing has been trained here yet.", appearance.title),
            ("", appearance.text),
            ("Press \(context.key(.newRun)) to start. Quick Start asks seven short questions;", appearance.text),
            ("pressing Enter through them trains on sample data made on the spot.", appearance.text),
        ]
        let top = max(3, (buffer.size.height - lines.count) / 2 - 1)
        for (row, line) in lines.enumerated() {
            let width = CharacterWidth.columns(of: line.0)
            buffer.put(line.0, x: max(1, (buffer.size.width - width) / 2), y: top + row, style: line.1)
        }
    }
}
