import TerminalKit
import Workbench

/// What is to be known about the selected run: what is wrong, what to do, and where it comes from.
struct RunDetailPanel {
    let run: RunSummary
    let context: ViewContext

    /// Lines it takes on a screen; none on a low one.
    static func height(screen: Int) -> Int { screen < 17 ? 0 : screen < 30 ? 6 : 8 }

    private var appearance: Appearance { context.appearance }

    func draw(_ rect: Rect, in buffer: inout CellBuffer) {
        let attempt = run.attempt > 1 ? ", attempt \(run.attempt)" : ""
        buffer.drawFrame(rect, title: run.name, note: "version \(run.version)\(attempt)", noteStyle: appearance.muted, appearance: appearance)
        let width = rect.width - 4, room = rect.height - 2
        let facts = facts(width)
        var lines = issueLines(width)
        // The reason matters more than the facts, but the last line is always theirs.
        lines = Array(lines.prefix(max(0, room - 1)))
        for fact in facts where lines.count < room { lines.append((fact, appearance.muted)) }
        for (row, line) in lines.enumerated() {
            buffer.put(line.0, x: rect.x + 2, y: rect.y + 1 + row, style: line.1, maximumWidth: width)
        }
        let keys = keys
        if !keys.isEmpty, rect.height > 2 {
            let text = " " + keys + " "
            buffer.putRight(text, right: rect.right - 2, y: rect.bottom - 1, style: appearance.muted)
        }
    }

    private func issueLines(_ width: Int) -> [(String, Style)] {
        var lines: [(String, Style)] = []
        if let issue = run.issue {
            let mark = issue.severity.mark(context.glyphs) ?? context.glyphs.waiting
            lines.append(("\(mark) \(issue.title)", appearance.style(issue.severity.role)))
            if issue.severity == .error, !run.message.isEmpty { lines += run.message.wrapped(to: width, lines: 2).map { ($0, appearance.text) } }
            lines += issue.advice.wrapped(to: width).map { ($0, appearance.text) }
        } else if !run.message.isEmpty {
            lines += run.message.wrapped(to: width).map { ($0, appearance.text) }
        }
        return lines
    }

    private func facts(_ width: Int) -> [String] {
        var what = "\(run.architecture), \(run.task.rawValue)"
        if let name = run.bestMetricName, let best = run.bestMetric { what += ", best \(name) \(LineChart.value(best))" }
        return [what, "run \(run.id)", run.modelID.map { "model \($0)" } ?? "no model yet", "service \(run.service)"]
    }

    /// What can be done about it, in the frame's lower edge.
    private var keys: String {
        let actions: [AppAction] = run.status.isTerminal
            ? (run.status.canResume ? [.resumeRun, .rerunRun, .duplicateRun] : [.rerunRun, .duplicateRun]) : [.abortRun, .openRun]
        return actions.map { "\(context.key($0)) \($0.details.short)" }.joined(separator: "  ")
    }
}
