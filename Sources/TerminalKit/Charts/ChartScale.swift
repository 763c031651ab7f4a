import Foundation

/// Round numbers for axes: steps of 1, 2 or 5 times a power of ten, on linear and on logarithmic axes, and round times.
package enum ChartScale {
    /// Ascending ticks inside the range, at most `maximum` of them.
    package static func ticks(in range: ClosedRange<Double>, maximum: Int, integers: Bool = false) -> [Double] {
        let span = range.upperBound - range.lowerBound
        guard maximum > 0, span > 0, span.isFinite else { return [range.lowerBound].filter(\.isFinite) }
        var step = niceStep(atLeast: span / Double(maximum))
        if integers { step = max(1, step) }
        for _ in 0..<4 {
            let first = (range.lowerBound / step - 1e-9).rounded(.up)
            let last = (range.upperBound / step + 1e-9).rounded(.down)
            guard last >= first else { return [] }
            if Int(last - first) + 1 <= maximum { return (0...Int(last - first)).map { (first + Double($0)) * step } }
            step = niceStep(atLeast: step * 1.01)
        }
        return []
    }

    /// Decades inside a range above zero, with their doubles and halves where there is room; every so many decades where not.
    package static func logarithmicTicks(in range: ClosedRange<Double>, maximum: Int) -> [Double] {
        guard maximum > 0, range.lowerBound > 0, range.upperBound.isFinite else { return [] }
        let first = Int(floor(log10(range.lowerBound) + 1e-9)), last = Int(ceil(log10(range.upperBound) - 1e-9))
        func inside(_ factors: [Double], every stride: Int) -> [Double] {
            let low = range.lowerBound * (1 - 1e-9), high = range.upperBound * (1 + 1e-9)
            var found: [Double] = []
            for power in Swift.stride(from: first, through: last, by: stride) {
                let decade = pow(10, Double(power))
                for factor in factors where factor * decade >= low && factor * decade <= high { found.append(factor * decade) }
            }
            return found
        }
        for factors in [[1.0, 2, 5], [1, 3], [1]] {
            let found = inside(factors, every: 1)
            if found.count <= maximum, found.count > 1 { return found }
        }
        for stride in 1...Swift.max(1, last - first + 1) {
            let found = inside([1], every: stride)
            if found.count <= maximum { return found }
        }
        return []
    }

    /// Round times in a range of seconds: seconds, minutes or hours.
    package static func timeTicks(in range: ClosedRange<Double>, maximum: Int) -> [Double] {
        let span = range.upperBound - range.lowerBound
        guard maximum > 0, span > 0, span.isFinite else { return [] }
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200]
        let step = steps.first { span / $0 < Double(maximum) } ?? niceStep(atLeast: span / Double(maximum) / 86400) * 86400
        let first = (range.lowerBound / step).rounded(.up), last = (range.upperBound / step).rounded(.down)
        return last >= first ? (0...Int(last - first)).map { (first + Double($0)) * step } : []
    }

    /// Seconds as 40s, 5m, 1h30, 2d.
    package static func timeLabel(_ seconds: Double) -> String {
        let total = Int(Swift.min(Swift.max(0, seconds), 1e10).rounded())
        if total < 60 { return "\(total)s" }
        if total < 3600 { return total % 60 == 0 ? "\(total / 60)m" : "\(total / 60)m\(total % 60 < 10 ? "0" : "")\(total % 60)" }
        if total < 172_800 {
            let minutes = total % 3600 / 60
            return minutes == 0 ? "\(total / 3600)h" : "\(total / 3600)h\(minutes < 10 ? "0" : "")\(minutes)"
        }
        return "\(total / 86400)d" + (total % 86400 >= 3600 ? "\(total % 86400 / 3600)h" : "")
    }

    /// The smallest 1, 2 or 5 times a power of ten that is not below the value.
    package static func niceStep(atLeast value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        let power = pow(10, floor(log10(value)))
        for factor in [1.0, 2, 5] where factor * power >= value * (1 - 1e-12) { return factor * power }
        return 10 * power
    }

    /// A tick's label: as many decimals as the step needs, thousands as k and millions as M, tiny and huge values as 1e-4.
    package static func label(_ value: Double, step: Double) -> String {
        let size = Swift.max(abs(value), abs(step))
        if abs(value) < step * 1e-6, size >= 1e4 || size < 1e-3 { return "0" }
        if size >= 1e9 || (size < 1e-3 && size > 0) { return scientific(value) }
        if size >= 1e6, step >= 1e4 { return trimmed(value / 1e6, decimals: 2) + "M" }
        if size >= 1e4, step >= 100 { return trimmed(value / 1e3, decimals: 1) + "k" }
        let decimals = Swift.max(0, Int(ceil(-log10(Swift.max(step, 1e-9)) - 1e-9)))
        return String(format: "%.\(decimals)f", abs(value) < step * 1e-6 ? 0 : value)
    }

    private static func trimmed(_ value: Double, decimals: Int) -> String {
        var text = String(format: "%.\(decimals)f", value)
        while text.contains("."), text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private static func scientific(_ value: Double) -> String {
        let exponent = Int(floor(log10(abs(value)) + 1e-9))
        return trimmed(value / pow(10, Double(exponent)), decimals: 1) + "e\(exponent)"
    }
}
