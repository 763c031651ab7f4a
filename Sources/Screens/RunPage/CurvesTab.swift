import TerminalKit
import Workbench

/// Precision by recall, or F1 by confidence: the mean of all classes, and one class beside it.
struct CurvesTab: RunTabModel {
    enum Kind: Equatable, Sendable {
        case precisionRecall, confidence
    }

    let kind: Kind
    /// Place among the evaluated classes, from 1; 0 shows the mean alone.
    private(set) var chosen = 0

    init(_ kind: Kind) {
        self.kind = kind
    }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        facts.evaluation.found == nil ? facts.evaluation.absence(facts.detail?.summary) : nil
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        let places = (facts.evaluation.found?.findings.curves.count ?? 0) + 1
        switch action {
        case .pageLeft: chosen = (min(chosen, places - 1) + places - 1) % places
        case .pageRight: chosen = (min(chosen, places - 1) + 1) % places
        default: break
        }
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [.range(.pageLeft, .pageRight, "class"), .action(.pageEvaluation)]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        guard let findings = facts.evaluation.found?.findings else {
            return buffer.drawAbsence(facts.evaluation.absence(facts.detail?.summary), in: rect, appearance: appearance)
        }
        guard let mean = findings.meanCurves else {
            return buffer.drawAbsence("No validation image bears one of the run's labels, so there is no curve.", in: rect, appearance: appearance)
        }
        let place = min(chosen, findings.curves.count) - 1
        let own = findings.curves.indices.contains(place) && findings.classes.indices.contains(place)
            ? (name: findings.name(findings.classes[place].label), result: findings.classes[place], curves: findings.curves[place]) : nil
        let chart: LineChart
        switch kind {
        case .precisionRecall:
            let mAP = findings.classes.reduce(0) { $0 + $1.ap50 } / Double(max(1, findings.classes.count))
            var lines = [line("all classes", mean.precisionAtRecall, color: 0)]
            if let own { lines.append(line(own.name, own.curves.precisionAtRecall, color: 1)) }
            chart = LineChart(
                title: "precision by recall", note: own.map { "AP50 of \($0.name) \(LineChart.value($0.result.ap50))" } ?? "mAP50 \(LineChart.value(mAP))",
                series: lines, axisName: "recall %", xRange: 0...100, yRange: 0...1, glyphs: context.lineGlyphs, emptyText: "",
                showsValues: false)
        case .confidence:
            let shown = own?.curves ?? mean
            let best = shown.f1.indices.max { shown.f1[$0] < shown.f1[$1] } ?? 0
            // The mean's confidence is that of the finer, smoothed curve.
            let at = own == nil ? findings.confidence : Double(best) / Double(max(1, shown.f1.count - 1))
            chart = LineChart(
                title: "F1 by confidence, \(own?.name ?? "all classes")",
                note: shown.f1.isEmpty ? "" : "best F1 \(LineChart.value(shown.f1[best])) at confidence \(LineChart.value(at))",
                series: [line("F1", shown.f1, color: 0), line("precision", shown.precision, color: 1), line("recall", shown.recall, color: 2)],
                axisName: "confidence %", xRange: 0...100, yRange: 0...1, glyphs: context.lineGlyphs, cursorStep: at * 100,
                emptyText: "")
        }
        chart.draw(in: &buffer, rect: rect, appearance: appearance)
    }

    /// A curve over 0 to 100 percent.
    private func line(_ name: String, _ values: [Double], color: Int) -> ChartSeries {
        let last = Double(max(1, values.count - 1)), places = values.indices.map { Double($0) / last * 100 }
        let positions = SamplePositions(steps: places, epochs: places, times: places)
        return ChartSeries(name: name, samples: SampledSeries(positions: positions, pyramid: SamplePyramid(values)), color: color)
    }
}
