import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// What lies over every screen, themes, and the screens of more than one run.
@Suite struct GoldenShellTests {
    @Test func helpAndPalette() throws {
        let table = try Journey(runs: MemoryWorkbench.someRuns)
        table.type("?")
        try Golden.check(table, "help")
        table.type("res")
        try Golden.check(table, "help-filtered")
        table.press(.escape)
        table.type(":re")
        try Golden.check(table, "palette")
        table.type("xyz")
        try Golden.check(table, "palette-nothing")
        table.press(.escape, .enter)
        table.type("?")
        try Golden.check(table, "help-run")
        let form = try Journey()
        form.begin()
        form.type("?")
        try Golden.check(form, "help-form")
    }

    @Test func leaving() throws {
        let busy = try Journey(runs: MemoryWorkbench.someRuns)
        busy.workbench.state.withLock { $0.own = ["1"] }
        busy.tick()
        busy.type("q")
        try Golden.check(busy, "quit")
        let unsaved = try Journey()
        unsaved.begin()
        unsaved.press(.tab, .tab, .tab)
        unsaved.type("q")
        try Golden.check(unsaved, "quit-unsaved")
    }

    @Test func notices() throws {
        let wrong = try Journey(settings: "colour: red\nbell: loud")
        try Golden.check(wrong, "notice-settings")
        let refused = try Journey(runs: MemoryWorkbench.someRuns)
        refused.type("R")
        try Golden.check(refused, "notice-refused")
    }

    @Test func tooSmall() throws {
        let sizes = [(39, 11), (40, 11), (20, 4)].map { TerminalSize(width: $0.0, height: $0.1) }
        let small = try Journey(width: 39, height: 12)
        try Golden.check(small, "small", sizes: sizes)
        #expect(small.text.contains("✗ 39 columns, needs 40"))
        small.type("n")
        #expect(small.model.top.kind == .runs)
        // Every size is drawn, however odd.
        for width in [0, 1, 5, 17, 39] {
            for height in [0, 1, 2, 3, 11] { _ = try Journey(width: width, height: height) }
        }
    }

    @Test func themes() throws {
        let journey = try Journey()
        journey.type("T")
        try Golden.check(journey, "themes", usesSigns: true)
        journey.press(.down)
        try Golden.check(journey, "themes-light", usesSigns: true)
    }

    @Test func comparing() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.addCurves()
        journey.type(" j =")
        try Golden.check(journey, "compare", usesSigns: true)
        journey.press(.enter)
        try Golden.check(journey, "compare-choose", usesSigns: true)
        journey.press(.escape)
        journey.type("x")
        try Golden.check(journey, "compare-cursor", usesSigns: true)
        let without = try Journey(runs: MemoryWorkbench.someRuns)
        without.type(" j =")
        try Golden.check(without, "compare-no-curves")
    }
}
