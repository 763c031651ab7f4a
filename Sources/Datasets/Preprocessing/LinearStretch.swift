/// Stretches each channel so that two of its percentiles become 0 and 255; what lies beyond is cut off.
package struct LinearStretch: Codable, Sendable, Equatable {
    package var apply = false
    /// Percentiles 0…100 of the channel's levels, interpolated between levels; the lower one below the upper one.
    package var lowerPercentile = 2.0
    package var upperPercentile = 98.0

    enum CodingKeys: String, CodingKey {
        case apply
        case lowerPercentile = "lower_percentile", upperPercentile = "upper_percentile"
    }

    package init() {}

    /// The stretched picture; a channel whose percentiles fall on one level stays as it is.
    package func apply(to image: RGBImage) -> RGBImage {
        guard apply, !image.pixels.isEmpty else { return image }
        return image.mapped(channelTables: image.histograms().map { counts in
            let low = Self.percentile(lowerPercentile, of: counts), high = Self.percentile(upperPercentile, of: counts)
            guard high > low else { return Array(0...255) }
            return (0..<256).map { UInt8(min(max(((Double($0) - low) * 255 / (high - low) + 0.5).rounded(.down), 0), 255)) }
        })
    }

    /// The level below which that many percent of the pixels lie, between two levels in proportion.
    static func percentile(_ percent: Double, of counts: [Int]) -> Double {
        let total = counts.reduce(0, +)
        let place = min(max(percent / 100, 0), 1) * Double(total - 1)
        func level(at rank: Int) -> Double {
            var seen = 0
            for (level, count) in counts.enumerated() {
                seen += count
                if seen > rank { return Double(level) }
            }
            return 255
        }
        let below = Int(place)
        let first = level(at: below), second = level(at: min(below + 1, total - 1))
        return first + (second - first) * (place - Double(below))
    }
}
