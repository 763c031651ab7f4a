import Foundation

/// One sample of a series. A value that is not finite makes a gap with a mark.
package struct ChartPoint: Equatable, Sendable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// A named line of a chart, its points ascending in x.
package struct ChartSeries: Equatable, Sendable {
    package var name: String
    package var points: [ChartPoint]

    package init(name: String, points: [ChartPoint]) {
        self.name = name
        self.points = points
    }
}

/// Lines over a common axis, in braille or ASCII.
///
/// Each pixel column shows the whole span from the least to the greatest value that falls into it, and joins the column
/// before it, so no spike is lost however many samples share a column.
package struct LineChart: Equatable, Sendable {
    package var title: String
    package var note: String
    package var series: [ChartSeries]
    package var xRange: ClosedRange<Double>
    /// Nil fits the values.
    package var yRange: ClosedRange<Double>?
    package var xLabel: String
    /// Shown while there is no point.
    package var emptyText: String
    package var showsLegend: Bool

    package init(
        title: String, note: String = "", series: [ChartSeries], xRange: ClosedRange<Double>, yRange: ClosedRange<Double>? = nil,
        xLabel: String, emptyText: String, showsLegend: Bool = true
    ) {
        self.title = title
        self.note = note
        self.series = series
        self.xRange = xRange
        self.yRange = yRange
        self.xLabel = xLabel
        self.emptyText = emptyText
        self.showsLegend = showsLegend
    }

    package func draw(in buffer: inout CellBuffer, rect: Rect, appearance: Appearance) {
        buffer.drawFrame(rect, title: title, note: note, appearance: appearance)
        let inner = rect.inset(horizontal: 1, vertical: 1)
        guard inner.width >= 8, inner.height >= 3 else { return }
        guard series.contains(where: { !$0.points.isEmpty }) else {
            for (row, line) in emptyText.wrapped(to: inner.width - 2).enumerated() {
                buffer.put(line, x: inner.x + 1, y: inner.y + inner.height / 2 - 1 + row, style: appearance.muted)
            }
            return
        }
        let legendRows = showsLegend && inner.height >= 5 ? 1 : 0
        let plotHeight = inner.height - 1 - legendRows
        let values = yRange ?? ChartScale.range(of: series.flatMap { $0.points.map(\.y) })
        let yTicks = ChartScale.ticks(in: values, maximum: max(2, plotHeight / 2 + 1))
        let yStep = yTicks.count > 1 ? yTicks[1] - yTicks[0] : values.upperBound - values.lowerBound
        let labels = yTicks.map { ChartScale.label($0, step: yStep) }
        let gutter = min(inner.width / 3, (labels.map(\.count).max() ?? 1) + 1)
        let plot = Rect(x: inner.x + gutter, y: inner.y, width: inner.width - gutter, height: plotHeight)

        for (tick, label) in zip(yTicks, labels) {
            let y = plot.y + cellRow(tick, in: values, rows: plot.height)
            buffer.put(label.padded(to: gutter - 1, alignRight: true), x: inner.x, y: y, style: appearance.muted)
        }
        drawXAxis(in: &buffer, plot: plot, y: plot.bottom, appearance: appearance)
        var canvas = PixelCanvas(columns: plot.width, rows: plot.height, unicode: appearance.capabilities.unicode)
        var gaps = Set<Int>()
        for (owner, line) in series.enumerated() {
            gaps.formUnion(rasterise(line, owner: owner, values: values, canvas: &canvas))
        }
        canvas.draw(in: &buffer, x: plot.x, y: plot.y, appearance: appearance)
        let perCell = appearance.capabilities.unicode ? 2 : 1
        for column in gaps {
            buffer.put(appearance.glyphs.cross, x: plot.x + column / perCell, y: plot.bottom - 1, style: appearance.style(.error))
        }
        if legendRows == 1 { drawLegend(in: &buffer, x: inner.x, y: inner.bottom - 1, right: inner.right, appearance: appearance) }
    }

    /// Draws one series and returns the pixel columns that hold a value that is not finite.
    private func rasterise(_ line: ChartSeries, owner: Int, values: ClosedRange<Double>, canvas: inout PixelCanvas) -> Set<Int> {
        struct Column {
            var first: Int, last: Int, top: Int, bottom: Int
        }
        guard canvas.width > 0, canvas.height > 0 else { return [] }
        var gaps = Set<Int>()
        var previous: (x: Int, y: Int)?
        var current: (x: Int, column: Column)?
        func finish(_ canvas: inout PixelCanvas) {
            guard let (x, column) = current else { return }
            if let previous { canvas.line(fromX: previous.x, fromY: previous.y, toX: x, toY: column.first, owner: owner) }
            for y in column.top...column.bottom { canvas.set(x: x, y: y, owner: owner) }
            previous = (x, column.last)
            current = nil
        }
        for point in line.points {
            guard let x = pixelColumn(point.x, width: canvas.width) else { continue }
            guard point.y.isFinite else {
                finish(&canvas)
                previous = nil
                gaps.insert(x)
                continue
            }
            let y = pixelRow(point.y, in: values, height: canvas.height)
            if let open = current, open.x == x {
                current = (
                    x,
                    Column(first: open.column.first, last: y, top: min(open.column.top, y), bottom: max(open.column.bottom, y))
                )
            } else {
                finish(&canvas)
                current = (x, Column(first: y, last: y, top: y, bottom: y))
            }
        }
        finish(&canvas)
        return gaps
    }

    private func pixelColumn(_ x: Double, width: Int) -> Int? {
        guard x.isFinite, xRange.contains(x) else { return nil }
        let span = xRange.upperBound - xRange.lowerBound
        guard span > 0 else { return 0 }
        return min(width - 1, Int((x - xRange.lowerBound) / span * Double(width - 1) + 0.5))
    }

    /// Values outside a fixed range lie on its edge rather than vanish.
    private func pixelRow(_ y: Double, in values: ClosedRange<Double>, height: Int) -> Int {
        let span = values.upperBound - values.lowerBound
        guard span > 0 else { return height / 2 }
        let fraction = min(1, max(0, (y - values.lowerBound) / span))
        return height - 1 - Int(fraction * Double(height - 1) + 0.5)
    }

    private func cellRow(_ value: Double, in values: ClosedRange<Double>, rows: Int) -> Int {
        pixelRow(value, in: values, height: rows * 4) / 4
    }

    private func drawXAxis(in buffer: inout CellBuffer, plot: Rect, y: Int, appearance: Appearance) {
        let nameWidth = CharacterWidth.columns(of: xLabel)
        let ticks = ChartScale.ticks(in: xRange, maximum: max(2, plot.width / 8), integers: true)
        let step = ticks.count > 1 ? ticks[1] - ticks[0] : 1
        var free = plot.x
        let limit = plot.right - nameWidth - 1
        for tick in ticks {
            guard let column = pixelColumn(tick, width: plot.width) else { continue }
            let label = ChartScale.label(tick, step: step)
            let x = max(plot.x, min(plot.x + column - label.count / 2, plot.right - label.count))
            guard x >= free, x + label.count <= limit else { continue }
            free = buffer.put(label, x: x, y: y, style: appearance.muted) + 1
        }
        if plot.width > nameWidth + 6 { buffer.putRight(xLabel, right: plot.right, y: y, style: appearance.muted) }
    }

    private func drawLegend(in buffer: inout CellBuffer, x: Int, y: Int, right: Int, appearance: Appearance) {
        var column = x
        for (owner, line) in series.enumerated() {
            let value = line.points.last.map { $0.y.isFinite ? Self.value($0.y) : "NaN" } ?? appearance.glyphs.dash
            let width = CharacterWidth.columns(of: line.name) + value.count + 3
            guard column + width <= right + 1 else { return }
            let mark = appearance.capabilities.unicode ? "⠤" : [":", ";", "|", "!"][owner % 4]
            column = buffer.put(mark + line.name, x: column, y: y, style: appearance.series(owner))
            column = buffer.put(" " + value, x: column, y: y, style: appearance.text) + 2
        }
    }

    /// A value in about four characters: 0.871, 12.34, 1.2e-4.
    package static func value(_ value: Double) -> String {
        guard value.isFinite else { return "NaN" }
        let size = abs(value)
        if size == 0 { return "0.000" }
        if size < 0.001 || size >= 100_000 { return String(format: "%.1e", value) }
        if size < 10 { return String(format: "%.3f", value) }
        return String(format: size < 1000 ? "%.1f" : "%.0f", value)
    }
}
