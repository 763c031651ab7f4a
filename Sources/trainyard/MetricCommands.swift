import ArgumentParser
import Foundation
import Screens
import Workbench

/// How metrics are printed or written.
enum MetricOutput: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json, svg
}

/// Where metrics go, and as what.
struct MetricOptions: ParsableArguments {
    @Option(help: "Only this series, such as train/loss; repeat for more.") var tag: [String] = []
    @Option(help: "How to write: \(MetricOutput.allCases.map(\.rawValue).joined(separator: ", ")).") var format: MetricOutput?
    @Option(help: "Write to this file, whole or not at all, instead of printing.", completion: .file()) var output: String?

    /// Prints or writes the metrics of some runs; false where a table is wanted.
    func write(_ runs: [String], isJSON: Bool, workbench: Workbench) throws -> Bool {
        let data: Data
        switch format ?? (isJSON ? .json : .table) {
        case .table:
            if output != nil { throw ValidationError("--output needs --format csv, json or svg.") }
            return false
        case .csv: data = try workbench.exportMetrics(runs: runs, tags: tag, format: .csv)
        case .json: data = try workbench.exportMetrics(runs: runs, tags: tag, format: .json)
        case .svg: data = try picture(runs, workbench)
        }
        if let output {
            print("Wrote \(try workbench.save(data, as: output).path).")
        } else {
            FileHandle.standardOutput.write(data)
            if data.last != UInt8(ascii: "\n") { print() }
        }
        return true
    }

    private func picture(_ runs: [String], _ workbench: Workbench) throws -> Data {
        var tags = tag, found: [MetricPicture.Run] = []
        for run in runs {
            let summary = try workbench.run(run).summary
            let own = tag.isEmpty ? try workbench.metricTags(run: summary.id) : tag
            for one in own where !tags.contains(one) { tags.append(one) }
            let curves = try own.map { ($0, try workbench.metricSamples(run: summary.id, tag: $0, after: 0, limit: .max)) }
            found.append(MetricPicture.Run(name: summary.name, curves: Dictionary(curves, uniquingKeysWith: { $1 })))
        }
        return Data(MetricPicture.svg(tags: tags, runs: found).utf8)
    }
}

extension RunCommands {
    struct Metrics: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A run's metric series, as a table, CSV, JSON or a picture.")
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @OptionGroup var options: MetricOptions
        @Flag(help: "The same as --format csv.") var csv = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            var options = options
            if csv { options.format = options.format ?? .csv }
            if try options.write([key], isJSON: output.json, workbench: workbench) { return }
            let tags = options.tag.isEmpty ? try workbench.metricTags(run: key) : options.tag
            Output.table(
                ["SERIES", "POINTS", "FIRST", "LAST", "LEAST", "MOST"],
                try tags.map { tag in
                    let values = try workbench.metricSeries(run: key, tag: tag, after: 0).map(\.value)
                    return [tag, "\(values.count)"] + [values.first, values.last, values.min(), values.max()].map { Output.number($0, digits: 5) }
                }, none: "The run has no metrics yet.")
        }
    }

    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Runs side by side: their final metrics and the settings that differ.")
        @Argument(help: "Two or more names or ids.") var runs: [String]
        @OptionGroup var options: MetricOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if runs.count < 2 { throw ValidationError("Name two runs or more to compare them.") }
        }

        func run() throws {
            let workbench = try Output.workbench()
            if options.format != nil || options.output != nil, try options.write(runs, isJSON: false, workbench: workbench) { return }
            var comparison = try workbench.compare(runs: runs)
            if !options.tag.isEmpty { comparison.metrics.removeAll { !options.tag.contains($0.tag) } }
            if output.json { return try Output.json(comparison) }
            Output.table(
                ["METRIC"] + comparison.runs.map(\.name), comparison.metrics.map { [$0.tag] + $0.values.map { Output.number($0, digits: 5) } },
                none: "These runs have no metrics yet.")
            print()
            Output.table(
                ["SETTING"] + comparison.runs.map(\.name), comparison.settings.map { [$0.path] + $0.values.map { $0 ?? "–" } },
                none: "Their settings are the same.")
        }
    }
}
