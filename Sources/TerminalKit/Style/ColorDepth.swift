/// How many colours a terminal shows.
package enum ColorDepth: Int, Sendable, Comparable, CaseIterable {
    case none = 0
    case ansi8 = 8
    case ansi16 = 16
    case palette256 = 256
    case trueColor = 16_777_216

    package static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }

    /// The number by which the terminal knows the nearest colour that it has: an index of its palette, 0xRRGGBB at full
    /// depth (where numbers below 16 are the palette's own), nil without colours.
    package func index(of color: TerminalColor) -> Int? {
        switch (self, color) {
        case (.none, _): nil
        case (.trueColor, .rgb(let color)): max(16, Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue))
        case (.trueColor, .palette(let index)): index < 16 ? Int(index) : self.index(of: .rgb(Self.palette[Int(index)]))
        case (.palette256, .palette(let index)): Int(index)
        case (.palette256, .rgb(let color)): Self.nearestIn256(color)
        case (.ansi16, .palette(let index)) where index < 16: Int(index)
        case (.ansi8, .palette(let index)) where index < 16: Int(index % 8)
        case (.ansi16, _), (.ansi8, _): Self.nearest(to: Self.rgb(color), among: indices)
        }
    }

    /// The palette entries that colours may be quantised to. Of 256, the first sixteen are left out: users redefine them.
    var indices: Range<Int> {
        switch self {
        case .none, .trueColor: 0..<0
        case .ansi8: 0..<8
        case .ansi16: 0..<16
        case .palette256: 16..<256
        }
    }

    /// What a colour looks like, as far as that can be known: xterm's values for the palette.
    package static func rgb(_ color: TerminalColor) -> RGBColor {
        switch color {
        case .rgb(let color): color
        case .palette(let index): palette[Int(index)]
        }
    }

    /// xterm's own values: sixteen ANSI colours, a 6×6×6 cube, a grey ramp.
    static let palette: [RGBColor] = {
        let ansi: [(UInt8, UInt8, UInt8)] = [
            (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
            (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
        ]
        var colors = ansi.map { RGBColor(red: $0.0, green: $0.1, blue: $0.2) }
        for red in levels {
            for green in levels {
                for blue in levels { colors.append(RGBColor(red: red, green: green, blue: blue)) }
            }
        }
        for step in 0..<24 {
            let shade = UInt8(8 + 10 * step)
            colors.append(RGBColor(red: shade, green: shade, blue: shade))
        }
        return colors
    }()

    static let perceivedPalette: [PerceivedColor] = palette.map { PerceivedColor($0) }

    private static let levels: [UInt8] = [0, 95, 135, 175, 215, 255]

    private static func nearest(to color: RGBColor, among candidates: Range<Int>) -> Int {
        let wanted = PerceivedColor(color)
        return candidates.min { wanted.distance(to: perceivedPalette[$0]) < wanted.distance(to: perceivedPalette[$1]) } ?? 0
    }

    /// The cube's corners around the colour and the greys around its brightness: the nearest of all 240 is among them,
    /// and pictures need this thousands of times a frame.
    private static func nearestIn256(_ color: RGBColor) -> Int {
        func around(_ value: UInt8) -> ClosedRange<Int> {
            let upper = levels.firstIndex { $0 >= value } ?? 5
            return max(0, upper - 1)...upper
        }
        let wanted = PerceivedColor(color)
        var best = 16, bestDistance = Double.infinity
        func consider(_ index: Int) {
            let distance = wanted.distance(to: perceivedPalette[index])
            if distance < bestDistance { (best, bestDistance) = (index, distance) }
        }
        for red in around(color.red) {
            for green in around(color.green) {
                for blue in around(color.blue) { consider(16 + 36 * red + 6 * green + blue) }
            }
        }
        let mean = (Int(color.red) + Int(color.green) + Int(color.blue)) / 3
        let step = min(23, max(0, (mean - 8) / 10))
        for shade in max(0, step - 1)...min(23, step + 2) { consider(232 + shade) }
        return best
    }
}
