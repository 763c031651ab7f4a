import Foundation
import TerminalKit

/// Draws the app: the open screen, then what lies over it.
enum AppView {
    static let minimumSize = TerminalSize(width: 40, height: 12)

    static func draw(_ model: AppModel, size: TerminalSize, appearance: Appearance, timeZone: TimeZone) -> CellBuffer {
        var buffer = CellBuffer(size: size, style: appearance.ground)
        let context = ViewContext(appearance: appearance, timeZone: timeZone, now: model.now, keymap: model.keymap, chartGlyphs: model.settings.chartGlyphs)
        guard size.width >= minimumSize.width, size.height >= minimumSize.height else {
            if let question = model.question {
                question.dialog.draw(in: &buffer, appearance: appearance)
            } else {
                drawTooSmall(in: &buffer, context: context)
            }
            if !appearance.capabilities.unicode { buffer.reduceToASCII() }
            return buffer
        }
        model.top.model.draw(in: &buffer, context: context)
        buffer.drawKeyHints(model.footer(glyphs: appearance.glyphs), y: size.height - 1, appearance: appearance)
        if let notice = model.notice {
            drawLine(notice.text, style: appearance.style(notice.isProblem ? .error : .success), in: &buffer, appearance: appearance)
        } else if let work = model.work, !model.top.model.showsWork {
            drawLine(work.text, style: appearance.muted, in: &buffer, appearance: appearance)
        }
        if case .actions(let list) = model.overlay { ActionListView(list: list, context: context).draw(in: &buffer) }
        if let question = model.question {
            buffer.cursor = nil
            question.dialog.draw(in: &buffer, appearance: appearance)
        }
        if !appearance.capabilities.unicode { buffer.reduceToASCII() }
        return buffer
    }

    /// A line above the key hints, over whatever is there.
    private static func drawLine(_ text: String, style: Style, in buffer: inout CellBuffer, appearance: Appearance) {
        let y = buffer.size.height - 2
        buffer.fill(Rect(x: 0, y: y, width: buffer.size.width, height: 1), style: appearance.ground)
        buffer.put(text.truncated(to: buffer.size.width - 4), x: 2, y: y, style: style)
    }

    private static func drawTooSmall(in buffer: inout CellBuffer, context: ViewContext) {
        let size = buffer.size, appearance = context.appearance
        func dimension(_ have: Int, _ need: Int, _ what: String) -> (String, Style) {
            have < need
                ? ("\(context.glyphs.cross) \(have) \(what), needs \(need)", appearance.style(.error))
                : ("\(context.glyphs.done) \(have) \(what)", appearance.style(.success))
        }
        let lines = [
            ("A bit more room, please", appearance.title), dimension(size.width, minimumSize.width, "columns"),
            dimension(size.height, minimumSize.height, "rows"), ("\(context.key(.quit)) quits", appearance.muted),
        ]
        // Where even these do not fit, the first to go is the heading.
        let shown = lines.suffix(max(1, size.height))
        let width = lines.map { CharacterWidth.columns(of: $0.0) }.max() ?? 0
        let x = max(0, (size.width - width) / 2), top = max(0, (size.height - shown.count) / 2)
        for (row, line) in shown.enumerated() { buffer.put(line.0.truncated(to: size.width), x: x, y: top + row, style: line.1) }
    }
}
