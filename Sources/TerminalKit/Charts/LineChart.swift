import Foundation

/// A named line of a chart: raw samples, and their smoothed form where it is shown.
package struct ChartSeries: Sendable {
    package var name: String
    package var samples: SampledSeries
    package var smoothed: SampledSeries?
    /// Which of the theme's series colours it has; equal in every chart that shows the same thing.
    package var color: Int

    package init(name: String, samples: SampledSeries, smoothed: SampledSeries? = nil, color: Int) {
        self.name = name
        self.samples = samples
        self.smoothed = smoothed
        self.color = color
    }
}

/// Lines over a common axis.
package struct LineChart: Sendable {
    /// The best of a series' values is marked and told in the title.
    package enum Best: Equatable, Sendable {
        case highest(series: Int)
        case lowest(series: Int)
    }

    package var title: String
    package var note: String
    package var series: [ChartSeries]
    package var axis: ChartAxis
    /// What the horizontal axis is called; nil names it as the axis is.
    package var axisName: String?
    package var xRange: ClosedRange<Double>
    /// Nil fits the values.
    package var yRange: ClosedRange<Double>?
    package var scale: ValueScale
    package var glyphs: ChartGlyphSet
    package var best: Best?
    /// The step where the cross-hair stands; every chart shows it at its own nearest sample.
    package var cursorStep: Double?
    /// Shown while there is no sample.
    package var emptyText: String
    package var showsLegend: Bool
    /// Whether the legend tells values too: the last ones, or those under the cross-hair.
    package var showsValues: Bool
    /// By which a click on the plot is told; nil takes none.
    package var panel: Int?

    package init(
        title: String, note: String = "", series: [ChartSeries], axis: ChartAxis = .step, axisName: String? = nil, xRange: ClosedRange<Double>,
        yRange: ClosedRange<Double>? = nil, scale: ValueScale = .linear, glyphs: ChartGlyphSet, best: Best? = nil,
        cursorStep: Double? = nil, emptyText: String, showsLegend: Bool = true, showsValues: Bool = true, panel: Int? = nil
    ) {
        self.title = title
        self.note = note
        self.series = series
        self.axis = axis
        self.axisName = axisName
        self.xRange = xRange
        self.yRange = yRange
        self.scale = scale
        self.glyphs = glyphs
        self.best = best
        self.cursorStep = cursorStep
        self.emptyText = emptyText
        self.showsLegend = showsLegend
        self.showsValues = showsValues
        self.panel = panel
    }

    /// The vertical range that is drawn.
    package var shownRange: ClosedRange<Double> {
        if let yRange, scale == .linear || yRange.lowerBound > 0 { return yRange }
        let fitted = ValueRange.fitting(
            series.map(\.samples), from: xRange.lowerBound, to: xRange.upperBound, on: axis, scale: scale, fit: .all)
        return fitted ?? (scale == .linear ? 0...1 : 0.1...1)
    }

    /// Index of the best sample, by series.
    package var bestSample: (series: Int, index: Int)? {
        switch best {
        case .highest(let number) where series.indices.contains(number):
            series[number].samples.pyramid.indexOfMaximum.map { (number, $0) }
        case .lowest(let number) where series.indices.contains(number):
            series[number].samples.pyramid.indexOfMinimum.map { (number, $0) }
        default: nil
        }
    }

    package func draw(in buffer: inout CellBuffer, rect: Rect, appearance: Appearance) {
        let inner = rect.inset(horizontal: 1, vertical: 1)
        guard inner.width >= 8, inner.height >= 3, series.contains(where: { $0.samples.count > 0 }) else {
            buffer.drawFrame(rect, title: title, note: note, appearance: appearance)
            guard inner.width >= 8, inner.height >= 1 else { return }
            let lines = emptyText.wrapped(to: inner.width - 2, lines: inner.height)
            for (row, line) in lines.enumerated() {
                buffer.put(line, x: inner.x + 1, y: inner.y + max(0, (inner.height - lines.count) / 2) + row, style: appearance.muted)
            }
            return
        }
        let layout = ChartLayout(self, inner: inner)
        if let panel { buffer.mark(.plot(panel, share: 0), layout.plot) }
        var canvas = PixelCanvas(columns: layout.plot.width, rows: layout.plot.height, glyphs: glyphs)
        let projection = ChartProjection(
            xRange: xRange, yRange: layout.values, scale: scale, width: canvas.width, height: canvas.height)
        var marks = ChartMarks(), parts = ColumnParts()
        // Raw lines lie behind all smoothed ones.
        for (number, one) in series.enumerated() {
            projection.draw(one.samples, on: axis, ink: UInt8(2 * (number % 120)), parts: &parts, canvas: &canvas, marks: &marks)
        }
        var unmarked = ChartMarks()
        for (number, one) in series.enumerated() {
            guard let smoothed = one.smoothed else { continue }
            projection.draw(smoothed, on: axis, ink: UInt8(2 * (number % 120) + 1), parts: &parts, canvas: &canvas, marks: &unmarked)
        }
        drawFrame(in: &buffer, rect: rect, clipped: marks.clippedCount, appearance: appearance)
        layout.drawAxes(in: &buffer, projection: projection, appearance: appearance)
        let inks = series.map { (style: appearance.series($0.color), isSmoothed: $0.smoothed != nil) }
        canvas.draw(in: &buffer, x: layout.plot.x, y: layout.plot.y) { ink in
            let entry = inks[Int(ink / 2) % inks.count]
            return ink % 2 == 0 && entry.isSmoothed ? entry.style.with(.dim) : entry.style
        }
        drawBest(in: &buffer, plot: layout.plot, projection: projection, appearance: appearance)
        layout.drawMarks(marks, in: &buffer, appearance: appearance)
        layout.drawCursor(in: &buffer, projection: projection, appearance: appearance)
        if layout.hasLegend { drawLegend(in: &buffer, x: inner.x, y: inner.bottom - 1, right: inner.right, appearance: appearance) }
    }

    // MARK: The title

    /// What the title's right end says, most urgent first.
    private func remarks(clipped: Int) -> [(text: String, isProblem: Bool)] {
        var result: [(String, Bool)] = []
        for one in series {
            let count = one.samples.pyramid.summary.nonFinite
            guard count > 0, let first = one.samples.pyramid.firstNonFiniteIndex() else { continue }
            let value = one.samples.pyramid.values[first]
            let name = series.count > 1 ? one.name + " " : ""
            let step = ChartScale.label(one.samples.positions.steps[first], step: 1)
            result.append(("\(name)\(value.isNaN ? "NaN" : "Inf") \(count), first at step \(step)", true))
        }
        if clipped > 0 { result.append(("\(clipped) clipped", true)) }
        if let (number, index) = bestSample {
            let samples = series[number].samples
            let place = axis == .epoch ? samples.positions.epochs[index] : samples.positions.steps[index]
            let unit = axis == .epoch ? "epoch" : "step"
            result.append(("best \(Self.value(samples.pyramid.values[index])) at \(unit) \(ChartScale.label(place.rounded(), step: 1))", false))
        }
        if !note.isEmpty { result.append((note, false)) }
        return result
    }

    private func drawFrame(in buffer: inout CellBuffer, rect: Rect, clipped: Int, appearance: Appearance) {
        var shown = remarks(clipped: clipped)
        let room = rect.width - CharacterWidth.columns(of: title) - 9
        func text() -> String { shown.map(\.text).joined(separator: ", ") }
        while shown.count > 1, CharacterWidth.columns(of: text()) > room { shown.removeLast() }
        let style = shown.contains(where: \.isProblem) ? appearance.style(.error) : appearance.text
        let fitting = room >= 6 ? text().truncated(to: room) : ""
        buffer.drawFrame(rect, title: title, note: fitting, noteStyle: style, appearance: appearance)
    }

    // MARK: Over the lines

    private func drawBest(in buffer: inout CellBuffer, plot: Rect, projection: ChartProjection, appearance: Appearance) {
        guard let (number, index) = bestSample else { return }
        let samples = series[number].samples
        let place = samples.positions.column(axis)[index]
        guard xRange.contains(place) else { return }
        let column = Int(projection.column(place).rounded()), row = Int(projection.row(samples.pyramid.values[index]).rounded())
        guard row >= 0, row < projection.height else { return }
        let mark = appearance.capabilities.unicode ? "◆" : "@"
        buffer.put(
            mark, x: plot.x + column / glyphs.dotsAcross, y: plot.y + row / glyphs.dotsDown,
            style: appearance.series(series[number].color).with(.bold))
    }

    /// One row: a mark, name and value for each line; under the cross-hair the values there.
    private func drawLegend(in buffer: inout CellBuffer, x: Int, y: Int, right: Int, appearance: Appearance) {
        var column = x
        for (number, one) in series.enumerated() {
            let index = cursorStep.map { one.samples.nearestIndex(to: $0, on: .step) } ?? (one.samples.count > 0 ? one.samples.count - 1 : nil)
            var parts: [(String, Style)] = [(String(glyphs.legendMark(series: number)) + one.name, appearance.series(one.color))]
            if !showsValues {
                // Names alone.
            } else if let index {
                if let smoothed = one.smoothed, index < smoothed.count {
                    parts.append((" " + Self.value(smoothed.pyramid.values[index]), appearance.text))
                    parts.append((" raw " + Self.value(one.samples.pyramid.values[index]), appearance.muted))
                } else {
                    parts.append((" " + Self.value(one.samples.pyramid.values[index]), appearance.text))
                }
            } else {
                parts.append((" " + appearance.glyphs.dash, appearance.muted))
            }
            let left = series.count - number
            let needed = parts.reduce(0) { $0 + CharacterWidth.columns(of: $1.0) }
            if column + needed + (left > 1 ? 4 : 0) > right {
                buffer.put("+\(left)", x: column, y: y, style: appearance.muted, maximumWidth: max(0, right - column))
                return
            }
            for part in parts { column = buffer.put(part.0, x: column, y: y, style: part.1) }
            column += 2
        }
    }

    /// A value in about four characters: 0.871, 12.34, 1.2e-4.
    package static func value(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "Inf" }
        let size = abs(value)
        if size == 0 { return "0.000" }
        if size < 0.001 || size >= 100_000 { return String(format: "%.1e", value) }
        if size < 10 { return String(format: "%.3f", value) }
        return String(format: size < 1000 ? "%.1f" : "%.0f", value)
    }
}
