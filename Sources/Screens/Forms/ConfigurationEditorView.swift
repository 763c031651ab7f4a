import TerminalKit

/// Draws the JSON with its line numbers, and the mistake that stands nearest.
struct ConfigurationEditorView {
    let editor: ConfigurationEditor
    let context: ViewContext

    func draw(_ rect: Rect, in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let noteHeight = rect.height >= 12 ? 3 : 2
        let area = Rect(x: rect.x, y: rect.y, width: rect.width, height: rect.height - noteHeight)
        editor.editor.draw(in: &buffer, rect: area, marks: Set(editor.mistakes.map(\.line)), isFocused: true, appearance: appearance)
        let y = area.bottom
        buffer.put(String(repeating: context.glyphs.horizontal, count: rect.width), x: rect.x, y: y, style: appearance.style(.border))
        let place = "line \(editor.editor.row + 1) of \(editor.editor.lines.count)"
        buffer.putRight(" \(place) ", right: rect.right - 1, y: y, style: appearance.muted)
        guard let (index, mistake) = editor.shownMistake else {
            buffer.put("\(context.glyphs.done) A valid configuration. \(context.key(.applyJSON)) takes it to the review.", x: rect.x + 1, y: y + 1, style: appearance.style(.success), maximumWidth: rect.width - 2)
            return
        }
        let many = editor.mistakes.count == 1 ? "" : "\(index + 1) of \(editor.mistakes.count), "
        let text = "\(context.glyphs.cross) \(many)line \(mistake.line + 1): \(mistake.text)"
        for (offset, line) in text.wrapped(to: rect.width - 2, lines: noteHeight - 1).enumerated() {
            buffer.put(line, x: rect.x + 1, y: y + 1 + offset, style: appearance.style(.error))
        }
    }
}
