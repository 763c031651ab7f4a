/// Points of one metric series as columns of equal length.
package struct MetricCurve: Sendable, Equatable {
    package var steps: [Double]
    package var epochs: [Double]
    /// Seconds since 1970.
    package var wallTimes: [Double]
    /// NaN where the run produced NaN.
    package var values: [Double]
    /// The newest point's id; pass it as `after` to read on.
    package var lastID: Int64
    /// How many points the series has in all, so that an outline is told from the whole.
    package var total: Int

    package init(steps: [Double], epochs: [Double], wallTimes: [Double], values: [Double], lastID: Int64, total: Int) {
        self.steps = steps
        self.epochs = epochs
        self.wallTimes = wallTimes
        self.values = values
        self.lastID = lastID
        self.total = total
    }

    package var count: Int { values.count }
    package var isWhole: Bool { count == total }

    /// By place and number: a NaN, which is worth showing, equals itself here.
    package static func == (left: MetricCurve, right: MetricCurve) -> Bool {
        left.lastID == right.lastID && left.total == right.total && left.steps == right.steps
    }
}

/// Reads metric series of any length for drawing.
package protocol MetricReading: Sendable {
    /// The points that a drawing of the whole series needs: few, with every extreme among them.
    func metricOutline(run: String, tag: String) throws -> MetricCurve
    /// Points written after the one with the given id, some more than `limit` at most.
    func metricSamples(run: String, tag: String, after: Int64, limit: Int) throws -> MetricCurve
}
