/// What the lines of charts are drawn with: each set divides a cell into dots.
package enum ChartGlyphSet: String, CaseIterable, Equatable, Sendable {
    case braille, quadrant
    case halfBlock = "half-block"
    case ascii = "ASCII"

    /// As settings call it.
    package var settingName: String { rawValue.lowercased() }

    /// The finest set that can be shown and tells lines apart: without colours each needs characters of its own.
    package static func usual(for appearance: Appearance) -> ChartGlyphSet {
        appearance.capabilities.unicode && appearance.series(0) != appearance.series(1) ? .braille : .ascii
    }

    /// This set where the terminal can show it, otherwise ASCII.
    package func shown(by capabilities: TerminalCapabilities) -> ChartGlyphSet { capabilities.unicode ? self : .ascii }

    /// The next coarser set; after the last comes the first.
    package var next: ChartGlyphSet {
        switch self {
        case .braille: .quadrant
        case .quadrant: .halfBlock
        case .halfBlock: .ascii
        case .ascii: .braille
        }
    }

    var dotsAcross: Int {
        switch self {
        case .braille, .quadrant: 2
        case .halfBlock, .ascii: 1
        }
    }

    var dotsDown: Int {
        switch self {
        case .braille: 4
        case .quadrant, .halfBlock, .ascii: 2
        }
    }

    /// The bit of a dot inside its cell.
    func bit(x: Int, y: Int) -> UInt8 {
        switch self {
        // Braille numbers its dots 1-2-3-7 down the left and 4-5-6-8 down the right.
        case .braille: x == 0 ? Self.leftDots[y] : Self.rightDots[y]
        case .quadrant: 1 << UInt8(2 * y + x)
        case .halfBlock, .ascii: 1 << UInt8(y)
        }
    }

    private static let leftDots: [UInt8] = [0x01, 0x02, 0x04, 0x40]
    private static let rightDots: [UInt8] = [0x08, 0x10, 0x20, 0x80]

    /// The character for a cell's dots. In ASCII each series has shapes of its own, since colours may be missing.
    func character(_ bits: UInt8, series: Int) -> Character {
        switch self {
        case .braille: Self.brailleCells[Int(bits)]
        case .quadrant: Self.quadrantCells[Int(bits & 15)]
        case .halfBlock: Self.halfBlockCells[Int(bits & 3)]
        case .ascii: Self.asciiCells[series % Self.asciiCells.count][Int(bits & 3)]
        }
    }

    /// A short piece of line for a legend.
    func legendMark(series: Int) -> Character {
        switch self {
        case .braille: "⠤"
        case .quadrant, .halfBlock: "▄"
        case .ascii: Self.asciiCells[series % Self.asciiCells.count][3]
        }
    }

    private static let brailleCells: [Character] = (0..<256).map { Character(Unicode.Scalar(0x2800 + UInt32($0)) ?? " ") }
    private static let quadrantCells = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
    private static let halfBlockCells = Array(" ▀▄█")
    private static let asciiCells = [" '.:", " \",;", " ^_|", " `-!", " *o%", " ~=#"].map { Array($0) }
}
