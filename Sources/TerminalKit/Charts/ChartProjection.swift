import Foundation

/// From values to dots of a canvas and back.
struct ChartProjection {
    let xRange: ClosedRange<Double>
    let yRange: ClosedRange<Double>
    let scale: ValueScale
    let width: Int
    let height: Int
    private let bottom: Double
    private let span: Double

    init(xRange: ClosedRange<Double>, yRange: ClosedRange<Double>, scale: ValueScale, width: Int, height: Int) {
        self.xRange = xRange
        self.yRange = yRange
        self.scale = scale
        self.width = width
        self.height = height
        bottom = scale == .linear ? yRange.lowerBound : log10(yRange.lowerBound)
        span = (scale == .linear ? yRange.upperBound : log10(yRange.upperBound)) - bottom
    }

    /// The column of dots of a place; it may lie beyond the canvas, though not without bounds.
    func column(_ x: Double) -> Double {
        let span = xRange.upperBound - xRange.lowerBound
        guard span > 0 else { return 0 }
        return limited((x - xRange.lowerBound) / span * Double(width - 1))
    }

    /// The place between a column of dots and the next.
    func place(after column: Int) -> Double {
        guard width > 1 else { return .infinity }
        return xRange.lowerBound + (Double(column) + 0.5) / Double(width - 1) * (xRange.upperBound - xRange.lowerBound)
    }

    /// The row of dots of a value, counted from the top; what a logarithm cannot show lies below the canvas.
    func row(_ y: Double) -> Double {
        if scale == .logarithmic, y <= 0 { return Double(2 * height) }
        guard span > 0 else { return Double(height / 2) }
        let share = ((scale == .linear ? y : log10(y)) - bottom) / span
        return limited((1 - share) * Double(height - 1))
    }

    /// The canvas is some hundred dots high: further away all places look alike, and sums stay finite.
    private func limited(_ value: Double) -> Double { value.isNaN ? 0 : min(1e7, max(-1e7, value)) }
}

/// What a chart must say beside its lines, by columns of cells.
struct ChartMarks {
    var nonFinite = Set<Int>()
    var above = Set<Int>()
    var below = Set<Int>()
    /// Values that a logarithm cannot show.
    var nonPositive = Set<Int>()
    var clippedCount = 0
}

extension ChartProjection {
    /// Draws one series; its cost grows with the columns, not with the samples.
    ///
    /// Each column of dots shows the span of all values that fall into it and is joined to the one before; the lines to the
    /// neighbours outside the window are drawn as far as the window goes. `parts` are kept for the next series, which often
    /// lies at the same positions.
    func draw(
        _ series: SampledSeries, on axis: ChartAxis, ink: UInt8, parts: inout ColumnParts, canvas: inout PixelCanvas, marks: inout ChartMarks
    ) {
        guard width > 0, height > 0 else { return }
        let places = series.positions.column(axis), values = series.pyramid.values
        if !parts.suit(places, count: series.count) { parts = ColumnParts(series, on: axis, projection: self) }
        let start = parts.start, end = parts.end
        var previous: (x: Double, y: Double)?
        if start > 0, values[start - 1].isFinite { previous = (column(places[start - 1]), row(values[start - 1])) }
        var index = start
        for part in parts.parts {
            drawColumn(series, index..<part.end, x: part.column, previous: &previous, ink: ink, canvas: &canvas, marks: &marks)
            index = part.end
        }
        if end < series.count, let previous, values[end].isFinite {
            canvas.line(fromX: previous.x, fromY: previous.y, toX: column(places[end]), toY: row(values[end]), ink: ink)
        }
        if marks.above.isEmpty, marks.below.isEmpty { return }
        marks.clippedCount += series.pyramid.count(above: yRange.upperBound, in: start..<end)
        if scale == .linear { marks.clippedCount += series.pyramid.count(below: yRange.lowerBound, in: start..<end) }
    }

    private func drawColumn(
        _ series: SampledSeries, _ range: Range<Int>, x: Int, previous: inout (x: Double, y: Double)?, ink: UInt8,
        canvas: inout PixelCanvas, marks: inout ChartMarks
    ) {
        let values = series.pyramid.values
        let summary = range.count == 1 ? nil : series.pyramid.summary(range)
        let first = values[range.lowerBound], last = values[range.upperBound - 1]
        let cell = x / canvas.glyphs.dotsAcross
        if summary.map({ $0.nonFinite > 0 }) ?? !first.isFinite { marks.nonFinite.insert(cell) }
        let low = summary?.minimum ?? first, high = summary?.maximum ?? first
        if let from = previous, first.isFinite {
            canvas.line(fromX: from.x, fromY: from.y, toX: Double(x), toY: row(first), ink: ink)
        }
        if low.isFinite, high.isFinite, low <= high {
            if high > yRange.upperBound { marks.above.insert(cell) }
            if scale == .logarithmic, low <= 0 { marks.nonPositive.insert(cell) } else if low < yRange.lowerBound { marks.below.insert(cell) }
            canvas.fill(x: x, from: Int(row(high).rounded()), through: Int(row(low).rounded()), ink: ink)
        }
        previous = last.isFinite ? (Double(x), row(last)) : nil
    }
}

/// Which samples fall into which column of dots.
struct ColumnParts {
    private(set) var start = 0
    private(set) var end = 0
    private(set) var parts: [(column: Int, end: Int)] = []
    private var source: UnsafeRawPointer?
    private var count = -1

    init() {}

    init(_ series: SampledSeries, on axis: ChartAxis, projection: ChartProjection) {
        let places = series.positions.column(axis)
        start = series.firstIndex(at: projection.xRange.lowerBound, on: axis)
        end = series.firstIndex(at: projection.xRange.upperBound, on: axis, after: true)
        source = Self.address(of: places)
        count = series.count
        var index = start
        while index < end {
            let column = Int(projection.column(places[index]).rounded())
            let next = column >= projection.width - 1
                ? end : max(index + 1, min(end, firstIndex(after: projection.place(after: column), in: places, from: index, to: end)))
            parts.append((column, next < end ? next - next % Self.grain(of: next - index) : end))
            index = next
        }
    }

    /// Long parts end where nodes of the pyramid do, so that their extremes are read from few places in memory: up to a
    /// thirty-second of a column's samples is drawn with the column after it.
    private static func grain(of length: Int) -> Int {
        var grain = 1, next = SamplePyramid.leafSize
        while 32 * next <= length {
            grain = next
            next *= SamplePyramid.fanOut
        }
        return grain
    }

    /// Whether they were made for the same positions: for the very same storage, since comparing would cost more than making.
    func suit(_ places: [Double], count: Int) -> Bool {
        count == self.count && source != nil && Self.address(of: places) == source
    }

    private static func address(of places: [Double]) -> UnsafeRawPointer? {
        places.withUnsafeBytes { $0.baseAddress }
    }

    /// Gallops, since the answer is near in a dense series and far in none.
    private func firstIndex(after place: Double, in places: [Double], from start: Int, to end: Int) -> Int {
        var step = 1, low = start, high = start + 1
        while high < end, places[high] <= place {
            low = high
            step *= 2
            high = min(end, high + step)
        }
        high = min(high, end)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] <= place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
