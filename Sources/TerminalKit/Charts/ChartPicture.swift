import Foundation

/// Charts as a picture for papers and pages: SVG, one chart below the other.
package enum ChartPicture {
    private static let width = 960.0
    private static let height = 320.0
    private static let margin = (left: 70.0, right: 20.0, top: 36.0, bottom: 56.0)

    /// The picture of the charts that have samples. Its colours are the theme's.
    package static func svg(_ charts: [LineChart], theme: Theme) -> String {
        let drawn = charts.filter { $0.series.contains { $0.samples.count > 0 } }
        let total = height * Double(max(1, drawn.count))
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(number(width))" height="\#(number(total))" viewBox="0 0 \#(number(width)) \#(number(total))" font-family="sans-serif" font-size="12">"#,
            #"<rect width="100%" height="100%" fill="\#(color(theme.colors[.background], or: "#ffffff"))"/>"#,
        ]
        for (index, chart) in drawn.enumerated() { lines += picture(of: chart, top: height * Double(index), theme: theme) }
        return lines.joined(separator: "\n") + "\n</svg>\n"
    }

    private static func picture(of chart: LineChart, top: Double, theme: Theme) -> [String] {
        let plotWidth = width - margin.left - margin.right, plotHeight = height - margin.top - margin.bottom
        // A dot of the projection is half a pixel.
        let projection = ChartProjection(
            xRange: chart.xRange, yRange: chart.shownRange, scale: chart.scale, width: Int(plotWidth * 2) + 1, height: Int(plotHeight * 2) + 1)
        func x(_ place: Double) -> Double { margin.left + projection.column(place) / 2 }
        func y(_ value: Double) -> Double { top + margin.top + min(plotHeight, max(0, projection.row(value) / 2)) }
        let text = color(theme.colors[.text], or: "#000000"), muted = color(theme.colors[.muted], or: "#666666")
        let edge = color(theme.colors[.border], or: "#bbbbbb")
        var lines = [#"<text x="\#(number(margin.left))" y="\#(number(top + 22))" font-weight="bold" fill="\#(text)">\#(escaped(chart.title))</text>"#]
        let range = chart.shownRange
        let ticks = chart.scale == .linear ? ChartScale.ticks(in: range, maximum: 7) : ChartScale.logarithmicTicks(in: range, maximum: 8)
        let step = ticks.count > 1 ? ticks[1] - ticks[0] : range.upperBound - range.lowerBound
        for tick in ticks {
            let label = ChartScale.label(tick, step: chart.scale == .linear ? step : tick)
            lines.append(#"<path d="M\#(number(margin.left)) \#(number(y(tick)))H\#(number(width - margin.right))" stroke="\#(edge)" stroke-width="0.5"/>"#)
            lines.append(#"<text x="\#(number(margin.left - 8))" y="\#(number(y(tick) + 4))" text-anchor="end" fill="\#(muted)">\#(escaped(label))</text>"#)
        }
        let places = chart.axis == .time ? ChartScale.timeTicks(in: chart.xRange, maximum: 8) : ChartScale.ticks(in: chart.xRange, maximum: 9)
        let placeStep = places.count > 1 ? places[1] - places[0] : 1
        for place in places {
            let label = chart.axis == .time ? ChartScale.timeLabel(place) : ChartScale.label(place, step: placeStep)
            lines.append(#"<text x="\#(number(x(place)))" y="\#(number(top + height - margin.bottom + 18))" text-anchor="middle" fill="\#(muted)">\#(escaped(label))</text>"#)
        }
        lines.append(#"<text x="\#(number(width - margin.right))" y="\#(number(top + 22))" text-anchor="end" fill="\#(muted)">over \#(chart.axis.rawValue)</text>"#)
        var legend = margin.left
        for one in chart.series {
            let ink = color(theme.colors[ThemeRole.series[one.color % ThemeRole.series.count]], or: "#000000")
            let isBehind = one.smoothed != nil
            lines += paths(of: one.samples, chart: chart, x: x, y: y, ink: ink, opacity: isBehind ? 0.35 : 1)
            if let smoothed = one.smoothed { lines += paths(of: smoothed, chart: chart, x: x, y: y, ink: ink, opacity: 1) }
            let baseline = top + height - 14
            lines.append(#"<path d="M\#(number(legend)) \#(number(baseline - 4))h16" stroke="\#(ink)" stroke-width="2"/>"#)
            lines.append(#"<text x="\#(number(legend + 22))" y="\#(number(baseline))" fill="\#(text)">\#(escaped(one.name))</text>"#)
            legend += 40 + 7.5 * Double(CharacterWidth.columns(of: one.name))
        }
        return lines
    }

    /// A line for each stretch without gaps; of many samples in one place the first, the extremes and the last.
    private static func paths(
        of series: SampledSeries, chart: LineChart, x: (Double) -> Double, y: (Double) -> Double, ink: String, opacity: Double
    ) -> [String] {
        let places = series.positions.column(chart.axis), values = series.pyramid.values
        let start = max(0, series.firstIndex(at: chart.xRange.lowerBound, on: chart.axis))
        let end = series.firstIndex(at: chart.xRange.upperBound, on: chart.axis, after: true)
        let group = max(1, (end - start) / 1600)
        var stretches: [String] = [], current = ""
        func close() {
            if !current.isEmpty { stretches.append(current) }
            current = ""
        }
        func add(_ place: Double, _ value: Double) {
            guard value.isFinite, chart.scale == .linear || value > 0 else { return close() }
            current += (current.isEmpty ? "M" : "L") + number(x(place)) + " " + number(y(value))
        }
        var index = start
        while index < end {
            let next = min(end, index + group)
            let summary = series.pyramid.summary(index..<next)
            add(places[index], values[index])
            if next - index > 2 {
                if summary.nonFinite > 0 { close() }
                if summary.hasValues {
                    add(places[index], summary.minimum)
                    add(places[index], summary.maximum)
                }
            }
            if next - index > 1 { add(places[next - 1], values[next - 1]) }
            index = next
        }
        close()
        return stretches.map {
            // A stretch of one sample is a dot: a round cap shows it.
            #"<path d="\#($0.contains("L") ? $0 : $0 + "h0")" fill="none" stroke="\#(ink)" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" opacity="\#(number(opacity))"/>"#
        }
    }

    private static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }

    private static func color(_ color: TerminalColor?, or other: String) -> String {
        color.map(ColorDepth.rgb).map { String(format: "#%02x%02x%02x", $0.red, $0.green, $0.blue) } ?? other
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
