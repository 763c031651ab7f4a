import TerminalKit
import Workbench

/// Something of note at a step of a run.
struct LiveEvent: Equatable, Sendable {
    let step: Double
    let text: String

    /// In the order of their steps; what happened at one step is one event.
    static func joined(_ events: [LiveEvent]) -> [LiveEvent] {
        let steps = Dictionary(grouping: events, by: \.step)
        return steps.map { LiveEvent(step: $0.key, text: $0.value.map(\.text).joined(separator: ", ")) }.sorted { $0.step < $1.step }
    }
}

extension LiveModel {
    /// Checkpoints, the best evaluation, and where values stop being numbers, in the order of their steps.
    var events: [LiveEvent] {
        var found = (detail?.checkpoints ?? []).map { LiveEvent(step: Double($0.step), text: "checkpoint \($0.kind)") }
        for panel in panels {
            for line in panel.lines(task) {
                let series = metrics.series(line.tag)
                if let index = series.pyramid.firstNonFiniteIndex() {
                    found.append(LiveEvent(step: series.positions.steps[index], text: "\(line.name) is no number"))
                }
            }
            if case .highest(let number) = panel.best(task), let line = panel.lines(task).dropFirst(number).first {
                let series = metrics.series(line.tag)
                if let index = series.pyramid.indexOfMaximum {
                    let value = LineChart.value(series.pyramid.values[index])
                    found.append(LiveEvent(step: series.positions.steps[index], text: "best \(line.name), \(value)"))
                }
            }
        }
        return LiveEvent.joined(found)
    }
}
