import TerminalKit

/// Which keys stand for which actions. An action may have several keys, and a key several actions: where more than one of the
/// open screen's actions has it, the first that works now is taken.
struct Keymap: Equatable, Sendable {
    private(set) var keys: [AppAction: [Key]]

    /// The keys as they come.
    static let standard = Keymap(keys: [:])

    /// `keys` replace an action's own ones; an empty list takes them away.
    init(keys: [AppAction: [Key]]) {
        self.keys = Dictionary(uniqueKeysWithValues: AppAction.allCases.map { ($0, keys[$0] ?? $0.details.keys) })
    }

    func keys(of action: AppAction) -> [Key] { keys[action] ?? [] }

    /// The actions of some sections that a key stands for, in the sections' order.
    func actions(for key: Key, in sections: [ActionSection]) -> [AppAction] {
        sections.flatMap { section in
            AppAction.all(in: section).filter { keys(of: $0).contains(key) }
        }
    }

    /// The first key of an action as screens write it; nil where it has none.
    func label(_ action: AppAction, glyphs: Glyphs) -> String? {
        keys(of: action).first?.label(glyphs)
    }
}
