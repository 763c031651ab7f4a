import TerminalKit

/// What a screen wants in its bottom row. Actions that do not work now, or have no key, are left out by themselves.
enum FooterItem: Equatable, Sendable {
    case action(AppAction, String? = nil, essential: Bool = false)
    /// Neighbouring keys that do alike, such as 1-3.
    case range(AppAction, AppAction, String)
    /// Keys of a text field or a picker, which cannot be given others.
    case fixed(KeyHint)

    /// The keys of an open picker.
    static func picker(_ glyphs: Glyphs) -> [FooterItem] {
        [
            .fixed(KeyHint(glyphs.enter, "choose")), .fixed(KeyHint(glyphs.up + glyphs.down, "move")),
            .fixed(KeyHint("Esc", "cancel", essential: true)),
        ]
    }
}

extension AppModel {
    /// The bottom row: the keys that work now, of what lies on top.
    func footer(glyphs: Glyphs) -> [KeyHint] { footerItems(glyphs: glyphs).compactMap { hint(for: $0, glyphs: glyphs) } }

    /// What the hints of the bottom row stand for, in their order.
    func footerItems(glyphs: Glyphs) -> [FooterItem] {
        let items: [FooterItem]
        if question != nil {
            items = [
                .fixed(KeyHint(glyphs.left + " " + glyphs.right, "choose")), .fixed(KeyHint(glyphs.enter, "take", essential: true)),
                .fixed(KeyHint("Esc", "cancel", essential: true)),
            ]
        } else if overlay != nil {
            items = [
                .fixed(KeyHint("type", "to find")), .fixed(KeyHint(glyphs.up + " " + glyphs.down, "move")),
                .fixed(KeyHint(glyphs.enter, "do it", essential: true)), .fixed(KeyHint("Esc", "close", essential: true)),
            ]
        } else {
            items = top.model.footer(glyphs)
        }
        return items.filter { hint(for: $0, glyphs: glyphs) != nil }
    }

    private func hint(for item: FooterItem, glyphs: Glyphs) -> KeyHint? {
        switch item {
        case .action(let action, let text, let isEssential):
            guard availability(of: action) == .available, let key = keymap.label(action, glyphs: glyphs) else { return nil }
            return KeyHint(key, text ?? action.details.short, essential: isEssential)
        case .range(let first, let last, let text):
            guard availability(of: first) == .available, let from = keymap.label(first, glyphs: glyphs),
                let to = keymap.label(last, glyphs: glyphs)
            else { return nil }
            return KeyHint(from + "-" + to, text)
        case .fixed(let hint): return hint
        }
    }
}
