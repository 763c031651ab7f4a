/// Keys as settings write them and as screens show them.
extension Key {
    private static let named: [(name: String, key: Key)] = [
        ("enter", .enter), ("esc", .escape), ("tab", .tab), ("shift-tab", .backTab), ("backspace", .backspace), ("delete", .delete),
        ("up", .up), ("down", .down), ("left", .left), ("right", .right), ("home", .home), ("end", .end), ("pgup", .pageUp),
        ("pgdn", .pageDown), ("space", .character(" ")),
    ]

    /// Reads a key's name, such as `x`, `R`, `ctrl-l`, `pgdn` or `space`; nil for anything else.
    package init?(name: String) {
        let lower = name.lowercased()
        if let found = Self.named.first(where: { $0.name == lower }) {
            self = found.key
        } else if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last, letter.isASCII, letter.isLetter {
            self = .control(letter)
        } else if name.count == 1, let character = name.first, CharacterWidth.columns(of: character) > 0 {
            self = .character(character)
        } else {
            return nil
        }
    }

    /// The name that `init(name:)` reads.
    package var name: String {
        if let found = Self.named.first(where: { $0.key == self }) { return found.name }
        switch self {
        case .character(let character): return String(character)
        case .control(let character): return "ctrl-" + String(character)
        default: return String(describing: self)
        }
    }

    /// How a screen writes the key: short, with arrows where the terminal has them.
    package func label(_ glyphs: Glyphs) -> String {
        switch self {
        case .enter: glyphs.enter
        case .escape: "Esc"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .up: glyphs.up
        case .down: glyphs.down
        case .left: glyphs.left
        case .right: glyphs.right
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(let character): "Ctrl-" + String(character).uppercased()
        }
    }
}
