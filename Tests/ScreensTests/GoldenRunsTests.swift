import Synchronization
import TerminalKit
import Testing

@testable import Screens

/// The runs table's states as text, at three sizes, with and without Unicode and colour.
@Suite struct GoldenRunsTests {
    @Test(arguments: [(40, 12), (80, 24), (160, 50)], [true, false]) func tableStates(size: (width: Int, height: Int), isPlain: Bool) throws {
        let end = isPlain ? "-ascii" : ""
        func open() throws -> Journey {
            try Journey(
                width: size.width, height: size.height, unicode: !isPlain, colors: isPlain ? .none : .palette256, runs: MemoryWorkbench.troubledRuns)
        }
        let reasons = try open()
        reasons.press(.down)
        try GoldenScreenTests.check(reasons, "runs-waiting" + end)
        reasons.press(.down)
        try GoldenScreenTests.check(reasons, "runs-failed" + end)
        reasons.press(.down)
        try GoldenScreenTests.check(reasons, "runs-warned" + end)
        reasons.type("m")
        try GoldenScreenTests.check(reasons, "runs-menu" + end)
        reasons.press(.escape)
        reasons.type("C")
        try GoldenScreenTests.check(reasons, "runs-columns" + end)
        reasons.press(.escape)
        reasons.type("f")
        try GoldenScreenTests.check(reasons, "runs-status" + end)

        let search = try open()
        search.type("/digits")
        try GoldenScreenTests.check(search, "runs-search" + end)
        search.type(" colour:red")
        try GoldenScreenTests.check(search, "runs-query-problem" + end)
        search.press(.control("u"))
        search.type("nothing")
        try GoldenScreenTests.check(search, "runs-no-match" + end)

        let marks = try open()
        marks.press(.down, .down, .character(" "), .character(" "))
        try GoldenScreenTests.check(marks, "runs-marked" + end)
        marks.workbench.state.withLock { $0.users = ["4": ["fine-tuned"]] }
        marks.type("R")
        try GoldenScreenTests.check(marks, "runs-remove-many" + end)
    }
}
