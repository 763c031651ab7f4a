import Foundation
import TerminalKit

/// The person's own editor, for a text, in place of the screen.
enum ExternalEditor {
    /// Opens `$VISUAL`, `$EDITOR` or vi on the text; gives back what was saved, or a sentence about why it was not.
    static func edit(_ text: String, driver: NcursesDriver, environment: [String: String]) -> Answer {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        guard FileManager.default.createFile(atPath: file.path, contents: Data((text + "\n").utf8), attributes: [.posixPermissions: 0o600]) else {
            return .failed("No file can be written to \(file.deletingLastPathComponent().path); set TMPDIR to a folder that can.")
        }
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        var status: Int32 = -1
        driver.stepAside { status = run(editor, file: file.path) }
        guard status == 0, let edited = try? String(contentsOf: file, encoding: .utf8) else {
            return .failed("The editor did not end well, and the text is as it was; set EDITOR to another than \(editor).")
        }
        return .form(.edited(edited))
    }

    /// Runs the editor on the terminal and waits; gives its exit status. A shell reads the words that the variable may hold.
    private static func run(_ editor: String, file: String) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/tty", O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        // What is typed at the editor is the editor's: Ctrl-C there is no wish to quit here, and Ctrl-Z stops both.
        let before = [(SIGINT, SIG_IGN), (SIGQUIT, SIG_IGN), (SIGTSTP, SIG_DFL)].map { number, handler in
            var own = sigaction(), fresh = sigaction()
            fresh.__sigaction_handler.sa_handler = handler
            sigaction(number, &fresh, &own)
            return (number: number, action: own)
        }
        defer {
            for (number, action) in before {
                var own = action
                sigaction(number, &own, nil)
            }
        }
        var attributes = posix_spawnattr_t(), usual = sigset_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        sigemptyset(&usual)
        for number in [SIGINT, SIGQUIT, SIGPIPE] { sigaddset(&usual, number) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let words = ["/bin/sh", "-c", editor + " \"$1\"", "sh", file]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 { if errno != EINTR { return -1 } }
        return status
    }
}
