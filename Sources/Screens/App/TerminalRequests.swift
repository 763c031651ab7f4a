import Foundation
import TerminalKit
import Workbench

/// Carries out what the app asks of the terminal beside drawing.
struct TerminalRequests {
    let driver: NcursesDriver
    let environment: [String: String]

    func showProgress(_ percent: Int?) {
        if let sequence = TerminalSequences.progress(percent, environment: environment) { driver.send(sequence) }
    }

    func ringBell() { driver.send(TerminalSequences.ringBell) }

    func notify(title: String, text: String) {
        if let sequence = TerminalSequences.notify(title: title, text: text, environment: environment) { driver.send(sequence) }
    }

    /// Copies a text to the person's clipboard and says how it went.
    func copy(_ text: String, what: String) -> Answer {
        guard text.utf8.count <= TerminalSequences.longestCopy else {
            return .failed("\(what) is too long to copy: \(text.utf8.count) bytes, and terminals take \(TerminalSequences.longestCopy).")
        }
        guard let sequence = TerminalSequences.copy(text, environment: environment) else {
            return .failed("This terminal has no clipboard. Use one such as xterm, kitty or tmux, or trainyard's --json output.")
        }
        // By default tmux takes a text only from its own command, and then hands it on to the terminal.
        if environment["TMUX"] == nil || !Self.giveToTmux(text) { driver.send(sequence) }
        return .done("Copied \(what).")
    }

    private static func giveToTmux(_ text: String) -> Bool {
        let process = Process(), input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tmux", "load-buffer", "-w", "-"]
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        // A pipe holds 64 KiB; tmux reads while this writes.
        try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
