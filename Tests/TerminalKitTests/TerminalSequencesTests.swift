import Foundation
import Testing

@testable import TerminalKit

@Suite struct TerminalSequencesTests {
    @Test func copyingIsPlainOSC52() {
        #expect(TerminalSequences.copy("héllo", environment: ["TERM": "xterm-256color"]) == "\u{1B}]52;c;aMOpbGxv\u{7}")
        #expect(TerminalSequences.copy("x", environment: ["TERM": "linux"]) == nil)
        #expect(TerminalSequences.copy("x", environment: ["TERM": "vt100"]) == nil)
        let longest = String(repeating: "x", count: TerminalSequences.longestCopy)
        #expect(TerminalSequences.copy(longest, environment: ["TERM": "xterm"]) != nil)
        #expect(TerminalSequences.copy(longest + "x", environment: ["TERM": "xterm"]) == nil)
    }

    @Test func multiplexersGetItWrapped() {
        let tmux = TerminalSequences.copy("x", environment: ["TERM": "tmux-256color", "TMUX": "/tmp/tmux"])
        #expect(tmux == "\u{1B}]52;c;eA==\u{7}\u{1B}Ptmux;\u{1B}\u{1B}]52;c;eA==\u{7}\u{1B}\\")
        let screen = TerminalSequences.copy(String(repeating: "x", count: 200), environment: ["TERM": "screen", "STY": "1.pts"]) ?? ""
        let parts = screen.components(separatedBy: "\u{1B}\\").dropLast()
        #expect(parts.count > 1 && parts.allSatisfy { $0.hasPrefix("\u{1B}P") && $0.utf8.count <= 78 })
        let joined = parts.map { String($0.dropFirst(2)) }.joined()
        #expect(joined == TerminalSequences.copy(String(repeating: "x", count: 200), environment: ["TERM": "xterm"]))
    }

    @Test func progressAndNotificationsGoOnlyWhereTheyAreUnderstood() {
        #expect(TerminalSequences.progress(40, environment: ["TERM": "xterm-256color"]) == nil)
        #expect(TerminalSequences.progress(40, environment: ["WT_SESSION": "1"]) == "\u{1B}]9;4;1;40\u{7}")
        #expect(TerminalSequences.progress(nil, environment: ["VTE_VERSION": "7900"]) == "\u{1B}]9;4;0;0\u{7}")
        #expect(TerminalSequences.progress(40, environment: ["WT_SESSION": "1", "TMUX": "x"]) == nil)
        #expect(TerminalSequences.notify(title: "a", text: "b", environment: ["TERM": "xterm-256color"]) == nil)
        #expect(
            TerminalSequences.notify(title: "a;\u{1B}", text: "b\u{9C}\n", environment: ["TERM": "foot"]) == "\u{1B}]777;notify;a;b\u{7}")
        #expect(TerminalSequences.notify(title: "a", text: "b", environment: ["TERM_PROGRAM": "iTerm.app"]) == "\u{1B}]9;a: b\u{7}")
    }
}
