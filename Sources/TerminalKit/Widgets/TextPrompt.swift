/// One line that is asked for, over the screen.
package struct TextPrompt: Equatable, Sendable {
    package let title: String
    package let note: String
    package private(set) var field: TextField

    package init(title: String, note: String, text: String = "", maximumLength: Int = 60) {
        self.title = title
        self.note = note
        field = TextField(text: text, maximumLength: maximumLength)
    }

    package enum Outcome: Equatable, Sendable {
        case open, cancelled
        case entered(String)
    }

    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .enter: return field.text.allSatisfy(\.isWhitespace) ? .open : .entered(field.text)
        default: _ = field.handle(key)
        }
        return .open
    }

    package func draw(in buffer: inout CellBuffer, appearance: Appearance) {
        let width = min(buffer.size.width - 2, 60)
        let lines = note.wrapped(to: width - 4, lines: 3)
        let rect = buffer.bounds.centered(width: width, height: 5 + lines.count)
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: title, note: "\(appearance.glyphs.enter) takes it, Esc leaves", noteStyle: appearance.muted, appearance: appearance)
        field.draw(in: &buffer, x: rect.x + 2, y: rect.y + 2, width: rect.width - 4, isFocused: true, appearance: appearance)
        for (index, line) in lines.enumerated() { buffer.put(line, x: rect.x + 2, y: rect.y + 4 + index, style: appearance.muted) }
    }
}
