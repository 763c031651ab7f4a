import Catalog
import Foundation
import Training

extension Workbench {
    package func compare(runs: [String]) throws -> RunComparison {
        try withCatalog {
            let records = try runs.map { try store.run($0) }
            let latest = try records.map { try store.latestMetrics(run: $0.id) }
            var tags: [String] = []
            for record in records {
                for tag in try store.metricTags(run: record.id) where !tags.contains(tag) && !tag.hasPrefix("system/") { tags.append(tag) }
            }
            // What an evaluation measures matters most, then losses.
            let order = ["metrics/", "val/", "train/"]
            func rank(_ tag: String) -> Int { order.firstIndex { tag.hasPrefix($0) } ?? order.count }
            let sorted = tags.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
            return RunComparison(
                runs: try records.map { Self.summary(of: try store.runRow($0.id)) }, metrics: sorted.map { tag in .init(tag: tag, values: latest.map { $0[tag] }) },
                settings: Self.differences(records.map(\.configuration)))
        }
    }

    /// Settings that are not the same in all configurations, by their path.
    static func differences(_ configurations: [String]) -> [RunComparison.Setting] {
        let settings = configurations.map { text -> [String: String] in
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return [:] }
            var result: [String: String] = [:]
            collect(value, path: "", into: &result)
            return result
        }
        let paths = Set(settings.flatMap(\.keys)).sorted()
        return paths.compactMap { path in
            let values = settings.map { $0[path] }
            return Set(values).count > 1 ? RunComparison.Setting(path: path, values: values) : nil
        }
    }

    private static func collect(_ value: JSONValue, path: String, into result: inout [String: String]) {
        switch value {
        case .object(let fields) where !fields.isEmpty:
            for (key, field) in fields { collect(field, path: path.isEmpty ? key : path + "/" + key, into: &result) }
        case .array(let elements): result[path] = elements.map(text).joined(separator: ", ")
        default: result[path] = text(value)
        }
    }

    private static func text(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    // MARK: Files

    private struct ExportedSeries: Encodable {
        let run: String?
        let tag: String
        let points: [MetricPoint]
    }

    package func exportMetrics(runs: [String], tags: [String], format: MetricFormat) throws -> Data {
        let names = try withCatalog { try runs.map { let run = try store.run($0); return (id: run.id, name: run.name) } }
        let isOne = names.count == 1
        var series: [ExportedSeries] = []
        var text = (isOne ? "" : "run,") + "tag,step,epoch,wall_time,value\n"
        for run in names {
            for tag in tags.isEmpty ? try metricTags(run: run.id) : tags {
                let points = try metricSeries(run: run.id, tag: tag, after: 0)
                switch format {
                case .json: series.append(ExportedSeries(run: isOne ? nil : run.name, tag: tag, points: points))
                case .csv:
                    let head = (isOne ? "" : Self.field(run.name) + ",") + Self.field(tag)
                    for point in points { text += "\(head),\(point.step),\(point.epoch),\(point.wallTime),\(point.value)\n" }
                }
            }
        }
        guard format == .json else { return Data(text.utf8) }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try encoder.encode(series)
    }

    /// A field of comma-separated values.
    private static func field(_ text: String) -> String {
        text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    package func save(_ data: Data, as name: String) throws -> URL {
        let file = URL(fileURLWithPath: name).standardizedFileURL
        do { try data.write(to: file, options: .atomic) } catch {
            throw WorkbenchError(.failed, "The file \(file.path) cannot be written (\(error.localizedDescription)); choose a folder that can.")
        }
        return file
    }
}
