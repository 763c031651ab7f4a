import Foundation
import TerminalKit

/// What a view is drawn with, besides its model.
struct ViewContext {
    var appearance: Appearance
    var timeZone: TimeZone
    var now: Double
    var keymap: Keymap

    var glyphs: Glyphs { appearance.glyphs }

    /// The first key of an action, for sentences such as "Press n".
    func key(_ action: AppAction) -> String { keymap.label(action, glyphs: glyphs) ?? "its key" }

    /// The top line of every screen: the program, the project, and a trail.
    func drawTop(_ trail: [String], right: String, in buffer: inout CellBuffer) {
        var x = buffer.put("Trainyard", x: 1, y: 0, style: appearance.accent.with(.bold))
        x = buffer.put("  default", x: x, y: 0, style: appearance.muted)
        let separator = appearance.capabilities.unicode ? "  ›  " : "  >  "
        for part in trail { x = buffer.put(part, x: buffer.put(separator, x: x, y: 0, style: appearance.muted), y: 0, style: appearance.text) }
        if x + 2 + CharacterWidth.columns(of: right) < buffer.size.width {
            buffer.putRight(right, right: buffer.size.width - 1, y: 0, style: appearance.muted)
        }
    }
}
