import TerminalKit
import Workbench

extension LiveModel {
    /// The chart of a panel as it is set.
    func chart(_ panel: LivePanel, number: Int, glyphs: ChartGlyphSet, emptyText: String = "") -> LineChart {
        let axis = settings.axis(of: panel)
        let series = panel.lines(task).enumerated().map { color, line in
            ChartSeries(
                name: line.name, samples: metrics.series(line.tag),
                smoothed: settings.smooths(panel) ? metrics.smoothedSeries(line.tag) : nil, color: color)
        }
        return LineChart(
            title: "\(number) \(panel.title)\(settings.remark(of: panel, isComplete: !metrics.isIncomplete))", series: series, axis: axis,
            xRange: xRange(axis), yRange: yRange(panel), scale: settings.scale(of: panel), glyphs: glyphs, best: panel.best(task),
            cursorStep: cursor, emptyText: emptyText, panel: number - 1)
    }

    /// What the export menu asks for: the panel in full, or all of them.
    func export(_ choice: String) -> [Request] {
        let name = detail?.summary.name ?? "run"
        if choice == "svg" {
            let shown = zoomed.map { [$0] } ?? panels.filter { $0 != .log }
            let picture = ChartPicture.svg(shown.map { chart($0, number: (panels.firstIndex(of: $0) ?? 0) + 1, glyphs: .braille) }, theme: .light)
            return [.work(.export(.picture(picture, file: ExportName.make(name, zoomed?.rawValue ?? "charts", "svg"))), "Writing the picture…")]
        }
        guard let format = MetricFormat(rawValue: choice) else { return [] }
        return [
            .work(
                .export(.metrics(runs: [runID], tags: [], format, file: ExportName.make(name, "metrics", format.rawValue))),
                "Writing the metrics…")
        ]
    }
}
