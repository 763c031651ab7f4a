import Foundation
import Testing

/// The app in real terminals: what they are left like, what is written to them, and what they answer.
@Suite(.serialized) struct TerminalProgramTests {
    private static let home = "new run"

    private func expectRestored(_ program: TerminalProgram, sourceLocation: SourceLocation = #_sourceLocation) {
        let before = program.attributesBefore, after = program.attributes
        #expect(before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag, sourceLocation: sourceLocation)
        #expect(before.c_oflag == after.c_oflag && before.c_cflag == after.c_cflag, sourceLocation: sourceLocation)
        #expect(program.screen.modes.isDisjoint(with: [1000, 1002, 1006, 1049, 2004, 2026]), sourceLocation: sourceLocation)
        #expect(program.screen.modes.contains(25), "the cursor shows", sourceLocation: sourceLocation)
        for sequence in ["\u{1B}[?1049l", "?25h", "\u{1B}[?1000l"] {
            #expect(program.textWritten.contains(sequence), sourceLocation: sourceLocation)
        }
    }

    @Test func quittingRestoresTheTerminal() throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        #expect(program.attributes.c_lflag & tcflag_t(ICANON) == 0)
        program.type("q")
        #expect(program.waitForEnd())
        #expect(program.exitCode == 0)
        expectRestored(program)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func signalsEndItInOrder(number: Int32) throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        program.signal(number)
        #expect(program.waitForEnd())
        #expect(program.exitCode == 0)
        expectRestored(program)
    }

    /// SIGILL and SIGTRAP are what Swift's traps raise.
    @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGTRAP, SIGFPE]) func afterACrashTheTerminalIsRestoredAndTheReasonShown(number: Int32) throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        try program.writeToStandardError("Fatal error: the last words\n")
        program.listen(0.2)
        #expect(!program.screen.text.contains("last words"))
        program.signal(number)
        #expect(program.waitForEnd())
        #expect(program.endSignal == number)
        expectRestored(program)
        #expect(program.screen.text.contains("Fatal error: the last words"))
        #expect(program.screen.text.contains("fault of its own"))
    }

    @Test func strayOutputGoesToTheLogOnly() throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        try program.writeToStandardError("a library warns\n")
        let log = try #require(program.program).home.appendingPathComponent("screen.log")
        #expect(program.wait { _ in (try? String(contentsOf: log, encoding: .utf8))?.contains("a library warns") == true })
        program.type("q")
        #expect(program.waitForEnd())
        #expect(!program.textWritten.contains("library warns"))
    }

    @Test func aVanishedTerminalEndsItWithoutSpinning() throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        let before = program.processorSeconds
        program.hangUp()
        #expect(program.waitForEnd())
        #expect(before < .infinity)
    }

    @Test func suspendingGivesTheTerminalBackAndTakesItAgain() throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        program.type("\u{1A}")
        #expect(program.wait { $0.screen.modes.isDisjoint(with: [1049, 2004]) })
        program.listen(0.2)
        #expect(program.attributes.c_lflag == program.attributesBefore.c_lflag)
        #expect(!program.screen.modes.contains(1049))
        program.signal(SIGCONT)
        #expect(program.wait { $0.screen.modes.contains(1049) && $0.screen.text.contains(Self.home) })
        program.type("q")
        #expect(program.waitForEnd())
        expectRestored(program)
    }

    @Test func sizesFromOneCellOnAreDrawn() throws {
        let program = try TerminalProgram(width: 1, height: 1)
        #expect(program.wait { $0.screen.modes.contains(1049) })
        var state: UInt64 = 42
        for _ in 0..<60 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            program.resize(width: 1 + Int(state >> 40) % 200, height: 1 + Int(state >> 50) % 60)
            if state % 3 == 0 { program.type("?\u{1B}") }
            program.listen(0.01)
        }
        program.resize(width: 80, height: 24)
        #expect(program.wait(for: Self.home))
        // Whatever the storm left behind is gone: a full redraw shows the same.
        program.listen(0.3)
        let shown = program.screen.text
        program.type("\u{C}")
        program.listen(0.4)
        #expect(program.screen.text == shown)
        program.type("q")
        #expect(program.waitForEnd())
        expectRestored(program)
    }

    @Test func onlyWhatChangedIsWritten() throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        program.listen(0.5)
        program.setMark()
        program.listen(1.5)
        // Figures of the machine may change in the top line meanwhile.
        #expect(program.bytesSinceMark < 200, "\(program.bytesSinceMark) bytes in 1.5 idle seconds")
        program.type("?")
        #expect(program.wait(for: "Find"))
        program.listen(0.3)
        program.setMark()
        program.type("\u{1B}[B")
        #expect(program.wait { $0.bytesSinceMark > 0 })
        program.listen(0.2)
        #expect(program.bytesSinceMark < 700, "\(program.bytesSinceMark) bytes for one step in a list")
    }

    @Test func aLoneEscapeActsAtOnce() throws {
        let program = try TerminalProgram()
        #expect(program.wait(for: Self.home))
        program.type("?")
        #expect(program.wait(for: "Find"))
        program.type("\u{1B}")
        #expect(program.wait { !$0.screen.text.contains("Find") })
    }

    @Test(arguments: [
        ["TERM": "xterm-direct"], ["TERM": "xterm-256color", "COLORTERM": "truecolor"], ["TERM": "tmux-256color"], ["TERM": "screen"],
        ["TERM": "linux"], ["TERM": "vt100"], ["TERM": "xterm-kitty"], ["TERM": "never-heard-of"], ["TERM": "xterm-256color", "LANG": "C"],
        ["TERM": "xterm-256color", "NO_COLOR": "1"], ["TERM": "vt100", "LANG": "C"],
    ]) func terminalsOfAllKinds(environment: [String: String]) throws {
        let program = try TerminalProgram(environment: environment)
        #expect(program.wait(for: Self.home))
        let text = program.textWritten
        let isDirect = environment["TERM"] == "xterm-direct" || environment["COLORTERM"] != nil
        #expect(text.contains("48;2;21;24;29") == isDirect)
        if environment["NO_COLOR"] != nil || environment["TERM"] == "vt100" { #expect(text.firstMatch(of: /\u{1B}\[([0-9]+;)*(3|4)[0-8][;m]/) == nil) }
        if environment["LANG"] == "C" || environment["TERM"] == "linux" { #expect(program.screen.text.allSatisfy { $0.isASCII }) }
        if environment["TERM"] == "linux" || environment["TERM"] == "vt100" { #expect(!text.contains("\u{1B}]11") && !text.contains("\u{1B}_G")) }
        program.type("q")
        #expect(program.waitForEnd())
        #expect(program.exitCode == 0)
    }

    @Test func aLightTerminalGetsTheLightTheme() throws {
        let program = try TerminalProgram(
            environment: ["TERM": "xterm-direct"],
            answers: [("\u{1B}]11;?", "\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\"), ("\u{1B}[c", "\u{1B}[?62;22c")])
        #expect(program.wait(for: Self.home))
        #expect(program.textWritten.contains("48;2;250;250;247"))
        #expect(!program.textWritten.contains("48;2;21;24;29"))
    }

    /// Keys that are typed between the terminal's answers act, and no answer is taken for keys.
    @Test func answersNeverEatKeys() throws {
        let program = try TerminalProgram(answers: [
            ("\u{1B}]11;?", "?\u{1B}]11;rgb:0000/0000/0000\u{1B}\\pal\u{1B}_Gi=31;OK\u{1B}\\\u{1B}[?2026;2$y"), ("\u{1B}[c", "\u{1B}[?62;4c"),
        ])
        #expect(program.wait(for: "pal"))
        #expect(program.wait { $0.screen.synchronizedFrames > 0 })
        program.listen(0.3)
        #expect(program.screen.text.contains("Find") && !program.screen.text.contains("rgb"))
        let unwanted = try TerminalProgram(environment: ["TRAINYARD_SYNC": "0"], answers: [("\u{1B}[c", "\u{1B}[?2026;2$y\u{1B}[?62;4c")])
        #expect(unwanted.wait(for: Self.home))
        #expect(unwanted.screen.synchronizedFrames == 0)
    }

    /// A theme's file acts as soon as it is saved.
    @Test func savedThemesAreShownAtOnce() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-theme-\(UUID().uuidString)/own.yaml")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        try "base: dark\ncolors: {background: \"#010203\"}".write(to: file, atomically: true, encoding: .utf8)
        let program = try TerminalProgram(environment: ["TERM": "xterm-direct", "TRAINYARD_THEME": file.path])
        #expect(program.wait(for: Self.home))
        #expect(program.textWritten.contains("48;2;1;2;3"))
        try "base: dark\ncolors: {background: \"#040506\"}".write(to: file, atomically: true, encoding: .utf8)
        #expect(program.wait { $0.textWritten.contains("48;2;4;5;6") })
    }
}
