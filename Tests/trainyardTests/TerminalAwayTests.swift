import Foundation
import Testing

/// The program while its terminal is another program's, or no longer there.
@Suite(.serialized) struct TerminalAwayTests {
    private static let modes: Set<Int> = [1000, 1002, 1006, 1049, 2004]

    /// A person's editor gets the terminal as the shell had it, and the program takes it again afterwards, with what was saved.
    @Test func theEditorGetsTheTerminalAndGivesItBack() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-editor-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("trainyard"), withIntermediateDirectories: true)
        try "mouse: on\n".write(to: folder.appendingPathComponent("trainyard/config.yaml"), atomically: true, encoding: .utf8)
        let script = folder.appendingPathComponent("editor"), goAhead = folder.appendingPathComponent("go")
        try """
            #!/bin/sh
            echo THE EDITOR IS OPEN
            while [ ! -e "\(goAhead.path)" ]; do sleep 0.05; done
            sed -i '1a "surprise": 1,' "$1"
            """.write(to: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script.path)

        let program = try TerminalProgram(environment: ["XDG_CONFIG_HOME": folder.path, "EDITOR": script.path, "VISUAL": ""])
        #expect(program.wait(for: "new run"))
        program.type("n")
        #expect(program.wait(for: "Advanced"))
        program.type("\u{1B}[B\u{1B}[B\r")
        #expect(program.wait(for: "runform"))
        let drawing = program.attributes
        #expect(program.screen.modes.isSuperset(of: Self.modes))

        program.type("\u{0F}")
        #expect(program.wait(for: "THE EDITOR IS OPEN"))
        let before = program.attributesBefore, editing = program.attributes
        #expect(program.screen.modes.isDisjoint(with: Self.modes.union([2026])) && program.screen.modes.contains(25))
        #expect(before.c_lflag == editing.c_lflag && before.c_iflag == editing.c_iflag && before.c_oflag == editing.c_oflag)
        try Data().write(to: goAhead)
        #expect(program.wait { $0.screen.modes.isSuperset(of: Self.modes) && $0.screen.text.contains("surprise") })
        #expect(program.attributes.c_lflag == drawing.c_lflag && program.attributes.c_iflag == drawing.c_iflag)
        #expect(!program.screen.text.contains("THE EDITOR"))

        // Ctrl-C at an editor ends that at most, and is no wish to leave the program.
        try FileManager.default.removeItem(at: goAhead)
        program.type("\u{0F}")
        #expect(program.wait(for: "THE EDITOR IS OPEN"))
        program.type("\u{3}")
        #expect(program.wait(for: "did not end well"))
        program.listen(0.3)
        #expect(program.screen.text.contains("surprise") && !program.screen.text.contains("Quit"))
        program.type("\u{3}\u{3}")
        #expect(program.waitForEnd())
        #expect(program.screen.modes.isDisjoint(with: Self.modes) && program.attributes.c_lflag == before.c_lflag)
    }

    /// What libraries write while a run trains stands in its log. When the terminal vanishes training goes on, and what waits for
    /// it costs next to nothing.
    @Test func trainingGoesOnQuietlyWhenTheTerminalVanishes() throws {
        let program = try TerminalProgram()
        let commands = try #require(program.program)
        #expect(program.wait(for: "new run"))
        program.type("n")
        #expect(program.wait(for: "Quick Start"))
        program.type("\r")
        #expect(program.wait(for: "Continue"))
        let submitted = program.wait { program in
            if program.screen.text.contains("1 loss") { return true }
            program.type("\r")
            program.listen(0.4)
            return false
        }
        #expect(submitted, "\(program.screen.text)")
        func run() throws -> RunAnswer { try commands.json(RunAnswer.self, "runs", "show", try commands.json([RunRow].self, "runs", "list")[0].id) }
        #expect(try waitUntil(60) { try run().step > 0 })
        let id = try run().summary.id
        try program.writeToStandardError("a library warns\n")
        #expect(try waitUntil(10) { try commands.run("runs", "logs", id).output.contains("a library warns") })
        #expect(!program.textWritten.contains("a library warns"), "the screen is no place for it, but by the run's log")

        program.hangUp()
        #expect(!program.waitForEnd(1), "its run still trains")
        let step = try run().step, before = program.screenThreadSeconds
        program.listen(3)
        let cost = program.screenThreadSeconds - before
        #expect(cost < 0.15, "\(cost) s of three")
        #expect(try waitUntil(30) { try run().step > step })
        #expect(try run().summary.status == "running")
        program.signal(SIGTERM)
        #expect(program.waitForEnd())
        #expect(try run().summary.status == "terminated")
    }

    private func waitUntil(_ seconds: Double, _ condition: () throws -> Bool) throws -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if try condition() { return true }
            usleep(100_000)
        }
        return false
    }
}
