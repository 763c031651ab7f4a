/// An exponential moving average without the pull towards zero at its start: each average is divided by the weight that the
/// values so far have in it. Values that are not finite are passed over and leave it as it was.
package struct DebiasedAverage: Equatable, Sendable {
    /// The share that the past keeps with each value, at least 0 and below 1.
    package let weight: Double
    private var sum = 0.0
    /// `weight` to the power of the values so far.
    private var rest = 1.0

    package init(weight: Double) {
        self.weight = min(max(0, weight), 0.999_999)
    }

    /// The average with one more value; NaN for a value that is not finite.
    package mutating func add(_ value: Double) -> Double {
        guard value.isFinite else { return .nan }
        sum = weight * sum + (1 - weight) * value
        rest *= weight
        return sum / (1 - rest)
    }
}

/// The smoothed form of a column that grows: one value for each of the column's, made from all of its samples.
package struct SmoothedColumn: Sendable {
    package private(set) var pyramid = SamplePyramid()
    private var average: DebiasedAverage

    package init(weight: Double) {
        average = DebiasedAverage(weight: weight)
    }

    package var weight: Double { average.weight }

    /// Takes in what the column has gained; a column that lost values is smoothed anew.
    package mutating func follow(_ source: SamplePyramid) {
        if source.count < pyramid.count { self = SmoothedColumn(weight: weight) }
        guard source.count > pyramid.count else { return }
        var fresh: [Double] = []
        fresh.reserveCapacity(source.count - pyramid.count)
        for index in pyramid.count..<source.count { fresh.append(average.add(source.values[index])) }
        pyramid.append(contentsOf: fresh)
    }
}
