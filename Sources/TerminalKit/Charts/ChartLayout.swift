/// Where a chart's parts lie inside its frame, and how its axes are drawn.
struct ChartLayout {
    let chart: LineChart
    let values: ClosedRange<Double>
    let plot: Rect
    let hasLegend: Bool
    /// The row under the plot for values that have no place in it; nil where there are none, or no room.
    private let gapRow: Int?
    private let inner: Rect
    private let ticks: [(value: Double, label: String)]
    private let gutter: Int

    init(_ chart: LineChart, inner: Rect) {
        self.chart = chart
        self.inner = inner
        hasLegend = chart.showsLegend && inner.height >= 5
        values = chart.shownRange
        let hasGaps = inner.height >= 7 && chart.series.contains { one in
            let all = one.samples.pyramid.summary
            return all.nonFinite > 0 || chart.scale == .logarithmic && all.minimum <= 0
        }
        let height = inner.height - 1 - (hasLegend ? 1 : 0) - (hasGaps ? 1 : 0)
        gapRow = hasGaps ? inner.y + height : nil
        let maximum = max(2, height / 2 + 1)
        let places = chart.scale == .linear
            ? ChartScale.ticks(in: values, maximum: maximum) : ChartScale.logarithmicTicks(in: values, maximum: maximum)
        let linearStep = places.count > 1 ? places[1] - places[0] : values.upperBound - values.lowerBound
        let scale = chart.scale
        ticks = places.map { ($0, ChartScale.label($0, step: scale == .linear ? linearStep : $0)) }
        gutter = min(inner.width / 3, (ticks.map(\.label.count).max() ?? 1) + 1)
        plot = Rect(x: inner.x + gutter, y: inner.y, width: inner.width - gutter, height: height)
    }

    private var labelRow: Int { gapRow.map { $0 + 1 } ?? plot.bottom }

    func drawAxes(in buffer: inout CellBuffer, projection: ChartProjection, appearance: Appearance) {
        for tick in ticks {
            let row = Int(projection.row(tick.value).rounded()) / chart.glyphs.dotsDown
            guard row >= 0, row < plot.height else { continue }
            buffer.put(tick.label.padded(to: gutter - 1, alignRight: true), x: inner.x, y: plot.y + row, style: appearance.muted)
        }
        let name = chart.axisName ?? chart.axis.rawValue, nameWidth = name.count
        let maximum = max(2, plot.width / 8), range = chart.xRange
        let isWhole = chart.axis == .step || range.upperBound - range.lowerBound > 2
        let places = chart.axis == .time
            ? ChartScale.timeTicks(in: range, maximum: maximum) : ChartScale.ticks(in: range, maximum: maximum, integers: isWhole)
        let step = places.count > 1 ? places[1] - places[0] : 1
        var free = plot.x
        let limit = plot.right - nameWidth - 1
        for place in places {
            let label = chart.axis == .time ? ChartScale.timeLabel(place) : ChartScale.label(place, step: step)
            let column = plot.x + Int(projection.column(place).rounded()) / chart.glyphs.dotsAcross
            let x = max(plot.x, min(column - label.count / 2, plot.right - label.count))
            guard x >= free, x + label.count <= limit else { continue }
            free = buffer.put(label, x: x, y: labelRow, style: appearance.muted) + 1
        }
        if plot.width > nameWidth + 6 { buffer.putRight(name, right: plot.right, y: labelRow, style: appearance.muted) }
    }

    /// Marks along the plot's edges: values beyond them, values a logarithm cannot show, values that are no numbers.
    func drawMarks(_ marks: ChartMarks, in buffer: inout CellBuffer, appearance: Appearance) {
        let isUnicode = appearance.capabilities.unicode
        func put(_ mark: String, _ columns: Set<Int>, y: Int, _ role: ThemeRole) {
            for column in columns { buffer.put(mark, x: plot.x + column, y: y, style: appearance.style(role)) }
        }
        put(isUnicode ? "▴" : "^", marks.above, y: plot.y, .warning)
        put(isUnicode ? "▾" : "v", marks.below, y: plot.bottom - 1, .warning)
        put(isUnicode ? "▾" : "v", marks.nonPositive, y: gapRow ?? plot.bottom - 1, .warning)
        put(appearance.glyphs.cross, marks.nonFinite, y: gapRow ?? plot.bottom - 1, .error)
    }

    /// A vertical line at the sample nearest to the cross-hair, with its place on the axis below.
    func drawCursor(in buffer: inout CellBuffer, projection: ChartProjection, appearance: Appearance) {
        guard let step = chart.cursorStep else { return }
        let nearest = chart.series.compactMap { one -> (distance: Double, place: Double)? in
            guard let index = one.samples.nearestIndex(to: step, on: .step) else { return nil }
            let positions = one.samples.positions
            return (abs(positions.steps[index] - step), positions.column(chart.axis)[index])
        }.min { $0.distance < $1.distance }
        guard let nearest, chart.xRange.contains(nearest.place) else { return }
        let x = plot.x + Int(projection.column(nearest.place).rounded()) / chart.glyphs.dotsAcross
        let line: Character = appearance.capabilities.unicode ? "│" : "|"
        for y in plot.y..<plot.bottom {
            let isEmpty = x < buffer.size.width && y < buffer.size.height && x >= 0 && y >= 0 && buffer[x: x, y: y].character == " "
            if isEmpty { buffer.putNarrow(line, x: x, y: y, style: appearance.accent) }
        }
        buffer.restyle(Rect(x: x, y: plot.y, width: 1, height: plot.height), appearance.select)
        let label = chart.axis == .time
            ? ChartScale.timeLabel(nearest.place)
            : ChartScale.label(nearest.place, step: chart.axis == .step || nearest.place == nearest.place.rounded() ? 1 : 0.01)
        let text = " \(label) "
        let start = max(plot.x, min(x - text.count / 2, plot.right - text.count))
        buffer.put(text, x: start, y: labelRow, style: appearance.accent.with(.reverse), maximumWidth: max(0, plot.right - start))
    }
}
