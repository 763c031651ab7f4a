import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// The runs table in all its states, and what lies over it.
@Suite struct GoldenRunsTests {
    @Test func theTableAndItsRows() throws {
        try Golden.check(Journey(), "runs-empty")
        let table = try Journey(runs: MemoryWorkbench.someRuns)
        try Golden.check(table, "runs")
        let reasons = try Journey(runs: MemoryWorkbench.troubledRuns)
        reasons.press(.down)
        try Golden.check(reasons, "runs-waiting")
        reasons.press(.down)
        try Golden.check(reasons, "runs-failed")
        reasons.press(.down)
        try Golden.check(reasons, "runs-warned")
        let many = try Journey(runs: (0..<500).map {
            MemoryWorkbench.run("id\($0)", name: "run-\($0)", status: .success, progress: 1, best: 0.9, age: Double($0))
        })
        many.press(.end)
        try Golden.check(many, "runs-many")
    }

    @Test func searching() throws {
        let search = try Journey(runs: MemoryWorkbench.troubledRuns)
        search.type("/digits")
        try Golden.check(search, "runs-search")
        search.type(" colour:red")
        try Golden.check(search, "runs-query-problem")
        search.press(.control("u"))
        search.type("nothing")
        try Golden.check(search, "runs-no-match")
    }

    @Test func whatOpensOverTheTable() throws {
        let table = try Journey(runs: MemoryWorkbench.troubledRuns)
        table.press(.down, .down, .down)
        table.type("m")
        try Golden.check(table, "runs-menu")
        table.press(.escape)
        table.type("C")
        try Golden.check(table, "runs-columns")
        table.press(.escape)
        table.type("f")
        try Golden.check(table, "runs-status")
        table.press(.escape, .up)
        table.type("P")
        try Golden.check(table, "runs-resume-from")
        table.press(.escape)
        table.type("B")
        try Golden.check(table, "runs-save-blueprint")
    }

    @Test func questions() throws {
        let one = try Journey(runs: MemoryWorkbench.troubledRuns)
        one.type("a")
        try Golden.check(one, "abort")
        one.press(.escape, .down, .down)
        one.type("R")
        try Golden.check(one, "remove")
        one.press(.escape)
        one.workbench.state.withLock { $0.users = ["3": ["fine-tuned"]] }
        one.type("R")
        one.press(.right, .enter)
        try Golden.check(one, "remove-in-use")

        let marks = try Journey(runs: MemoryWorkbench.troubledRuns)
        marks.press(.down, .down, .character(" "), .character(" "))
        try Golden.check(marks, "runs-marked")
        marks.workbench.state.withLock { $0.users = ["4": ["fine-tuned"]] }
        marks.type("R")
        try Golden.check(marks, "remove-many")
    }
}
