/// Widgets without a state of their own: they are drawn from values, on any buffer.
extension CellBuffer {
    /// A frame with a title in its top edge and, at the edge's right end, a short note.
    package mutating func drawFrame(
        _ rect: Rect, title: String = "", note: String = "", noteStyle: Style? = nil, appearance: Appearance
    ) {
        guard rect.width >= 2, rect.height >= 2 else { return }
        let glyphs = appearance.glyphs
        let edge = appearance.style(.border)
        let line = String(repeating: glyphs.horizontal, count: rect.width - 2)
        put(glyphs.topLeft + line + glyphs.topRight, x: rect.x, y: rect.y, style: edge)
        put(glyphs.bottomLeft + line + glyphs.bottomRight, x: rect.x, y: rect.bottom - 1, style: edge)
        for y in (rect.y + 1)..<max(rect.y + 1, rect.bottom - 1) {
            put(glyphs.vertical, x: rect.x, y: y, style: edge)
            put(glyphs.vertical, x: rect.right - 1, y: y, style: edge)
        }
        var end = rect.x + 1
        if !title.isEmpty, rect.width > 6 {
            let shown = title.truncated(to: rect.width - 5)
            put(" ", x: rect.x + 2, y: rect.y, style: edge)
            end = put(shown, x: rect.x + 3, y: rect.y, style: appearance.title)
            end = put(" ", x: end, y: rect.y, style: edge)
        }
        if !note.isEmpty {
            let width = CharacterWidth.columns(of: note) + 2
            if rect.right - 2 - width > end {
                putRight(" " + note + " ", right: rect.right - 2, y: rect.y, style: noteStyle ?? appearance.text)
            }
        }
    }

    /// An entry of a list between two columns: its title and, at the right end, what is said of it as far as there is room.
    mutating func putEntry(_ title: String, detail: String, x: Int, right: Int, y: Int, appearance: Appearance) {
        let end = put(title, x: x, y: y, style: appearance.text, maximumWidth: right - x)
        let room = right - end - 2
        if room >= 4 || CharacterWidth.columns(of: detail) <= room {
            putRight(detail.truncated(to: room), right: right, y: y, style: appearance.muted)
        }
    }

    /// A bar of `width` columns; `fraction` is cut to 0…1.
    package mutating func drawProgressBar(x: Int, y: Int, width: Int, fraction: Double, filled: Style, appearance: Appearance) {
        guard width > 0 else { return }
        let glyphs = appearance.glyphs
        let safe = fraction.isFinite ? min(1, max(0, fraction)) : 0
        let halves = Int((safe * Double(2 * width)).rounded(.down))
        let full = halves / 2
        var end = put(String(repeating: glyphs.barFull, count: full), x: x, y: y, style: filled)
        if halves % 2 == 1, full < width { end = put(glyphs.barHalf, x: end, y: y, style: filled) }
        put(String(repeating: glyphs.barEmpty, count: max(0, x + width - end)), x: end, y: y, style: appearance.style(.border))
    }

    /// The keys that work now, in the bottom row; those that do not fit are left out from the end, never cut.
    /// A hint that is marked essential (the last ones usually: help, leave) is kept before others.
    package mutating func drawKeyHints(_ hints: [KeyHint], y: Int, appearance: Appearance) {
        let available = size.width - 2
        var kept = Array(hints.enumerated())
        func width() -> Int { kept.reduce(0) { $0 + $1.element.columns } + 2 * max(0, kept.count - 1) }
        while width() > available, let index = kept.lastIndex(where: { !$0.element.isEssential }) { kept.remove(at: index) }
        var x = 1
        for (place, hint) in kept {
            mark(.hint(place), Rect(x: x, y: y, width: hint.columns, height: 1))
            x = put(hint.key, x: x, y: y, style: appearance.accent)
            x = put(" " + hint.action, x: x, y: y, style: appearance.muted) + 2
        }
    }
}

/// A key and what it does.
package struct KeyHint: Equatable, Sendable {
    package let key: String
    package let action: String
    package let isEssential: Bool

    package init(_ key: String, _ action: String, essential: Bool = false) {
        self.key = key
        self.action = action
        isEssential = essential
    }

    var columns: Int { CharacterWidth.columns(of: key) + 1 + CharacterWidth.columns(of: action) }
}
