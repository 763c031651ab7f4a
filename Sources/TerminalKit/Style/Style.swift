/// A colour as themes give it, 8 bits a channel.
package struct RGBColor: Equatable, Hashable, Sendable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// `#rrggbb`; nil for anything else.
    package init?(hex: String) {
        let digits = hex.hasPrefix("#") ? hex.dropFirst() : hex[...]
        guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else { return nil }
        self.init(red: UInt8(value >> 16 & 255), green: UInt8(value >> 8 & 255), blue: UInt8(value & 255))
    }
}

/// A colour of a cell: exact, or an entry of the terminal's palette, whose first sixteen the terminal's user chose.
package enum TerminalColor: Equatable, Hashable, Sendable {
    case rgb(RGBColor)
    case palette(UInt8)
}

package struct TextAttributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let bold = TextAttributes(rawValue: 1)
    package static let dim = TextAttributes(rawValue: 2)
    package static let underline = TextAttributes(rawValue: 4)
    package static let reverse = TextAttributes(rawValue: 8)
}

/// How a cell looks. Nil colours are the terminal's own.
package struct Style: Equatable, Hashable, Sendable {
    package var foreground: TerminalColor?
    package var background: TerminalColor?
    package var attributes: TextAttributes

    package init(foreground: TerminalColor? = nil, background: TerminalColor? = nil, attributes: TextAttributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    package func with(_ more: TextAttributes) -> Style {
        Style(foreground: foreground, background: background, attributes: attributes.union(more))
    }
}
