import TerminalKit
import Workbench

/// Draws the runs table.
struct RunsView {
    let model: RunsModel
    let context: ViewContext

    private var appearance: Appearance { context.appearance }
    private var window: RunWindow { model.window }

    func draw(in buffer: inout CellBuffer) {
        let size = buffer.size
        context.drawTop([], right: resources, in: &buffer)
        drawTitle(in: &buffer)
        guard window.page != nil else {
            buffer.put("Reading the runs…", x: 3, y: 3, style: appearance.muted)
            return
        }
        guard window.total > 0 else { return drawWelcome(in: &buffer) }
        var y = 2
        if model.isTyping || !model.line.text.isEmpty {
            drawQuery(y: y, in: &buffer)
            y += 1
        }
        let panel = RunDetailPanel.height(screen: size.height)
        drawTable(Rect(x: 1, y: y, width: size.width - 2, height: size.height - 1 - panel - y), in: &buffer)
        let rect = Rect(x: 1, y: size.height - 1 - panel, width: size.width - 2, height: panel)
        if let problem = model.queryProblem {
            drawProblem(problem, rect: panel > 0 ? rect : Rect(x: 1, y: size.height - 5, width: size.width - 2, height: 4), in: &buffer)
        } else if panel > 0, let run = window.selected {
            RunDetailPanel(run: run, context: context).draw(rect, in: &buffer)
        }
    }

    private var resources: String {
        guard let limits = model.limits else { return "" }
        return "cores \(limits.coresInUse)/\(limits.coresTotal)  memory \(Formatting.gibibytes(limits.memoryInUseBytes))/"
            + "\(Formatting.gibibytes(limits.memoryTotalBytes)) GiB"
    }

    // MARK: Above the table

    private func drawTitle(in buffer: inout CellBuffer) {
        var x = buffer.put("Runs", x: 1, y: 1, style: appearance.title)
        guard window.page != nil else { return }
        let count = model.hasFilter
            ? "\(Formatting.grouped(window.count)) of \(Formatting.grouped(window.total)) runs" : Formatting.grouped(window.total)
        x = buffer.put(" " + (window.total == 0 ? "none yet" : count), x: x, y: 1, style: appearance.muted)
        if !window.marked.isEmpty {
            x = buffer.put("   \(context.glyphs.checked) \(Formatting.grouped(window.marked.count)) marked", x: x, y: 1, style: appearance.accent)
        }
        if let status = model.status {
            x = buffer.put("   status ", x: x, y: 1, style: appearance.muted)
            x = buffer.put(status, x: x, y: 1, style: appearance.accent)
        }
        let order = "by \(RunColumn.allCases.first { $0.sort == model.sort }?.title ?? "") \(model.isDescending ? context.glyphs.down : context.glyphs.up)"
        if x + 2 + CharacterWidth.columns(of: order) < buffer.size.width {
            buffer.putRight(order, right: buffer.size.width - 1, y: 1, style: appearance.muted)
        }
    }

    private func drawQuery(y: Int, in buffer: inout CellBuffer) {
        let x = buffer.put(context.key(.searchRuns) + " ", x: 1, y: y, style: appearance.accent)
        let width = buffer.size.width - 2 - x
        model.line.draw(in: &buffer, x: x, y: y, width: width, isFocused: model.isTyping, appearance: appearance)
        if model.line.text.isEmpty {
            buffer.put("name or ID, or status:failed lr>0.001 label:3 created:7d".truncated(to: width - 2), x: x + 1, y: y, style: appearance.muted)
        }
    }

    private func drawProblem(_ problem: String, rect: Rect, in buffer: inout CellBuffer) {
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: "The query is not finished", appearance: appearance)
        for (row, line) in problem.wrapped(to: rect.width - 4, lines: rect.height - 2).enumerated() {
            buffer.put(line, x: rect.x + 2, y: rect.y + 1 + row, style: appearance.style(.warning))
        }
    }

    // MARK: The table

    private func drawTable(_ rect: Rect, in buffer: inout CellBuffer) {
        let screen = buffer.size.width, room = rect.width - 3
        let columns = RunColumn.fitting(model.columns.shown, width: room, screen: screen)
        let layout = TableLayout(
            columns: columns.map { TableColumn(header($0), width: $0 == .name ? nil : $0.width(screen: screen), alignRight: $0.alignsRight) },
            x: rect.x + 3, width: room)
        layout.drawHeader(in: &buffer, y: rect.y, appearance: appearance)
        for (column, span) in zip(columns, layout.spans) {
            if let place = RunColumn.allCases.firstIndex(of: column) {
                buffer.mark(.field(place), Rect(x: span.lowerBound, y: rect.y, width: span.count, height: 1))
            }
        }
        if let sorted = columns.firstIndex(where: { $0.sort == model.sort }) {
            layout.drawCell(header(columns[sorted]), column: sorted, y: rect.y, style: appearance.accent, in: &buffer)
        }
        if window.count == 0 {
            let text = "No run matches. \(context.key(.back)) clears the search and shows all \(Formatting.grouped(window.total))."
            for (row, line) in text.wrapped(to: room).enumerated() { buffer.put(line, x: rect.x + 3, y: rect.y + 2 + row, style: appearance.muted) }
        }
        var list = ListState()
        list.select(window.selectedIndex, count: window.count)
        for (row, index) in list.visibleRange(count: window.count, height: rect.height - 1).enumerated() {
            let y = rect.y + 1 + row, isSelected = index == window.selectedIndex
            buffer.mark(.row(index), Rect(x: rect.x, y: y, width: rect.width, height: 1))
            if isSelected { buffer.put(context.glyphs.pointer, x: rect.x, y: y, style: appearance.accent) }
            if let run = window.run(at: index) {
                let isMarked = window.marked[run.id] != nil
                if isMarked { buffer.put(context.glyphs.checked, x: rect.x + 1, y: y, style: appearance.accent) }
                for (place, column) in columns.enumerated() {
                    draw(column, of: run, isSelected: isSelected, place: place, layout: layout, y: y, in: &buffer)
                }
            } else {
                buffer.put(context.glyphs.ellipsis, x: rect.x + 3, y: y, style: appearance.muted)
            }
            if isSelected { buffer.restyle(Rect(x: rect.x, y: y, width: rect.width, height: 1), appearance.select) }
        }
    }

    private func header(_ column: RunColumn) -> String {
        column.sort == model.sort ? column.title + (model.isDescending ? context.glyphs.down : context.glyphs.up) : column.title
    }

    private func draw(
        _ column: RunColumn, of run: RunSummary, isSelected: Bool, place: Int, layout: TableLayout, y: Int, in buffer: inout CellBuffer
    ) {
        func cell(_ text: String, _ style: Style) {
            layout.drawCell(text.truncated(to: layout.spans[place].count), column: place, y: y, style: style, in: &buffer)
        }
        switch column {
        case .name: cell(run.name, isSelected ? appearance.title : appearance.text)
        case .id: cell(String(run.id.prefix(8)), appearance.muted)
        case .created: cell(Formatting.created(run.createdAt, now: context.now, zone: context.timeZone), appearance.muted)
        case .status:
            cell(run.status.glyph(context.glyphs) + " " + run.status.rawValue, appearance.style(run.status.role))
            if let issue = run.issue, let mark = issue.severity.mark(context.glyphs) {
                buffer.putRight(mark, right: layout.spans[place].upperBound, y: y, style: appearance.style(issue.severity.role).with(.bold))
            }
        case .progress: drawProgress(of: run, span: layout.spans[place], y: y, in: &buffer)
        case .duration: cell(run.durationSeconds > 0 ? Formatting.duration(run.durationSeconds) : context.glyphs.dash, appearance.text)
        case .service: cell(run.service, appearance.muted)
        case .best: cell(run.bestMetric.map { LineChart.value($0) } ?? context.glyphs.dash, appearance.text)
        case .model: cell(run.architecture, appearance.muted)
        case .task: cell(run.task.rawValue, appearance.muted)
        }
    }

    private func drawProgress(of run: RunSummary, span: Range<Int>, y: Int, in buffer: inout CellBuffer) {
        let percent = "\(Int((min(1, max(0, run.progress)) * 100).rounded(.down)))%"
        switch run.status {
        case .created, .pending, .rerun:
            let reason = run.message.isEmpty ? "waits" : run.message.lowercasedFirst
            buffer.put(reason.truncated(to: span.count), x: span.lowerBound, y: y, style: appearance.muted)
        default:
            if span.count >= 12 {
                buffer.drawProgressBar(
                    x: span.lowerBound, y: y, width: span.count - 5, fraction: run.progress, filled: appearance.style(run.status.role),
                    appearance: appearance)
            }
            buffer.putRight(percent, right: span.upperBound, y: y, style: appearance.text)
        }
    }

    private func drawWelcome(in buffer: inout CellBuffer) {
        let lines: [(String, Style)] = [
            ("Nothing has been trained here yet.", appearance.title),
            ("", appearance.text),
            ("Press \(context.key(.newRun)) to start. Quick Start asks seven short questions;", appearance.text),
            ("pressing Enter through them trains on sample data made on the spot.", appearance.text),
        ]
        let wrapped = lines.flatMap { line in line.0.isEmpty ? [line] : line.0.wrapped(to: buffer.size.width - 4).map { ($0, line.1) } }
        let top = max(3, (buffer.size.height - wrapped.count) / 2 - 1)
        for (row, line) in wrapped.enumerated() {
            let width = CharacterWidth.columns(of: line.0)
            buffer.put(line.0, x: max(1, (buffer.size.width - width) / 2), y: top + row, style: line.1)
        }
    }
}

extension RunIssueSummary.Severity {
    /// Beside the status; what waits has its glyph already.
    func mark(_ glyphs: Glyphs) -> String? {
        switch self {
        case .waiting: nil
        case .warning: glyphs.warning
        case .error: "!"
        }
    }

    var role: ThemeRole {
        switch self {
        case .waiting, .warning: .warning
        case .error: .error
        }
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
