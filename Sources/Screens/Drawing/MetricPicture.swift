import Foundation
import TerminalKit
import Workbench

/// Metric series of one or several runs as a picture for a file: a chart for each series, a line for each run.
package enum MetricPicture {
    package struct Run: Sendable {
        let name: String
        let curves: [String: MetricCurve]

        package init(name: String, curves: [String: MetricCurve]) {
            self.name = name
            self.curves = curves
        }
    }

    package static func svg(tags: [String], runs: [Run]) -> String {
        let charts = tags.map { tag in
            let series = runs.enumerated().map { color, run in
                let curve = run.curves[tag]
                let start = curve?.wallTimes.first ?? 0
                let positions = SamplePositions(
                    steps: curve?.steps ?? [], epochs: curve?.epochs ?? [], times: (curve?.wallTimes ?? []).map { $0 - start })
                return ChartSeries(name: run.name, samples: SampledSeries(positions: positions, pyramid: SamplePyramid(curve?.values ?? [])), color: color)
            }
            let end = series.compactMap(\.samples.positions.steps.last).max() ?? 1
            return LineChart(title: tag, series: series, xRange: 0...max(1, end), glyphs: .braille, emptyText: "")
        }
        return ChartPicture.svg(charts, theme: .light)
    }
}

/// A file name made from a run's name.
enum ExportName {
    static func make(_ name: String, _ what: String, _ ending: String) -> String {
        let safe = name.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
        let trimmed = String(safe.prefix(80)).trimmingCharacters(in: CharacterSet(charactersIn: "."))
        return (trimmed.isEmpty ? "run" : trimmed) + "-\(what).\(ending)"
    }
}

/// Writes what charts show to files.
enum ExportEffect: ServiceEffect {
    case picture(String, file: String)
    case metrics(runs: [String], tags: [String], MetricFormat, file: String)

    var isSlow: Bool { true }

    func answer(from service: any WorkbenchService) throws -> Answer {
        let file: URL = switch self {
        case .picture(let text, let name): try service.save(Data(text.utf8), as: name)
        case .metrics(let runs, let tags, let format, let name):
            try service.save(service.exportMetrics(runs: runs, tags: tags, format: format), as: name)
        }
        return .done("Wrote \(file.path).")
    }

    /// What can be exported, to choose from.
    static func picker() -> Picker {
        Picker(
            title: "Export into the working directory",
            items: [
                Picker.Item(id: "svg", title: "Charts as shown", detail: "SVG"),
                Picker.Item(id: "csv", title: "All metrics", detail: "CSV"),
                Picker.Item(id: "json", title: "All metrics", detail: "JSON"),
            ], selected: "svg")
    }
}
