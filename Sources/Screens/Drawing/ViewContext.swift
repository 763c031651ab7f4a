import Foundation
import TerminalKit

/// What a view is drawn with, besides its model.
struct ViewContext {
    var appearance: Appearance
    var timeZone: TimeZone
    var now: Double
    var keymap: Keymap
    /// The person's choice; nil draws charts with the finest set that suits.
    var chartGlyphs: ChartGlyphSet?

    var glyphs: Glyphs { appearance.glyphs }

    /// What lines of charts are drawn with.
    var lineGlyphs: ChartGlyphSet {
        (chartGlyphs ?? .usual(for: appearance)).shown(by: appearance.capabilities)
    }

    /// The first key of an action, for sentences such as "Press n".
    func key(_ action: AppAction) -> String { keymap.label(action, glyphs: glyphs) ?? "its key" }

    /// The top line of every screen: the program, the project, and a trail.
    func drawTop(_ trail: [String], right: String, in buffer: inout CellBuffer) {
        let separator = appearance.capabilities.unicode ? "  ›  " : "  >  "
        let length = trail.reduce(19) { $0 + CharacterWidth.columns(of: $1) + 5 }
        // Where the trail would be cut, what everybody knows makes room for it.
        var x = 1
        if length <= buffer.size.width || trail.isEmpty {
            x = buffer.put("Trainyard", x: x, y: 0, style: appearance.accent.with(.bold))
            x = buffer.put("  default", x: x, y: 0, style: appearance.muted)
        } else if length - 9 <= buffer.size.width {
            x = buffer.put("Trainyard", x: x, y: 0, style: appearance.accent.with(.bold))
        }
        for part in trail {
            if x > 1 { x = buffer.put(separator, x: x, y: 0, style: appearance.muted) }
            x = buffer.put(part, x: x, y: 0, style: appearance.text, maximumWidth: buffer.size.width - 1 - x)
        }
        if x + 2 + CharacterWidth.columns(of: right) < buffer.size.width {
            buffer.putRight(right, right: buffer.size.width - 1, y: 0, style: appearance.muted)
        }
    }
}
