import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// Goldens of what lies over every screen.
@Suite struct ShellGoldenTests {
    @Test(arguments: [(40, 12), (80, 24), (160, 50)]) func overlays(width: Int, height: Int) throws {
        let palette = try Journey(width: width, height: height, runs: MemoryWorkbench.someRuns)
        palette.type(":re")
        try GoldenScreenTests.check(palette, "palette")
        palette.press(.escape)
        palette.workbench.state.withLock { $0.own = ["1"] }
        palette.tick()
        palette.type("q")
        try GoldenScreenTests.check(palette, "quit")
        let help = try Journey(width: width, height: height)
        help.begin()
        help.type("?")
        try GoldenScreenTests.check(help, "help-form")
    }

    @Test func withoutUnicodeAndColour() throws {
        let ascii = try Journey(width: 80, height: 24, unicode: false, colors: .none, runs: MemoryWorkbench.someRuns)
        ascii.type("?")
        try GoldenScreenTests.check(ascii, "help-ascii")
        #expect(ascii.text.allSatisfy { $0.isASCII })
        try GoldenScreenTests.check(try Journey(width: 39, height: 11), "small")
        // Every size is drawn, however odd.
        for width in [0, 1, 5, 17, 39] {
            for height in [0, 1, 2, 3, 11] { _ = try Journey(width: width, height: height) }
        }
    }
}
