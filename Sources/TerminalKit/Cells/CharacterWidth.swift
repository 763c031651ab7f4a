/// How many terminal columns a character takes: 0, 1 or 2.
///
/// A table of our own keeps golden screens equal on every machine; it follows Unicode's East Asian Width
/// (wide and fullwidth) and emoji presentation, the two properties that terminals agree on.
package enum CharacterWidth {
    package static func columns(of character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        let value = first.value
        if value < 0x20 || (0x7F..<0xA0).contains(value) { return 0 }
        if value < 0x300 { return 1 }
        if isZeroWidth(first) { return 0 }
        if isWide(value) { return 2 }
        // A variation selector asks for the emoji form of a character that is narrow by itself.
        if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
        return 1
    }

    package static func columns(of text: String) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    private static func isZeroWidth(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: true
        default: false
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0, 0x23F3, 0x25FD...0x25FE,
            0x2614...0x2615, 0x2648...0x2653, 0x267F, 0x2693, 0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5,
            0x26CE, 0x26D4, 0x26EA, 0x26F2...0x26F3, 0x26F5, 0x26FA, 0x26FD, 0x2705, 0x270A...0x270B, 0x2728, 0x274C,
            0x274E, 0x2753...0x2755, 0x2757, 0x2795...0x2797, 0x27B0, 0x27BF, 0x2B1B...0x2B1C, 0x2B50, 0x2B55,
            0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F004, 0x1F0CF, 0x1F18E, 0x1F191...0x1F19A, 0x1F1E6...0x1F202, 0x1F210...0x1F23B, 0x1F240...0x1F248,
            0x1F250...0x1F251, 0x1F260...0x1F265, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F7E0...0x1F7EB,
            0x1F90C...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x2FFFD, 0x30000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// The text cut to at most `width` columns; a cut is shown by `…` (`~` in ASCII).
    package func truncated(to width: Int, mark: Character = "…") -> String {
        guard width > 0 else { return "" }
        guard CharacterWidth.columns(of: self) > width else { return self }
        var used = 0
        var result = ""
        for character in self {
            let columns = CharacterWidth.columns(of: character)
            if used + columns > width - 1 { break }
            result.append(character)
            used += columns
        }
        result.append(mark)
        return result
    }

    /// The text cut or filled with spaces to exactly `width` columns.
    package func padded(to width: Int, alignRight: Bool = false) -> String {
        let text = truncated(to: width)
        let fill = String(repeating: " ", count: max(0, width - CharacterWidth.columns(of: text)))
        return alignRight ? fill + text : text + fill
    }

    /// The text broken into at most so many lines; the last one ends in an ellipsis where there is more.
    package func wrapped(to width: Int, lines count: Int) -> [String] {
        let lines = wrapped(to: width)
        guard count > 0, lines.count > count else { return Array(lines.prefix(max(0, count))) }
        let last = lines[count - 1]
        let isFull = CharacterWidth.columns(of: last) >= width
        return lines.prefix(count - 1) + [isFull ? last.truncated(to: width - 1) : last + "…"]
    }

    /// The text broken at spaces into lines of at most `width` columns; a longer word is cut.
    package func wrapped(to width: Int) -> [String] {
        guard width > 0 else { return [] }
        var lines: [String] = []
        var current = ""
        for word in split(separator: " ") {
            let piece = String(word).truncated(to: width)
            let joined = current.isEmpty ? piece : current + " " + piece
            if CharacterWidth.columns(of: joined) <= width {
                current = joined
            } else {
                lines.append(current)
                current = piece
            }
        }
        if !current.isEmpty { lines.append(current) }
        return lines
    }
}
