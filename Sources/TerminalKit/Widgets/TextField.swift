/// One line of editable text with a cursor.
package struct TextField: Equatable, Sendable {
    package private(set) var text: String
    /// How many characters stand before the cursor.
    package private(set) var cursor: Int
    package let maximumLength: Int

    package init(text: String = "", maximumLength: Int = 200) {
        self.text = text
        self.maximumLength = maximumLength
        cursor = text.count
    }

    package mutating func replace(with text: String) {
        self.text = String(text.prefix(maximumLength))
        cursor = self.text.count
    }

    /// Edits the text; false when the key is none of an editor's.
    package mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character):
            guard text.count < maximumLength, CharacterWidth.columns(of: character) > 0 else { return true }
            insert(String(character))
        case .paste(let pasted):
            // One line takes the words of several.
            let line = pasted.split(whereSeparator: \.isNewline).joined(separator: " ").filter { CharacterWidth.columns(of: $0) > 0 }
            insert(String(line.prefix(max(0, maximumLength - text.count))))
        case .backspace:
            guard cursor > 0 else { return true }
            cursor -= 1
            text.remove(at: index(cursor))
            cursor = min(cursor, text.count)
        case .delete:
            guard cursor < text.count else { return true }
            text.remove(at: index(cursor))
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .control("u"):
            text.removeSubrange(text.startIndex..<index(cursor))
            cursor = 0
        case .control("k"): text.removeSubrange(index(cursor)..<text.endIndex)
        default: return false
        }
        return true
    }

    /// Puts text at the cursor. The cursor goes behind it, also where it joins with the character before.
    private mutating func insert(_ added: String) {
        let after = text.count - cursor
        text.insert(contentsOf: added, at: index(cursor))
        cursor = max(0, text.count - after)
    }

    private func index(_ offset: Int) -> String.Index {
        text.index(text.startIndex, offsetBy: min(offset, text.count))
    }

    /// Draws the field; with focus, the buffer's cursor is set and the text scrolls so that the cursor is seen.
    package func draw(in buffer: inout CellBuffer, x: Int, y: Int, width: Int, isFocused: Bool, appearance: Appearance) {
        guard width > 1 else { return }
        var hidden = 0
        let before = text.prefix(cursor)
        while CharacterWidth.columns(of: String(before.dropFirst(hidden))) > width - 1 { hidden += 1 }
        let style = isFocused ? appearance.text.with(.underline) : appearance.text
        let end = buffer.put(String(text.dropFirst(hidden)), x: x, y: y, style: style, right: x + width)
        if isFocused {
            buffer.put(String(repeating: " ", count: max(0, x + width - end)), x: end, y: y, style: style)
            buffer.cursor = .init(x: x + CharacterWidth.columns(of: String(before.dropFirst(hidden))), y: y)
        }
    }
}
