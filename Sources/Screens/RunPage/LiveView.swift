import TerminalKit
import Workbench

/// Draws one run: head, progress, three charts, and a panel of figures with the last log lines.
struct LiveView {
    let model: LiveModel
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        guard let detail = model.detail else {
            context.drawTop(["Run"], right: "", in: &buffer)
            buffer.put(model.problem ?? "Reading the run…", x: 3, y: 3, style: appearance.muted)
            return
        }
        drawHead(detail, in: &buffer)
        let area = Rect(x: 1, y: 2, width: buffer.size.width - 2, height: buffer.size.height - 3)
        if let panel = model.zoomed {
            drawPanel(panel, detail, rect: area, in: &buffer)
        } else if area.width < 60 || area.height < 13 {
            let (top, bottom) = area.splitTop(area.height < 10 ? area.height : area.height / 2)
            drawPanel(1, detail, rect: top, in: &buffer)
            drawPanel(2, detail, rect: bottom, in: &buffer)
        } else {
            let (top, bottom) = area.splitTop((area.height * 11 + 9) / 20)
            for (row, panels) in [(top, (1, 2)), (bottom, (3, 4))] {
                let (left, right) = row.splitLeft(row.width / 2)
                drawPanel(panels.0, detail, rect: left, in: &buffer)
                drawPanel(panels.1, detail, rect: right, in: &buffer)
            }
        }
    }

    private func drawHead(_ detail: RunDetail, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let run = detail.summary
        let percent = "\(Int((min(1, max(0, run.progress)) * 100).rounded(.down)))%"
        let right = "\(Formatting.duration(run.durationSeconds))  \(percent)"
        let state = run.status.glyph(context.glyphs) + " " + run.status.rawValue
        let place = "  epoch \(detail.epoch)/\(detail.totalEpochs)  step \(detail.step)/\(detail.totalSteps)"
        let width = buffer.size.width
        let nameWidth = max(8, width - 6 - right.count - state.count - place.count)
        var x = buffer.put(run.name.truncated(to: nameWidth), x: 1, y: 0, style: appearance.title) + 2
        x = buffer.put(state, x: x, y: 0, style: appearance.style(run.status.role))
        if x + place.count + right.count + 2 < width { buffer.put(place, x: x, y: 0, style: appearance.text) }
        buffer.putRight(right, right: width - 1, y: 0, style: appearance.text)
        let note: String
        if run.status.isTerminal {
            note = run.message.isEmpty ? "ended" : run.message
        } else if let eta = detail.etaSeconds {
            note = "ETA " + Formatting.duration(eta)
        } else {
            note = detail.phase.isEmpty ? "ETA not known yet" : detail.phase
        }
        let shown = note.truncated(to: max(10, width / 2))
        let barWidth = width - 4 - CharacterWidth.columns(of: shown)
        buffer.drawProgressBar(
            x: 1, y: 1, width: barWidth, fraction: run.progress, filled: appearance.style(run.status.role), appearance: appearance)
        buffer.putRight(shown, right: width - 1, y: 1, style: appearance.muted)
    }

    private func drawPanel(_ panel: Int, _ detail: RunDetail, rect: Rect, in buffer: inout CellBuffer) {
        let isDetection = detail.summary.task == .objectDetection
        switch panel {
        case 1: lossChart(detail, isDetection: isDetection).draw(in: &buffer, rect: rect, appearance: context.appearance)
        case 2:
            let chart = isDetection
                ? rateChart(
                    detail, title: "mAP", bestOf: "metrics/mAP50(B)",
                    lines: [model.line("mAP50", "metrics/mAP50(B)", byEpoch: true), model.line("mAP50-95", "metrics/mAP50-95(B)", byEpoch: true)])
                : rateChart(
                    detail, title: "accuracy", bestOf: "metrics/accuracy_top1",
                    lines: [model.line("top-1", "metrics/accuracy_top1", byEpoch: true), model.line("top-5", "metrics/accuracy_top5", byEpoch: true)])
            chart.draw(in: &buffer, rect: rect, appearance: context.appearance)
        case 3:
            let chart = isDetection
                ? rateChart(
                    detail, title: "precision, recall", bestOf: nil,
                    lines: [model.line("precision", "metrics/precision(B)", byEpoch: true), model.line("recall", "metrics/recall(B)", byEpoch: true)])
                : LineChart(
                    title: "learning rate", note: model.latest("lr/pg0").map { LineChart.value($0) } ?? "",
                    series: [model.line("rate", "lr/pg0", byEpoch: false)], xRange: 0...Double(max(1, detail.totalSteps)),
                    xLabel: "step", emptyText: "Comes with the first steps.")
            chart.draw(in: &buffer, rect: rect, appearance: context.appearance)
        default: drawRunPanel(detail, rect: rect, in: &buffer)
        }
    }

    private func lossChart(_ detail: RunDetail, isDetection: Bool) -> LineChart {
        var lines = [model.line("total", "train/loss", byEpoch: false)]
        if isDetection {
            lines = [
                model.line("box", "train/box_loss", byEpoch: false), model.line("cls", "train/cls_loss", byEpoch: false),
                model.line("dfl", "train/dfl_loss", byEpoch: false), model.line("total", "train/loss", byEpoch: false),
            ]
        }
        return LineChart(
            title: "loss", note: model.latest("train/loss").map { "total " + LineChart.value($0) } ?? "", series: lines,
            xRange: 0...Double(max(1, detail.totalSteps)), xLabel: "step",
            emptyText: detail.summary.status.isTerminal ? "No step was made." : "Comes with the first steps.")
    }

    private func rateChart(_ detail: RunDetail, title: String, bestOf tag: String?, lines: [ChartSeries]) -> LineChart {
        var note = ""
        if let tag, let best = model.best(tag) {
            note = "best \(LineChart.value(best.value)) at \(ChartScale.label(best.epoch.rounded(), step: 1))"
        }
        return LineChart(
            title: title, note: note, series: lines, xRange: 0...Double(max(1, detail.totalEpochs)), yRange: 0...1, xLabel: "epoch",
            emptyText: detail.summary.status.isTerminal ? "It was never evaluated." : "Comes with the first evaluation.")
    }

    private func drawRunPanel(_ detail: RunDetail, rect: Rect, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        buffer.drawFrame(rect, title: "run", note: detail.phase, noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        guard !inner.isEmpty else { return }
        var speed: [String] = []
        if let rate = detail.learningRate ?? model.latest("lr/pg0") { speed.append("lr \(Formatting.rate(rate))") }
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
