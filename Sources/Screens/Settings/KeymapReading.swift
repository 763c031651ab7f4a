import TerminalKit

extension Keymap {
    /// A keymap of names as the settings hold them, and what is wrong with them.
    static func read(_ names: [String: [String]]) -> (keymap: Keymap, problems: [String]) {
        var chosen: [AppAction: [Key]] = [:]
        var problems: [String] = []
        for (name, keyNames) in names.sorted(by: { $0.key < $1.key }) {
            guard let action = AppAction(rawValue: name) else {
                problems.append(SettingsFile.unknown("action", name, among: AppAction.allCases.map(\.rawValue)))
                continue
            }
            var keys: [Key] = []
            for keyName in keyNames where keyName != "none" {
                if let key = Key(name: keyName) {
                    keys.append(key)
                } else {
                    problems.append("keys: \(name): \"\(keyName)\" is no key. Keys are letters and signs, ctrl-x, enter, esc, tab, space, up, pgdn and the like.")
                }
            }
            // A list of nothing but mistakes leaves the action its own keys.
            if !keys.isEmpty || keyNames.allSatisfy({ $0 == "none" }) { chosen[action] = keys }
        }
        let keymap = Keymap(keys: chosen)
        return (keymap, problems + keymap.conflicts(among: Set(chosen.keys)))
    }

    /// Keys that stand for two actions of one screen, at least one of them among `chosen`.
    private func conflicts(among chosen: Set<AppAction>) -> [String] {
        var found: [String] = []
        for kind in Screen.Kind.allCases {
            let actions = kind.sections.flatMap { AppAction.all(in: $0) }
            for (index, first) in actions.enumerated() {
                for second in actions[(index + 1)...] where chosen.contains(first) || chosen.contains(second) {
                    guard let key = keys(of: first).first(where: keys(of: second).contains) else { continue }
                    let text = "\(key.name) stands for \(first.rawValue) and for \(second.rawValue); the first that works is done."
                    if !found.contains(text) { found.append(text) }
                }
            }
        }
        return found
    }
}
