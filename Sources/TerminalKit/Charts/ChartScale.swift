import Foundation

/// Round numbers for axes: steps of 1, 2 or 5 times a power of ten.
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

    /// The smallest 1, 2 or 5 times a power of ten that is not below the value.
    package static func niceStep(atLeast value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        let power = pow(10, floor(log10(value)))
        for factor in [1.0, 2, 5] where factor * power >= value * (1 - 1e-12) { return factor * power }
        return 10 * power
    }

    /// A range around the finite values whose ends are round; rates keep 0…1.
    package static func range(of values: [Double]) -> ClosedRange<Double> {
        let finite = values.filter(\.isFinite)
        guard var low = finite.min(), var high = finite.max() else { return 0...1 }
        // Losses and rates are read against zero as long as that costs no more than half of the height.
        if low > 0, low < high / 2 { low = 0 }
        if high - low < Swift.max(abs(high), 1e-9) * 1e-6 {
            let pad = Swift.max(abs(high) * 0.1, 1e-6)
            low -= pad
            high += pad
        }
        let step = niceStep(atLeast: (high - low) / 8)
        let bottom = (low / step + 1e-9).rounded(.down) * step
        let top = (high / step - 1e-9).rounded(.up) * step
        return bottom < top ? bottom...top : low...high
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
