/// Keys as settings write them and as screens show them.
extension Key {
    private static let named: [(name: String, key: Key)] = [
        ("enter", .enter), ("esc", .escape), ("tab", .tab), ("shift-tab", .backTab), ("backspace", .backspace), ("delete", .delete),
        ("insert", .insert), ("up", .up), ("down", .down), ("left", .left), ("right", .right), ("home", .home), ("end", .end),
        ("pgup", .pageUp), ("pgdn", .pageDown), ("space", .character(" ")),
    ]

    /// Reads a key's name, such as `x`, `R`, `ctrl-l`, `alt-x`, `pgdn`, `f5`, `shift-up` or `space`; nil for anything else.
    package init?(name: String) {
        let lower = name.lowercased()
        if let found = Self.named.first(where: { $0.name == lower }) {
            self = found.key
        } else if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last, letter.isASCII, letter.isLetter {
            self = .control(letter)
        } else if lower.hasPrefix("alt-"), name.count == 5, let character = name.last {
            self = .alt(character)
        } else if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), (1...24).contains(number) {
            self = .function(number)
        } else if name.count == 1, let character = name.first, CharacterWidth.columns(of: character) > 0 {
            self = .character(character)
        } else if let held = KeyModifiers.allCases.first(where: { lower.hasPrefix($0.name + "-") }),
            let movement = MovementKey.allCases.first(where: { held.name + "-" + $0.plain.name == lower }) {
            self = .modified(held, movement)
        } else {
            return nil
        }
    }

    /// The name that `init(name:)` reads.
    package var name: String {
        if let found = Self.named.first(where: { $0.key == self }) { return found.name }
        return switch self {
        case .control(let character): "ctrl-" + String(character)
        case .alt(let character): "alt-" + String(character)
        case .function(let number): "f\(number)"
        case .modified(let modifiers, let movement): modifiers.name + "-" + movement.plain.name
        case .character(let character): String(character)
        default: ""
        }
    }

    /// How a screen writes the key: short, with arrows where the terminal has them.
    package func label(_ glyphs: Glyphs) -> String {
        switch self {
        case .enter: glyphs.enter
        case .up: glyphs.up
        case .down: glyphs.down
        case .left: glyphs.left
        case .right: glyphs.right
        case .delete: "Del"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(let character): "Ctrl-" + String(character).uppercased()
        case .alt(let character): "Alt-" + String(character)
        default: name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
        }
    }
}

extension KeyModifiers {
    fileprivate static let allCases: [KeyModifiers] = [.shift, .alt, .control]

    fileprivate var name: String {
        [(KeyModifiers.control, "ctrl"), (.alt, "alt"), (.shift, "shift")].filter { contains($0.0) }.map(\.1).joined(separator: "-")
    }
}
