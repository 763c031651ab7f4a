/// How many colours a terminal shows.
package enum ColorDepth: Int, Sendable, Comparable, CaseIterable {
    case none = 0
    case ansi8 = 8
    case ansi16 = 16
    case palette256 = 256
    case trueColor = 16_777_216

    package static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }

    /// The number of the nearest colour that the terminal has: an index of its palette, 0xRRGGBB at full depth,
    /// nil without colours.
    package func index(of color: RGBColor) -> Int? {
        switch self {
        case .none: nil
        case .ansi8: Self.nearest(to: color, among: Self.ansi[..<8])
        case .ansi16: Self.nearest(to: color, among: Self.ansi[...])
        case .palette256: Self.nearestIn256(color)
        case .trueColor: Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue)
        }
    }

    /// xterm's own values of the sixteen ANSI colours.
    private static let ansi: [RGBColor] = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
        (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
    ].map { RGBColor(red: $0.0, green: $0.1, blue: $0.2) }

    private static func nearest(to color: RGBColor, among candidates: ArraySlice<RGBColor>) -> Int {
        var best = 0
        var bestDistance = Int.max
        for (index, candidate) in candidates.enumerated() {
            let distance = distance(color, candidate)
            if distance < bestDistance {
                best = index
                bestDistance = distance
            }
        }
        return best
    }

    /// The 6×6×6 cube (16…231) or the grey ramp (232…255), whichever is nearer. The first sixteen are left out: users redefine them.
    private static func nearestIn256(_ color: RGBColor) -> Int {
        let levels = [0, 95, 135, 175, 215, 255]
        func level(_ value: UInt8) -> Int {
            let offsets = levels.enumerated().map { ($0.offset, abs($0.element - Int(value))) }
            return offsets.min { $0.1 < $1.1 }?.0 ?? 0
        }
        let red = level(color.red), green = level(color.green), blue = level(color.blue)
        let cube = RGBColor(red: UInt8(levels[red]), green: UInt8(levels[green]), blue: UInt8(levels[blue]))
        let mean = (Int(color.red) + Int(color.green) + Int(color.blue)) / 3
        let step = min(23, max(0, (mean - 8 + 5) / 10))
        let shade = UInt8(8 + 10 * step)
        let grey = RGBColor(red: shade, green: shade, blue: shade)
        return distance(color, grey) < distance(color, cube) ? 232 + step : 16 + 36 * red + 6 * green + blue
    }

    /// Squared distance with the weights of perceived brightness.
    private static func distance(_ left: RGBColor, _ right: RGBColor) -> Int {
        let red = Int(left.red) - Int(right.red)
        let green = Int(left.green) - Int(right.green)
        let blue = Int(left.blue) - Int(right.blue)
        return 3 * red * red + 6 * green * green + blue * blue
    }
}
