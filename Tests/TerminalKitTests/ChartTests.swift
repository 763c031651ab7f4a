import Foundation
import Testing

@testable import TerminalKit

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A chart of one series, drawn without colours.
func drawn(
    _ values: [Double], xRange: ClosedRange<Double>? = nil, yRange: ClosedRange<Double>? = 0...1, scale: ValueScale = .linear,
    glyphs: ChartGlyphSet = .braille, width: Int = 40, height: Int = 12, cursor: Double? = nil, smoothing: Double? = nil
) -> CellBuffer {
    let steps = values.indices.map(Double.init)
    let positions = SamplePositions(steps: steps, epochs: steps.map { $0 / 10 }, times: steps)
    let pyramid = SamplePyramid(values)
    var smoothed: SampledSeries?
    if let smoothing {
        var column = SmoothedColumn(weight: smoothing)
        column.follow(pyramid)
        smoothed = SampledSeries(positions: positions, pyramid: column.pyramid)
    }
    var buffer = CellBuffer(size: TerminalSize(width: width, height: height))
    LineChart(
        title: "t", series: [ChartSeries(name: "a", samples: SampledSeries(positions: positions, pyramid: pyramid), smoothed: smoothed, color: 0)],
        xRange: xRange ?? 0...Double(max(1, values.count - 1)), yRange: yRange, scale: scale, glyphs: glyphs, cursorStep: cursor, emptyText: "-"
    ).draw(in: &buffer, rect: buffer.bounds, appearance: Appearance(theme: .dark, capabilities: TerminalCapabilities(colors: .none, unicode: glyphs != .ascii)))
    return buffer
}

@Suite struct ChartTests {
    // MARK: The spike

    /// One sample far above the others lights a dot of the top row, however long the series, wide the chart or near the look.
    @Test(arguments: ChartGlyphSet.allCases) func aSpikeIsSeenAtEveryZoomAndWidth(glyphs: ChartGlyphSet) {
        for seed in UInt64(1)...60 {
            var random = SeededNumbers(state: seed)
            let count = Int.random(in: 2...20_000, using: &random), index = Int.random(in: 0..<count, using: &random)
            var values = (0..<count).map { _ in Double.random(in: 0...0.3, using: &random) }
            values[index] = 1
            var length = count
            while length > 0 {
                let start = Int.random(in: max(0, index - length)...index, using: &random), width = Int.random(in: 16...200, using: &random)
                let window = Double(start)...Double(start + length)
                let top = drawn(values, xRange: window, glyphs: glyphs, width: width).lines[1].dropFirst(5).dropLast()
                #expect(top.contains { $0 != " " }, "seed \(seed): sample \(index) of \(count) in \(window), \(width) columns")
                length /= 3
            }
        }
    }

    @Test func aMillionSamplesHideNoSpike() {
        var values = [Double](repeating: 0, count: 1_000_000)
        for index in [0, 1, 15, 16, 499_999, 777_777, 999_983, 999_984, 999_999] {
            values[index] = 1
            #expect(drawn(values).lines[1].dropFirst(5).dropLast().contains { $0 != " " })
            values[index] = 0
        }
    }

    @Test func aSegmentThatLeavesTheWindowIsCutNotDropped() {
        // Two samples far outside on both sides: the line between them crosses the window.
        let crossing = drawn([0, 1], xRange: 0.4...0.6).lines[1...9].joined()
        #expect(crossing.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        // A value far above a fixed range: the line rises to the edge, which is marked and counted.
        let cut = drawn([0.5, 0.5, 9, 0.5, 0.5], yRange: 0...1)
        #expect(cut.lines[0].contains("1 clipped"))
        #expect(cut.lines[1].contains("▴"))
        #expect(cut.lines[2].unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        #expect(drawn([0.5, -3, -3, 0.5]).lines[0].contains("2 clipped"))
    }

    // MARK: Values that are none

    @Test func notANumberMakesAGapAMarkAndACount() {
        var values = [Double](repeating: 0.5, count: 41)
        for index in 15...25 { values[index] = index % 2 == 1 ? .nan : .infinity }
        let lines = drawn(values, width: 60).lines
        #expect(lines[0].contains("NaN 11, first at step 15"))
        #expect(lines[8].contains("✗"), "the row under the plot marks it")
        let middle = lines.first { line in line.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } } ?? ""
        #expect(middle.contains("     "))
        #expect(!drawn([0.5, 0.5]).text.contains("✗"))
    }

    /// At every zoom a hole in the window is marked, none is where there is no hole, and the title counts all of the series.
    @Test func holesAreMarkedAndCountedAtEveryZoom() {
        for seed in UInt64(1)...60 {
            var random = SeededNumbers(state: seed)
            let count = Int.random(in: 3...5000, using: &random)
            var values = (0..<count).map { _ in Double.random(in: 0...1, using: &random) }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                values[Int.random(in: 0..<count, using: &random)] = [.nan, .infinity, -.infinity].randomElement(using: &random) ?? .nan
            }
            let holes = values.indices.filter { !values[$0].isFinite }
            var length = count
            while length > 0 {
                let start = Int.random(in: 0..<count, using: &random), window = Double(start)...Double(start + length)
                let text = drawn(values, xRange: window, width: Int.random(in: 50...200, using: &random)).text
                let isSeen = holes.contains { (start...(start + length)).contains($0) }
                #expect(text.contains("✗") == isSeen, "seed \(seed): holes \(holes) of \(count) in \(window)")
                let title = "\(values[holes[0]].isNaN ? "NaN" : "Inf") \(holes.count), first at step \(ChartScale.label(Double(holes[0]), step: 1))"
                #expect(text.contains(title), "seed \(seed): \(title)")
                length /= 3
            }
        }
    }

    // MARK: Scales

    @Test func aLogScaleMarksWhatItCannotShow() {
        let lines = drawn([100, 10, 0, -5, 1, 0.1], yRange: nil, scale: .logarithmic, width: 60, height: 20).lines
        #expect(lines.joined().contains("▾"))
        for label in ["100", "10", "1", "0.1"] { #expect(lines.contains { $0.dropFirst().trimmingCharacters(in: .whitespaces).hasPrefix(label) }, "\(label)") }
    }

    @Test func ticksAreRound() {
        #expect(ChartScale.ticks(in: 0...1, maximum: 6) == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(ChartScale.ticks(in: 0...500, maximum: 6) == [0, 100, 200, 300, 400, 500])
        #expect(ChartScale.ticks(in: 0...3, maximum: 10, integers: true) == [0, 1, 2, 3])
        #expect(ChartScale.label(0.25, step: 0.05) == "0.25")
        #expect(ChartScale.label(20_000, step: 5000) == "20k")
        #expect(ChartScale.logarithmicTicks(in: 0.1...10, maximum: 10) == [0.1, 0.2, 0.5, 1, 2, 5, 10])
        #expect(ChartScale.logarithmicTicks(in: 1e-8...1, maximum: 4).count <= 4)
        #expect(ChartScale.timeTicks(in: 0...3600, maximum: 5) == [0, 900, 1800, 2700, 3600])
        #expect([45, 300, 5400, 7200].map(ChartScale.timeLabel) == ["45s", "5m", "1h30", "2h"])
        for span in [1e-9, 0.3, 7, 1234, 1e12] {
            for maximum in 1...12 {
                #expect(ChartScale.ticks(in: 0...span, maximum: maximum).count <= maximum)
                #expect(ChartScale.logarithmicTicks(in: 1e-12...span, maximum: maximum).count <= maximum)
                #expect(ChartScale.timeTicks(in: 0...span, maximum: maximum).count <= maximum + 1)
            }
        }
    }

    @Test func theRangeIsSteady() {
        var range = SteadyRange()
        range.follow(0...10, at: 0, scale: .linear)
        range.follow(0...9, at: 5, scale: .linear)
        #expect(range.shown == 0...10, "a little less does not move it")
        range.follow(0...12, at: 5.1, scale: .linear)
        #expect(range.shown == 0...12, "what leaves it widens it at once")
        range.follow(0...2, at: 5.2, scale: .linear)
        #expect(range.shown == 0...12, "it narrows at most once a second")
        range.follow(0...2, at: 6.2, scale: .linear)
        #expect(range.shown == 0...2)
    }

    @Test func outliersAreCutOffOnlyWhenAsked() throws {
        var values = (0..<1000).map { 1 + 0.1 * sin(Double($0)) }
        values[500] = 1000
        let steps = values.indices.map(Double.init)
        let series = SampledSeries(positions: SamplePositions(steps: steps, epochs: steps, times: steps), pyramid: SamplePyramid(values))
        let all = try #require(ValueRange.fitting([series], from: 0, to: 999, on: .step, scale: .linear, fit: .all))
        let most = try #require(ValueRange.fitting([series], from: 0, to: 999, on: .step, scale: .linear, fit: .withoutOutliers))
        #expect(all.upperBound >= 1000)
        #expect(most.upperBound < 2)
    }

    // MARK: The cross-hair

    @Test func theCrossHairSnapsToASampleAndShowsItsValue() {
        let lines = drawn([0.1, 0.2, 0.9, 0.4, 0.5], cursor: 2.3).lines
        #expect(lines[10].contains("0.900"))
        #expect(lines[9].contains(" 2 "))
        #expect(lines[5].contains("│"))
    }

    @Test func strangeInputDraws() {
        for values in [[], [Double.nan], [1e308, -1e308], [0, 0], [5], [.infinity, -1e308, .leastNonzeroMagnitude]] {
            for width in [0, 1, 9, 20, 60] {
                for scale in [ValueScale.linear, .logarithmic] {
                    for glyphs in ChartGlyphSet.allCases {
                        _ = drawn(values, yRange: nil, scale: scale, glyphs: glyphs, width: width, height: width / 2, cursor: 1, smoothing: 0.9)
                    }
                }
            }
        }
    }

    @Test func glyphSetsDrawOnlyTheirOwnCharacters() {
        let values = (0..<300).map { (sin(Double($0) / 20) + 1) / 2 }
        #expect(drawn(values, glyphs: .ascii).text.allSatisfy { $0.isASCII })
        #expect(drawn(values, glyphs: .quadrant).text.contains("▚") || drawn(values, glyphs: .quadrant).text.contains("▞"))
        #expect(drawn(values, glyphs: .halfBlock).text.contains("▀"))
    }

    /// The raw line stays under the smoothed one: what it drew alone is drawn still.
    @Test(arguments: ChartGlyphSet.allCases) func smoothingHidesNothingOfTheRawLine(glyphs: ChartGlyphSet) {
        for seed in UInt64(1)...40 {
            var random = SeededNumbers(state: seed)
            let values = (0..<Int.random(in: 2...3000, using: &random)).map { _ in Double.random(in: 0...1, using: &random) }
            let weight = Double.random(in: 0.1..<0.999, using: &random), width = Int.random(in: 20...120, using: &random)
            let raw = drawn(values, glyphs: glyphs, width: width), both = drawn(values, glyphs: glyphs, width: width, smoothing: weight)
            for y in 1..<9 {
                for x in 5..<(width - 1) where raw[x: x, y: y].character != " " {
                    #expect(both[x: x, y: y].character != " ", "seed \(seed): \(values.count) values, weight \(weight), cell \(x), \(y)")
                }
            }
        }
    }

    @Test func theLegendTellsRawFromSmoothed() {
        let lines = drawn([1, 1, 1, 0], smoothing: 0.9).lines
        #expect(lines[10].contains("raw 0.000"))
    }
}

@Suite struct SampleTests {
    private func strange(_ random: inout SeededNumbers) -> Double {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .nan
        case 1: .infinity
        case 2: 0
        default: Double.random(in: -5...5, using: &random)
        }
    }

    /// The pyramid's answers are those of a plain look at all values.
    @Test func thePyramidAgreesWithAPlainLook() {
        var random = SeededNumbers(state: 3)
        for _ in 0..<60 {
            let values = (0..<Int.random(in: 0...3000, using: &random)).map { _ in strange(&random) }
            var pyramid = SamplePyramid()
            var rest = values[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...200, using: &random))
                if part.count == 1 { pyramid.append(part[part.startIndex]) } else { pyramid.append(contentsOf: Array(part)) }
                rest = rest.dropFirst(part.count)
            }
            if Bool.random(using: &random) {
                let cut = Int.random(in: 0...values.count, using: &random)
                pyramid.removeValues(from: cut)
                pyramid.append(contentsOf: Array(values[cut...]))
            }
            for _ in 0..<20 {
                let low = Int.random(in: 0...values.count, using: &random), high = Int.random(in: low...values.count, using: &random)
                var plain = SamplePyramid.Summary()
                for value in values[low..<high] { plain.add(value) }
                #expect(pyramid.summary(low..<high) == plain)
                let bound = Double.random(in: -6...6, using: &random)
                #expect(pyramid.count(above: bound, in: low..<high) == values[low..<high].count { $0.isFinite && $0 > bound })
                #expect(pyramid.count(below: bound, in: low..<high) == values[low..<high].count { $0.isFinite && $0 < bound })
                #expect(pyramid.firstNonFiniteIndex(from: low) == values[low...].firstIndex { !$0.isFinite })
            }
            let finite = values.filter(\.isFinite)
            #expect(pyramid.indexOfMaximum == finite.max().flatMap { top in values.firstIndex { $0 == top } })
            #expect(pyramid.indexOfMinimum == finite.min().flatMap { bottom in values.firstIndex { $0 == bottom } })
        }
    }

    /// Smoothing is, sample by sample, the sum of all finite values so far, each weighted by what is left of it.
    @Test func smoothingIsTheDirectFormula() {
        for seed in UInt64(1)...40 {
            var random = SeededNumbers(state: seed)
            let values = (0..<Int.random(in: 1...300, using: &random)).map { _ in strange(&random) }
            let weight = [0, 0.5, 0.9, 0.99, Double.random(in: 0..<1, using: &random)][Int(seed % 5)]
            var column = SmoothedColumn(weight: weight), end = 0
            while end < values.count {
                end = min(values.count, end + Int.random(in: 1...90, using: &random))
                column.follow(SamplePyramid(Array(values.prefix(end))))
            }
            #expect(column.pyramid.count == values.count, "seed \(seed)")
            for (index, smoothed) in column.pyramid.values.enumerated() {
                guard values[index].isFinite else {
                    #expect(smoothed.isNaN, "seed \(seed), at \(index)")
                    continue
                }
                var sum = 0.0, weights = 0.0, share = 1.0
                for value in values[...index].reversed() where value.isFinite {
                    sum += share * value
                    weights += share
                    share *= weight
                }
                #expect(abs(smoothed - sum / weights) <= 1e-9 * max(1, abs(smoothed)), "seed \(seed), weight \(weight), at \(index)")
            }
            // Without the pull to zero the first value stands as it is.
            if let first = values.firstIndex(where: \.isFinite) { #expect(abs(column.pyramid.values[first] - values[first]) < 1e-12, "seed \(seed)") }
        }
    }

    @Test func seriesShareTheirPositionsUntilTheyPart() {
        func positions(_ steps: ClosedRange<Int>, scale: Double = 1) -> SamplePositions {
            let steps = steps.map { Double($0) }
            return SamplePositions(steps: steps, epochs: steps.map { $0 * scale }, times: steps)
        }
        var table = SampleTable()
        for name in ["a", "b"] { table.append(Array(repeating: 1, count: 10), at: positions(1...10), to: name) }
        table.append([2, 2], at: positions(11...12), to: "a")
        table.append([3], at: positions(11...11, scale: 2), to: "b")
        #expect(table.series("a").positions.steps.last == 12)
        #expect(table.series("a").positions.epochs[10] == 11)
        #expect(table.series("b").positions.epochs[10] == 22)
        #expect(table.series("b").count == 11)
        // Going back to step 5 replaces what followed.
        table.append([9, 9], at: positions(5...6), to: "a")
        #expect(table.series("a").count == 6)
        #expect(table.series("a").pyramid.values == [1, 1, 1, 1, 9, 9])
        #expect(table.series("a").positions.steps.prefix(6) == [1, 2, 3, 4, 5, 6])
        #expect(table.series("b").positions.steps.prefix(11).last == 11)
        // A clock that goes back does not fold the line.
        table.append([1, 1, 1], at: SamplePositions(steps: [1, 2, 3], epochs: [1, 2, 3], times: [5, 3, 8]), to: "c")
        #expect(table.series("c").positions.times.prefix(3) == [5, 5, 8])
        #expect(table.series("c").nearestIndex(to: 2.4, on: .step) == 1)
        #expect(table.series("none").nearestIndex(to: 2, on: .step) == nil)
    }
}
