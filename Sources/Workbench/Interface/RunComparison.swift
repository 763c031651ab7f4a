import Foundation

/// Runs beside each other: their newest metrics, and the settings in which they differ.
package struct RunComparison: Sendable, Equatable, Codable {
    /// The newest value of a series in each run; nil where a run has none.
    package struct Metric: Sendable, Equatable, Codable {
        package var tag: String
        package var values: [Double?]

        package init(tag: String, values: [Double?]) {
            self.tag = tag
            self.values = values
        }

        /// By bits: a NaN equals itself here.
        package static func == (left: Metric, right: Metric) -> Bool {
            left.tag == right.tag && left.values.map { $0?.bitPattern } == right.values.map { $0?.bitPattern }
        }
    }

    /// A setting's text in each run; nil where a run does not name it.
    package struct Setting: Sendable, Equatable, Codable {
        package var path: String
        package var values: [String?]

        package init(path: String, values: [String?]) {
            self.path = path
            self.values = values
        }
    }

    package var runs: [RunSummary]
    package var metrics: [Metric]
    package var settings: [Setting]

    package init(runs: [RunSummary], metrics: [Metric], settings: [Setting]) {
        self.runs = runs
        self.metrics = metrics
        self.settings = settings
    }
}

/// How metric series are written to a file.
package enum MetricFormat: String, Sendable, CaseIterable {
    case csv, json
}

/// Sets runs side by side and writes what they measured.
package protocol RunComparing: Sendable {
    /// Runs by id or name, in the given order.
    func compare(runs: [String]) throws -> RunComparison
    /// Every point of the runs' series. With several runs each point names its own.
    func exportMetrics(runs: [String], tags: [String], format: MetricFormat) throws -> Data
    /// Writes a file whole or not at all, in the working directory where the name is not a path; returns where it lies.
    func save(_ data: Data, as name: String) throws -> URL
}
