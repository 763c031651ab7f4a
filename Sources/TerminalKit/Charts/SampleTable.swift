/// What a chart's horizontal axis counts.
package enum ChartAxis: String, CaseIterable, Equatable, Sendable {
    case step, epoch, time

    package var next: ChartAxis {
        switch self {
        case .step: .epoch
        case .epoch: .time
        case .time: .step
        }
    }
}

/// Where samples lie: steps, epochs, and seconds since the start, none of them descending.
package struct SamplePositions: Equatable, Sendable {
    package private(set) var steps: [Double]
    package private(set) var epochs: [Double]
    package private(set) var times: [Double]

    /// The three columns are as long as the shortest of them.
    package init(steps: [Double] = [], epochs: [Double] = [], times: [Double] = []) {
        let count = min(steps.count, epochs.count, times.count)
        self.steps = Array(steps.prefix(count))
        self.epochs = Array(epochs.prefix(count))
        self.times = Array(times.prefix(count))
        straighten(from: 0)
    }

    package var count: Int { steps.count }

    package func column(_ axis: ChartAxis) -> [Double] {
        switch axis {
        case .step: steps
        case .epoch: epochs
        case .time: times
        }
    }

    mutating func append(_ other: SamplePositions, from start: Int) {
        let end = count
        steps.append(contentsOf: other.steps[start...])
        epochs.append(contentsOf: other.epochs[start...])
        times.append(contentsOf: other.times[start...])
        straighten(from: end)
    }

    func prefix(_ length: Int) -> SamplePositions {
        SamplePositions(steps: Array(steps.prefix(length)), epochs: Array(epochs.prefix(length)), times: Array(times.prefix(length)))
    }

    /// Whether `length` positions from an index on are those of another from its own index on.
    func agrees(at index: Int, with other: SamplePositions, from start: Int, length: Int) -> Bool {
        guard index + length <= count, start + length <= other.count else { return false }
        return steps[index..<(index + length)] == other.steps[start..<(start + length)]
            && epochs[index..<(index + length)] == other.epochs[start..<(start + length)]
            && times[index..<(index + length)] == other.times[start..<(start + length)]
    }

    /// A clock that was set back would fold lines over themselves: a position is never before the one it follows.
    private mutating func straighten(from start: Int) {
        func fix(_ column: inout [Double]) {
            for index in start..<column.count {
                if !column[index].isFinite { column[index] = index > 0 ? column[index - 1] : 0 }
                if index > 0, column[index] < column[index - 1] { column[index] = column[index - 1] }
            }
        }
        fix(&steps)
        fix(&epochs)
        fix(&times)
    }
}

/// A series of samples: values and where they lie. It may be shorter than its positions, which others share.
package struct SampledSeries: Sendable {
    package let positions: SamplePositions
    package let pyramid: SamplePyramid

    package init(positions: SamplePositions, pyramid: SamplePyramid) {
        self.positions = positions
        self.pyramid = pyramid
    }

    package static let empty = SampledSeries(positions: SamplePositions(), pyramid: SamplePyramid())

    package var count: Int { min(pyramid.count, positions.count) }

    /// The first index whose position is not below (or, with `after`, is above) a place.
    package func firstIndex(at place: Double, on axis: ChartAxis, after: Bool = false, from start: Int = 0) -> Int {
        let column = positions.column(axis)
        var low = start, high = count
        while low < high {
            let middle = (low + high) / 2
            if after ? column[middle] <= place : column[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The index whose position is nearest to a place; nil without samples.
    package func nearestIndex(to place: Double, on axis: ChartAxis) -> Int? {
        guard count > 0 else { return nil }
        let after = firstIndex(at: place, on: axis)
        guard after < count else { return count - 1 }
        guard after > 0 else { return 0 }
        let column = positions.column(axis)
        return place - column[after - 1] <= column[after] - place ? after - 1 : after
    }
}

/// Series by name that only grow. Those that are written together share one copy of their positions.
package struct SampleTable: Sendable {
    private struct Entry: Sendable {
        var positions: Int
        var pyramid = SamplePyramid()
    }

    private var positions: [SamplePositions] = []
    private var entries: [String: Entry] = [:]

    package init() {}

    package func series(_ name: String) -> SampledSeries {
        guard let entry = entries[name] else { return .empty }
        return SampledSeries(positions: positions[entry.positions], pyramid: entry.pyramid)
    }

    package func count(of name: String) -> Int { entries[name]?.pyramid.count ?? 0 }

    package var names: [String] { Array(entries.keys) }

    package mutating func remove(_ name: String) { entries[name] = nil }

    /// Adds samples at the end of a series. What goes back to an earlier step replaces what the series had from there on.
    package mutating func append(_ values: [Double], at places: SamplePositions, to name: String) {
        let length = min(values.count, places.count)
        guard length > 0 else { return }
        var entry = entries.removeValue(forKey: name) ?? Entry(positions: 0)
        if entry.pyramid.count > 0 {
            let known = SampledSeries(positions: positions[entry.positions], pyramid: entry.pyramid)
            entry.pyramid.removeValues(from: known.firstIndex(at: places.steps[0], on: .step))
        }
        entry.positions = place(places, length: length, after: entry.pyramid.count, of: entry.positions)
        entry.pyramid.append(contentsOf: values.count == length ? values : Array(values.prefix(length)))
        entries[name] = entry
    }

    /// Finds or makes the positions that begin with the first `count` of the present ones and go on with the new.
    private mutating func place(_ places: SamplePositions, length: Int, after count: Int, of present: Int) -> Int {
        let isFresh = count == 0
        for candidate in positions.indices where isFresh || candidate == present
            || positions[candidate].agrees(at: 0, with: positions[present], from: 0, length: count)
        {
            let overlap = min(length, positions[candidate].count - count)
            guard overlap >= 0, positions[candidate].agrees(at: count, with: places, from: 0, length: overlap) else { continue }
            // Two series that merely end at the same place may go apart: only what overlaps proves that they go together.
            if overlap == 0, !isFresh, candidate != present { continue }
            if overlap == 0, isFresh, positions[candidate].count > 0 { continue }
            if overlap < length { positions[candidate].append(places, from: overlap) }
            return candidate
        }
        var own = isFresh ? SamplePositions() : positions[present].prefix(count)
        own.append(places.count == length ? places : places.prefix(length), from: 0)
        positions.append(own)
        return positions.count - 1
    }
}
