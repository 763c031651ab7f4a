import Foundation

/// How a chart's vertical axis is drawn.
package enum ValueScale: String, Equatable, Sendable {
    case linear, logarithmic
}

/// What a chart's vertical axis is fitted to.
package enum ValueFit: Equatable, Sendable {
    /// Every value.
    case all
    /// All but the few that lie far from the others.
    case withoutOutliers
    /// A range that stays: rates from 0 to 1.
    case fixed(ClosedRange<Double>)
}

/// Finds the vertical range of a chart.
package enum ValueRange {
    /// A round range for what the series hold between two places; nil without a value that the scale can show.
    package static func fitting(
        _ series: [SampledSeries], from low: Double, to high: Double, on axis: ChartAxis, scale: ValueScale, fit: ValueFit
    ) -> ClosedRange<Double>? {
        if case .fixed(let range) = fit, scale == .linear { return range }
        var bottom = Double.infinity, top = -Double.infinity
        for one in series {
            let range = one.firstIndex(at: low, on: axis)..<one.firstIndex(at: high, on: axis, after: true)
            guard let found = ends(of: one, range, scale: scale, withoutOutliers: fit == .withoutOutliers) else { continue }
            bottom = min(bottom, found.lowerBound)
            top = max(top, found.upperBound)
        }
        guard bottom <= top else { return nil }
        return scale == .linear ? rounded(bottom...top) : decades(bottom...top)
    }

    /// A range around two ends that are round.
    static func rounded(_ ends: ClosedRange<Double>) -> ClosedRange<Double> {
        var low = ends.lowerBound, high = ends.upperBound
        // Losses and rates are read against zero as long as that costs no more than half of the height.
        if low > 0, low < high / 2 { low = 0 }
        if high - low < max(abs(high), 1e-9) * 1e-6 {
            let pad = max(abs(high) * 0.1, 1e-6)
            low -= pad
            high += pad
        }
        let step = ChartScale.niceStep(atLeast: (high - low) / 8)
        let bottom = (low / step + 1e-9).rounded(.down) * step, top = (high / step - 1e-9).rounded(.up) * step
        if bottom.isFinite, top.isFinite, bottom < top { return bottom...top }
        // Too far apart for a difference to exist.
        return max(-1e307, ends.lowerBound)...max(-1e306, min(1e307, ends.upperBound))
    }

    /// 1, 2 or 5 times a power of ten at both ends.
    private static func decades(_ ends: ClosedRange<Double>) -> ClosedRange<Double> {
        let below = pow(10, floor(log10(ends.lowerBound)))
        let low = [5, 2, 1].map { $0 * below }.first { $0 <= ends.lowerBound * (1 + 1e-12) } ?? below
        let high = ChartScale.niceStep(atLeast: ends.upperBound)
        return low > 0 && low < high ? low...high : max(ends.lowerBound / 2, Double.leastNonzeroMagnitude)...max(ends.upperBound * 2, 1e-300)
    }

    private static func ends(
        of series: SampledSeries, _ range: Range<Int>, scale: ValueScale, withoutOutliers: Bool
    ) -> ClosedRange<Double>? {
        let all = series.pyramid.summary(range)
        let low = scale == .linear ? all.minimum : all.leastPositive
        guard low <= all.maximum, low.isFinite else { return nil }
        guard withoutOutliers, range.count >= 20 else { return low...all.maximum }
        // At most 512 parts: their extremes stand for the values.
        let parts = min(512, range.count)
        var lows: [Double] = [], highs: [Double] = []
        for part in 0..<parts {
            let start = range.lowerBound + range.count * part / parts, end = range.lowerBound + range.count * (part + 1) / parts
            let found = series.pyramid.summary(start..<end)
            let least = scale == .linear ? found.minimum : found.leastPositive
            guard least <= found.maximum, least.isFinite else { continue }
            lows.append(least)
            highs.append(found.maximum)
        }
        lows.sort()
        highs.sort()
        guard lows.count >= 20 else { return low...all.maximum }
        let cut = lows.count / 20
        return lows[cut]...max(lows[cut], highs[highs.count - 1 - cut])
    }
}

/// The range that a chart shows. It follows the values without trembling: what leaves it widens it at once, and it narrows
/// at most once a second, when the values fill less than half of it.
package struct SteadyRange: Equatable, Sendable {
    package private(set) var shown: ClosedRange<Double>?
    private var changedAt = -Double.infinity

    package init() {}

    package mutating func follow(_ fit: ClosedRange<Double>?, at time: Double, scale: ValueScale) {
        guard let fit else { return }
        guard let shown else { return set(fit, time) }
        let leaves = fit.lowerBound < shown.lowerBound || fit.upperBound > shown.upperBound
        let isSmall = size(fit, scale) < size(shown, scale) / 2
        if leaves || (isSmall && time - changedAt >= 1) { set(fit, time) }
    }

    /// Forgets the range: the scale, the fit or the shown part has changed.
    package mutating func reset() { self = SteadyRange() }

    private mutating func set(_ range: ClosedRange<Double>, _ time: Double) {
        shown = range
        changedAt = time
    }

    private func size(_ range: ClosedRange<Double>, _ scale: ValueScale) -> Double {
        switch scale {
        case .linear: range.upperBound - range.lowerBound
        case .logarithmic: log10(range.upperBound) - log10(range.lowerBound)
        }
    }
}
