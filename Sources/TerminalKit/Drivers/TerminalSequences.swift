import Foundation

/// Requests to the terminal beside the screen: its clipboard, its tab's progress, its notifications.
///
/// The environment tells which terminal it is. Where one does not understand a request there is no sequence: some would print it,
/// some would show another request's text in its place.
package enum TerminalSequences {
    /// The longest text that terminals take, in bytes: 100,000 once it is written in base 64.
    package static let longestCopy = 74_994

    private static let escape = "\u{1B}", bell = "\u{7}", end = "\u{1B}\\"

    package static let ringBell = bell

    /// Puts a text into the clipboard of the terminal the person sits at, over SSH too (OSC 52). Nil for a longer text, and
    /// where the terminal has no clipboard.
    ///
    /// A multiplexer keeps such a sequence to itself unless it is wrapped for it; it also goes out unwrapped, for those that forward it.
    package static func copy(_ text: String, environment: [String: String]) -> String? {
        let terminal = environment["TERM"] ?? ""
        guard text.utf8.count <= longestCopy, !["", "dumb", "linux"].contains(terminal), !terminal.hasPrefix("vt") else { return nil }
        let plain = escape + "]52;c;" + Data(text.utf8).base64EncodedString() + bell
        if environment["TMUX"] != nil || terminal.hasPrefix("tmux") { return plain + wrappedForTmux(plain) }
        if environment["STY"] != nil { return wrappedForScreen(plain) }
        return plain
    }

    /// A device control string whose escapes are doubled.
    private static func wrappedForTmux(_ sequence: String) -> String {
        escape + "Ptmux;" + sequence.replacing(escape, with: escape + escape) + end
    }

    /// GNU screen cuts long control strings, so the sequence goes in many short ones.
    private static func wrappedForScreen(_ sequence: String) -> String {
        var result = "", rest = sequence[...]
        while !rest.isEmpty {
            result += escape + "P" + rest.prefix(76) + end
            rest = rest.dropFirst(76)
        }
        return result
    }

    /// Shows progress in the terminal's tab or in the task bar (OSC 9;4), from 0 to 100; nil takes it away.
    package static func progress(_ percent: Int?, environment: [String: String]) -> String? {
        guard showsProgress(environment) else { return nil }
        let state = percent.map { "1;\(min(100, max(0, $0)))" } ?? "0;0"
        return escape + "]9;4;" + state + bell
    }

    private static func showsProgress(_ environment: [String: String]) -> Bool {
        guard !isMultiplexed(environment) else { return false }
        return environment["WT_SESSION"] != nil || environment["ConEmuANSI"] == "ON"
            || ["ghostty", "mintty"].contains(environment["TERM_PROGRAM"] ?? "")
            || (environment["VTE_VERSION"].flatMap { Int($0) } ?? 0) >= 7900
    }

    /// Asks for a desktop notification (OSC 777 or OSC 9).
    package static func notify(title: String, text: String, environment: [String: String]) -> String? {
        guard !isMultiplexed(environment) else { return nil }
        let terminal = environment["TERM"] ?? "", program = environment["TERM_PROGRAM"] ?? ""
        func clean(_ text: String) -> String {
            String(text.unicodeScalars.filter { $0.value >= 32 && !(127...159).contains($0.value) && $0 != ";" }.prefix(200).map { Character($0) })
        }
        if terminal.hasPrefix("foot") || terminal.hasPrefix("rxvt") || ["ghostty", "WezTerm"].contains(program) {
            return escape + "]777;notify;" + clean(title) + ";" + clean(text) + bell
        }
        if program == "iTerm.app" || terminal == "xterm-kitty" { return escape + "]9;" + clean(title + ": " + text) + bell }
        return nil
    }

    private static func isMultiplexed(_ environment: [String: String]) -> Bool {
        let terminal = environment["TERM"] ?? ""
        return environment["TMUX"] != nil || environment["STY"] != nil || terminal.hasPrefix("tmux") || terminal.hasPrefix("screen")
    }
}
