/// Kubernetes quantities: "2", "500m", "1.5", "4Gi", "200M".
package enum ResourceQuantity {
    /// The quantity in units (cores, or bytes); nil when the text is none or not above zero.
    package static func parse(_ text: String) -> Double? {
        let suffixes: [(String, Double)] = [
            ("Ki", 0x1p10), ("Mi", 0x1p20), ("Gi", 0x1p30), ("Ti", 0x1p40),
            ("m", 1e-3), ("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12),
        ]
        var digits = text[...], factor = 1.0
        if let (suffix, value) = suffixes.first(where: { text.hasSuffix($0.0) }) {
            digits = text.dropLast(suffix.count)
            factor = value
        }
        guard let number = Double(digits), number > 0, number.isFinite else { return nil }
        return number * factor
    }
}
