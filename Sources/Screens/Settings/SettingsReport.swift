import Foundation
import TerminalKit

/// The settings, seen from the command line.
package enum SettingsReport {
    /// Where the settings are, and what is wrong with them.
    package static func check(environment: [String: String]) -> (path: String, problems: [String]) {
        let url = SettingsFile.url(environment: environment)
        return (url.path, SettingsFile.read(url).problems)
    }

    /// An action with its keys.
    package struct Row: Encodable, Equatable, Sendable {
        package let action: String
        package let section: String
        package let title: String
        package let keys: [String]
    }

    /// All actions with the keys that are in force.
    package static func actions(environment: [String: String]) -> [Row] {
        rows(SettingsFile.read(SettingsFile.url(environment: environment)).keymap)
    }

    private static func rows(_ keymap: Keymap) -> [Row] {
        AppAction.allCases.map {
            Row(action: $0.rawValue, section: $0.section.title, title: $0.title, keys: keymap.keys(of: $0).map(\.name))
        }
    }

    /// The tables of docs/terminal.md: the settings, then the actions with the keys they come with.
    package static var markdown: String {
        var lines = ["| setting | values | without it | what it does |", "|---|---|---|---|"]
        lines += SettingName.allCases.map { "| `\($0.rawValue)` | \($0.allowed) | \($0.standard) | \($0.meaning) |" }
        lines += ["", "| action | keys | what it does |", "|---|---|---|"]
        lines += rows(.standard).map { row in
            let keys = row.keys.map { "`\($0 == "|" ? "\\|" : $0)`" }.joined(separator: " ")
            return "| `\(row.action)` | \(keys) | \(row.title) |"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
