import Foundation

/// Points of one metric series as columns of equal length, in the order they were written.
package struct MetricColumns: Sendable {
    /// Grow with writing; the last one, passed as `after`, reads on.
    package var ids: [Int64] = []
    package var steps: [Int64] = []
    package var epochs: [Double] = []
    package var wallTimes: [Double] = []
    /// NaN where the run produced NaN.
    package var values: [Double] = []

    package init() {}

    package var count: Int { ids.count }
    package var isEmpty: Bool { ids.isEmpty }

    package mutating func append(id: Int64, step: Int64, epoch: Double, wallTime: Double, value: Double) {
        ids.append(id)
        steps.append(step)
        epochs.append(epoch)
        wallTimes.append(wallTime)
        values.append(value)
    }

    mutating func append(_ other: MetricColumns) {
        ids += other.ids
        steps += other.steps
        epochs += other.epochs
        wallTimes += other.wallTimes
        values += other.values
    }

    func select(_ indices: some Collection<Int>) -> MetricColumns {
        var result = MetricColumns()
        for index in indices {
            result.append(id: ids[index], step: steps[index], epoch: epochs[index], wallTime: wallTimes[index], value: values[index])
        }
        return result
    }

    mutating func removeFirst(_ number: Int) {
        ids.removeFirst(number)
        steps.removeFirst(number)
        epochs.removeFirst(number)
        wallTimes.removeFirst(number)
        values.removeFirst(number)
    }

    /// Points that stand for all of them in a drawing: of each `group` the first, the least, the greatest, the last, and the
    /// first that is not finite.
    func outline(group: Int) -> MetricColumns {
        var kept: [Int] = []
        for start in stride(from: 0, to: count, by: group) {
            let end = min(count, start + group)
            var least: Int?, greatest: Int?, odd: Int?
            for index in start..<end {
                let value = values[index]
                guard value.isFinite else {
                    if odd == nil { odd = index }
                    continue
                }
                if least.map({ value < values[$0] }) ?? true { least = index }
                if greatest.map({ value > values[$0] }) ?? true { greatest = index }
            }
            kept += Set([start, end - 1] + [least, greatest, odd].compactMap { $0 }).sorted()
        }
        return select(kept)
    }
}

// MARK: As bytes

/// Packs columns into bytes, little-endian. Whole numbers that rise evenly take sixteen bytes in all, numbers that single
/// precision holds exactly take four bytes each.
extension MetricColumns {
    private enum Layout: UInt8 {
        /// A first number and a stride.
        case even = 1
        case integers, singles, doubles
    }

    func packed() -> Data {
        var data = Data(capacity: 40 + count * 24)
        for column in [ids, steps] { Self.pack(column, into: &data) }
        for column in [epochs, wallTimes, values] { Self.pack(column, into: &data) }
        return data
    }

    private static func pack(_ column: [Int64], into data: inout Data) {
        let first = column.first ?? 0, stride = column.count > 1 ? column[1] &- first : 0
        if column.indices.allSatisfy({ column[$0] == first &+ Int64($0) &* stride }) {
            data.append(Layout.even.rawValue)
            for number in [first, stride] { withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) } }
        } else {
            data.append(Layout.integers.rawValue)
            column.map { $0.littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
        }
    }

    private static func pack(_ column: [Double], into data: inout Data) {
        if column.allSatisfy({ $0.isNaN || Double(Float($0)).bitPattern == $0.bitPattern }) {
            data.append(Layout.singles.rawValue)
            column.map { Float($0).bitPattern.littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
        } else {
            data.append(Layout.doubles.rawValue)
            column.map { $0.bitPattern.littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
        }
    }

    init(packed data: Data, count: Int) throws(CatalogError) {
        // Far above any chunk: a damaged count must not claim all memory.
        guard (0...1 << 20).contains(count) else { throw CatalogError.storage("a packed part of a metric series says that it has \(count) points") }
        var reader = Reader(data: data, count: count)
        ids = try reader.integers()
        steps = try reader.integers()
        epochs = try reader.doubles()
        wallTimes = try reader.doubles()
        values = try reader.doubles()
    }

    private struct Reader {
        let data: Data
        let count: Int
        private var offset = 0

        init(data: Data, count: Int) {
            self.data = data
            self.count = count
        }

        private mutating func layout() throws(CatalogError) -> Layout {
            guard offset < data.count, let layout = Layout(rawValue: data[data.startIndex + offset]) else { throw damaged }
            offset += 1
            return layout
        }

        private var damaged: CatalogError { .storage("a packed part of a metric series is damaged") }

        private mutating func take<Element: FixedWidthInteger>(_ number: Int, of type: Element.Type) throws(CatalogError) -> [Element] {
            let (bytes, overflow) = number.multipliedReportingOverflow(by: MemoryLayout<Element>.size)
            guard !overflow, bytes <= data.count - offset else { throw damaged }
            let start = offset
            offset += bytes
            return data.withUnsafeBytes { source in
                [Element](unsafeUninitializedCapacity: number) { target, filled in
                    UnsafeMutableRawBufferPointer(target).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + bytes)]))
                    filled = number
                }
            }
        }

        mutating func integers() throws(CatalogError) -> [Int64] {
            switch try layout() {
            case .even:
                let ends = try take(2, of: Int64.self).map(Int64.init(littleEndian:))
                return (0..<Int64(count)).map { ends[0] &+ $0 &* ends[1] }
            case .integers: return try take(count, of: Int64.self).map(Int64.init(littleEndian:))
            case .singles, .doubles: throw damaged
            }
        }

        mutating func doubles() throws(CatalogError) -> [Double] {
            switch try layout() {
            case .singles: return try take(count, of: UInt32.self).map { Double(Float(bitPattern: UInt32(littleEndian: $0))) }
            case .doubles: return try take(count, of: UInt64.self).map { Double(bitPattern: UInt64(littleEndian: $0)) }
            case .even, .integers: throw damaged
            }
        }
    }
}
