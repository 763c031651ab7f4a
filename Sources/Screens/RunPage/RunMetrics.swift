import TerminalKit
import Workbench

/// The metric series of one run, as far as they are read.
///
/// A long series is first read as an outline, which draws at once with every extreme; its samples follow in parts, and take the
/// outline's place when they are complete.
struct RunMetrics: Sendable {
    private var samples = SampleTable()
    private var outlines = SampleTable()
    /// The last point that is known of each series; pass them to read on.
    private(set) var cursors: [String: Int64] = [:]
    private var incomplete: Set<String> = []
    private var smoothed: [String: SmoothedColumn] = [:]
    /// The moment that times count from.
    private var start: Double?
    /// The past's share in smoothed lines; 0 shows raw lines only.
    private(set) var smoothing = 0.0
    /// Grows with each answer that brought something.
    private(set) var revision = 0

    /// Points of one series that are asked for at once.
    static let partLength = 250_000

    /// True while samples of a long series are still to come.
    var isIncomplete: Bool { !incomplete.isEmpty }

    func series(_ tag: String) -> SampledSeries {
        incomplete.contains(tag) ? outlines.series(tag) : samples.series(tag)
    }

    /// The smoothed form; nil where smoothing is off or not all samples are there, of which alone it may be made.
    func smoothedSeries(_ tag: String) -> SampledSeries? {
        guard smoothing > 0, !incomplete.contains(tag), let column = smoothed[tag] else { return nil }
        return SampledSeries(positions: samples.series(tag).positions, pyramid: column.pyramid)
    }

    mutating func smooth(_ weight: Double, tags: [String]) {
        if weight != smoothing { smoothed = [:] }
        smoothing = weight
        guard weight > 0 else { return }
        for tag in tags {
            smoothed[tag, default: SmoothedColumn(weight: weight)].follow(samples.series(tag).pyramid)
        }
    }

    /// Takes in what a refresh read. A curve for a tag without a cursor is an outline.
    mutating func take(_ curves: [String: MetricCurve], startedAt: Double?) {
        if start == nil { start = startedAt ?? curves.values.compactMap(\.wallTimes.first).min() }
        for (tag, curve) in curves {
            guard curve.isWhole else {
                // An outline that was asked for twice.
                guard cursors[tag] == nil else { continue }
                outlines.append(curve.values, at: positions(curve), to: tag)
                incomplete.insert(tag)
                cursors[tag] = 0
                revision += 1
                continue
            }
            if incomplete.contains(tag), curve.count < Self.partLength {
                incomplete.remove(tag)
                outlines.remove(tag)
                revision += 1
            }
            guard curve.count > 0, curve.lastID > cursors[tag] ?? 0 else { continue }
            if samples.count(of: tag) > 0, curve.steps[0] <= lastStep(tag) { smoothed[tag] = nil }
            samples.append(curve.values, at: positions(curve), to: tag)
            cursors[tag] = curve.lastID
            revision += 1
        }
    }

    private func lastStep(_ tag: String) -> Double { samples.series(tag).positions.steps.prefix(samples.count(of: tag)).last ?? 0 }

    private func positions(_ curve: MetricCurve) -> SamplePositions {
        let start = start ?? 0
        return SamplePositions(steps: curve.steps, epochs: curve.epochs, times: curve.wallTimes.map { $0 - start })
    }

    /// Reads what is new of some series, or outlines of those that were not read yet.
    static func read(
        _ tags: [String], of run: String, after cursors: [String: Int64], service: any WorkbenchService
    ) throws -> [String: MetricCurve] {
        var curves: [String: MetricCurve] = [:]
        for tag in tags {
            curves[tag] = try cursors[tag].map { try service.metricSamples(run: run, tag: tag, after: $0, limit: partLength) }
                ?? service.metricOutline(run: run, tag: tag)
        }
        return curves
    }
}
