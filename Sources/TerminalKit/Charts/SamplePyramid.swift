/// A column of values that only grows, under a pyramid of the extremes of its parts.
///
/// The lowest nodes cover 16 values each, every higher one four nodes, so any range is summed up from a few dozen nodes,
/// and a value is never lost however many share a pixel. Only full nodes are stored; the rest is read from below.
/// A part's first and last values are the column's own.
package struct SamplePyramid: Sendable {
    /// What a range of values holds.
    package struct Summary: Equatable, Sendable {
        package var minimum = Double.infinity
        package var maximum = -Double.infinity
        /// Infinity where nothing is above zero.
        package var leastPositive = Double.infinity
        package var nonFinite = 0

        package init() {}

        /// True where a finite value is among them.
        package var hasValues: Bool { minimum <= maximum }

        @inline(__always) mutating func add(_ value: Double) {
            guard value.isFinite else {
                nonFinite += 1
                return
            }
            if value < minimum { minimum = value }
            if value > maximum { maximum = value }
            if value > 0, value < leastPositive { leastPositive = value }
        }

        @inline(__always) mutating func add(_ other: Summary) {
            if other.minimum < minimum { minimum = other.minimum }
            if other.maximum > maximum { maximum = other.maximum }
            if other.leastPositive < leastPositive { leastPositive = other.leastPositive }
            nonFinite += other.nonFinite
        }
    }

    static let leafSize = 16
    static let fanOut = 4

    package private(set) var values: [Double]
    /// From the leaves up; a level exists as soon as a node of it is full.
    private var levels: [[Summary]] = []

    package init(_ values: [Double] = []) {
        self.values = []
        append(contentsOf: values)
    }

    package var count: Int { values.count }

    package mutating func append(_ value: Double) {
        values.append(value)
        if values.count % Self.leafSize == 0 { addNodes() }
    }

    package mutating func append(contentsOf more: [Double]) {
        let missing = Self.leafSize - values.count % Self.leafSize
        guard more.count >= missing else { return values.append(contentsOf: more) }
        values.append(contentsOf: more)
        let full = values.count / Self.leafSize, known = levels.first?.count ?? 0
        for _ in known..<full { addNodes() }
    }

    /// Adds the next leaf, and every higher node that it completes.
    private mutating func addNodes() {
        var node = Summary()
        let start = (levels.first?.count ?? 0) * Self.leafSize
        for index in start..<(start + Self.leafSize) { node.add(values[index]) }
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(node)
            let count = levels[level].count
            guard count % Self.fanOut == 0 else { return }
            node = Summary()
            for index in (count - Self.fanOut)..<count { node.add(levels[level][index]) }
            level += 1
        }
    }

    /// Forgets the values from an index on.
    package mutating func removeValues(from index: Int) {
        guard index < values.count else { return }
        values.removeSubrange(max(0, index)...)
        var size = Self.leafSize
        for level in levels.indices {
            levels[level].removeSubrange(min(levels[level].count, values.count / size)...)
            size *= Self.fanOut
        }
        while levels.last?.isEmpty == true { levels.removeLast() }
    }

    // MARK: Questions

    /// The extremes of a range, in steps that grow with the logarithm of its length.
    ///
    /// The same way as `visit` takes, written out: charts ask this for every column of every line.
    package func summary(_ range: Range<Int>) -> Summary {
        var result = Summary()
        var low = max(0, range.lowerBound), high = min(count, range.upperBound)
        values.withUnsafeBufferPointer { values in
            while low < high, low % Self.leafSize != 0 {
                result.add(values[low])
                low += 1
            }
            while high > low, high % Self.leafSize != 0 {
                high -= 1
                result.add(values[high])
            }
        }
        low /= Self.leafSize
        high /= Self.leafSize
        var level = 0
        while low < high {
            levels[level].withUnsafeBufferPointer { nodes in
                while low < high, low % Self.fanOut != 0 {
                    result.add(nodes[low])
                    low += 1
                }
                while high > low, high % Self.fanOut != 0 {
                    high -= 1
                    result.add(nodes[high])
                }
            }
            low /= Self.fanOut
            high /= Self.fanOut
            level += 1
        }
        return result
    }

    package var summary: Summary { summary(0..<count) }

    /// How many values of a range are greater than a bound.
    package func count(above bound: Double, in range: Range<Int>) -> Int {
        count(in: range, isNone: { $0.maximum <= bound }, isAll: { $0.minimum > bound }, isOne: { $0 > bound })
    }

    /// How many values of a range are less than a bound.
    package func count(below bound: Double, in range: Range<Int>) -> Int {
        count(in: range, isNone: { $0.minimum >= bound }, isAll: { $0.maximum < bound }, isOne: { $0 < bound })
    }

    /// The first index of the greatest value; nil where no value is finite.
    package var indexOfMaximum: Int? {
        let top = summary
        return top.hasValues ? firstIndex(node: { $0.maximum >= top.maximum }, value: { $0 == top.maximum }) : nil
    }

    /// The first index of the least value; nil where no value is finite.
    package var indexOfMinimum: Int? {
        let bottom = summary
        return bottom.hasValues ? firstIndex(node: { $0.minimum <= bottom.minimum }, value: { $0 == bottom.minimum }) : nil
    }

    /// The first index from `start` on whose value is not finite.
    package func firstNonFiniteIndex(from start: Int = 0) -> Int? {
        firstIndex(from: start, node: { $0.nonFinite > 0 }, value: { !$0.isFinite })
    }

    // MARK: The way through the levels

    /// Covers a range by the largest full nodes and by single values at its ends; not in order.
    @inline(__always) private func visit(_ range: Range<Int>, value: (Int) -> Void, node: (Int, Int) -> Void) {
        var low = max(0, range.lowerBound), high = min(count, range.upperBound)
        while low < high, low % Self.leafSize != 0 {
            value(low)
            low += 1
        }
        while high > low, high % Self.leafSize != 0 {
            high -= 1
            value(high)
        }
        low /= Self.leafSize
        high /= Self.leafSize
        var level = 0
        while low < high {
            while low < high, low % Self.fanOut != 0 {
                node(level, low)
                low += 1
            }
            while high > low, high % Self.fanOut != 0 {
                high -= 1
                node(level, high)
            }
            low /= Self.fanOut
            high /= Self.fanOut
            level += 1
        }
    }

    private func count(
        in range: Range<Int>, isNone: (Summary) -> Bool, isAll: (Summary) -> Bool, isOne: (Double) -> Bool
    ) -> Int {
        func inside(_ level: Int, _ index: Int) -> Int {
            let node = levels[level][index]
            if isNone(node) { return 0 }
            let size = (0..<level).reduce(Self.leafSize) { size, _ in size * Self.fanOut }
            if isAll(node) { return size - node.nonFinite }
            if level > 0 { return (0..<Self.fanOut).reduce(0) { $0 + inside(level - 1, index * Self.fanOut + $1) } }
            return (index * size..<(index + 1) * size).reduce(0) { $0 + (values[$1].isFinite && isOne(values[$1]) ? 1 : 0) }
        }
        var result = 0
        visit(
            range, value: { if values[$0].isFinite, isOne(values[$0]) { result += 1 } }, node: { result += inside($0, $1) })
        return result
    }

    private func firstIndex(from start: Int = 0, node: (Summary) -> Bool, value: (Double) -> Bool) -> Int? {
        var position = max(0, start)
        while position < count {
            // The largest full node that begins here.
            var level = -1, size = 1, next = Self.leafSize
            while level + 1 < levels.count, position % next == 0, position / next < levels[level + 1].count {
                level += 1
                size = next
                next *= Self.fanOut
            }
            guard level >= 0 else {
                if value(values[position]) { return position }
                position += 1
                continue
            }
            guard node(levels[level][position / size]) else {
                position += size
                continue
            }
            while level > 0 {
                level -= 1
                size /= Self.fanOut
                while !node(levels[level][position / size]) { position += size }
            }
            let end = position + Self.leafSize
            while position < end {
                if value(values[position]) { return position }
                position += 1
            }
        }
        return nil
    }
}
