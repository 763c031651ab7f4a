import TerminalKit
import Workbench

/// The figures of a run and the last lines of its log.
struct RunPanel {
    let model: LiveModel
    let detail: RunDetail
    let context: ViewContext
    let number: Int

    func draw(in buffer: inout CellBuffer, rect: Rect) {
        let appearance = context.appearance
        buffer.drawFrame(rect, title: "\(number) run", note: detail.phase, noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        guard !inner.isEmpty else { return }
        var speed: [String] = []
        if let rate = detail.learningRate { speed.append("lr \(Formatting.rate(rate))") }
        if let images = detail.imagesPerSecond { speed.append("\(LineChart.value(images)) images/s") }
        if let wait = detail.waitMilliseconds { speed.append("\(Int(min(1e9, max(0, wait)))) ms wait") }
        // The wait is the first to go where the panel is narrow.
        if speed.count > 2, speed.joined(separator: "  ").count > inner.width { speed.removeLast() }
        var lines: [(String, Style)] = [
            (speed.isEmpty ? "Speed comes with the first steps." : speed.joined(separator: "  "), appearance.text),
            (
                "cores \(detail.cores)  memory \(Formatting.gibibytes(detail.memoryBytes)) GiB"
                    + (detail.peakMemoryBytes.map { ", peak \(Formatting.gibibytes($0))" } ?? ""), appearance.text
            ),
        ]
        if inner.height >= 8 { lines.append(("data \(detail.trainDatasetName), validation \(detail.validationDatasetName)", appearance.muted)) }
        for (row, line) in lines.prefix(inner.height).enumerated() {
            buffer.put(line.0, x: inner.x, y: inner.y + row, style: line.1, maximumWidth: inner.width)
        }
        let room = max(0, inner.height - lines.count)
        for (row, entry) in model.log.suffix(room).enumerated() {
            let y = inner.y + lines.count + row
            let style = entry.level == "error" ? appearance.style(.error) : entry.level == "warning" ? appearance.style(.warning) : appearance.muted
            let time = Formatting.clock(entry.time, zone: context.timeZone)
            buffer.put((time + " " + entry.text).truncated(to: inner.width), x: inner.x, y: y, style: style)
        }
    }
}

/// What came of a run that has ended.
struct RunSummaryPanel {
    let detail: RunDetail
    let context: ViewContext

    private var facts: [(String, Style)] {
        let appearance = context.appearance, run = detail.summary
        var result: [(String, Style)] = []
        if !run.message.isEmpty { result.append((run.message, run.status == .failed || run.status == .aborted ? appearance.style(.error) : appearance.text)) }
        var figures: [String] = []
        if let best = run.bestMetric { figures.append("best \(run.bestMetricName ?? "value") \(LineChart.value(best))") }
        figures.append("\(detail.step) of \(detail.totalSteps) steps in \(Formatting.duration(run.durationSeconds))")
        if let images = detail.imagesPerSecond { figures.append("\(LineChart.value(images)) images/s") }
        if let peak = detail.peakMemoryBytes { figures.append("peak \(Formatting.gibibytes(peak)) GiB") }
        result.append((figures.joined(separator: ", "), appearance.text))
        let models = detail.modelIDs.count, saved = detail.checkpoints.count
        let left = [
            models == 0 ? "no model" : models == 1 ? "1 model" : "\(models) models",
            saved == 0 ? "no checkpoint" : saved == 1 ? "1 checkpoint" : "\(saved) checkpoints",
        ]
        result.append(("It left \(left.joined(separator: " and ")).", appearance.muted))
        return result
    }

    var height: Int { facts.count + 2 }

    func draw(in buffer: inout CellBuffer, rect: Rect) {
        let appearance = context.appearance, run = detail.summary
        buffer.drawFrame(
            rect, title: "summary", note: run.status.glyph(context.glyphs) + " " + run.status.rawValue,
            noteStyle: appearance.style(run.status.role), appearance: appearance)
        for (row, fact) in facts.prefix(max(0, rect.height - 2)).enumerated() {
            buffer.put(fact.0.truncated(to: rect.width - 4), x: rect.x + 2, y: rect.y + 1 + row, style: fact.1)
        }
    }
}
