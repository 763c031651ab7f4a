/// A number that is typed or stepped, within a range.
package struct NumberField: Equatable, Sendable {
    package private(set) var field: TextField
    package private(set) var range: ClosedRange<Double>
    package let step: Double
    package let decimals: Int

    package init(value: Double, range: ClosedRange<Double>, step: Double = 1, decimals: Int = 0) {
        self.range = range
        self.step = step
        self.decimals = decimals
        field = TextField(text: Self.text(of: value, decimals: decimals), maximumLength: 12)
    }

    /// The typed number if it is one and lies in the range.
    package var value: Double? {
        guard let number = Double(field.text.replacing(",", with: ".")), number.isFinite, range.contains(number) else { return nil }
        return decimals == 0 && number != number.rounded() ? nil : number
    }

    /// What is wrong with what was typed; nil when nothing is.
    package var problem: String? {
        guard value == nil else { return nil }
        let low = Self.text(of: range.lowerBound, decimals: decimals), high = Self.text(of: range.upperBound, decimals: decimals)
        return decimals == 0 ? "a whole number from \(low) to \(high)" : "a number from \(low) to \(high)"
    }

    package mutating func setValue(_ value: Double) {
        field.replace(with: Self.text(of: value, decimals: decimals))
    }

    package mutating func setRange(_ range: ClosedRange<Double>) {
        self.range = range
    }

    /// Left, right, plus and minus step; digits and editing keys type.
    package mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .right, .character("+"): change(by: step)
        case .left, .character("-"): change(by: -step)
        case .character(let character):
            guard character.isASCII, character.isNumber || (decimals > 0 && (character == "." || character == ",")) else { return false }
            return field.handle(key)
        case .backspace, .delete, .home, .end, .control("u"), .control("k"): return field.handle(key)
        default: return false
        }
        return true
    }

    private mutating func change(by amount: Double) {
        let current = value ?? range.lowerBound
        setValue(min(range.upperBound, max(range.lowerBound, current + amount)))
    }

    private static func text(of value: Double, decimals: Int) -> String {
        guard decimals > 0 else { return String(Int(max(-1e15, min(1e15, value.rounded())))) }
        let scale = (0..<decimals).reduce(1.0) { factor, _ in factor * 10 }
        let scaled = Int(max(-1e15, min(1e15, (value * scale).rounded())))
        let whole = abs(scaled) / Int(scale), part = abs(scaled) % Int(scale)
        let digits = String(part)
        return (scaled < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
    }
}
