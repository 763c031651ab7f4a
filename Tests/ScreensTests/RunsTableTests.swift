import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

@Suite struct RunsTableTests {
    private func calls(_ journey: Journey) -> [String] {
        journey.workbench.state.withLock { $0.calls }
    }

    private func manyRuns(_ count: Int) -> [RunSummary] {
        (0..<count).map { MemoryWorkbench.run("id\($0)", name: "run-\($0)", status: .success, progress: 1, age: Double($0)) }
    }

    @Test func searchFilterAndSort() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("/plat")
        #expect(journey.model.runs.visible.map(\.id) == ["3"])
        #expect(journey.text.contains("1 of 5 runs"))
        journey.press(.escape)
        journey.type("fjob_fail")
        journey.press(.enter)
        #expect(journey.model.runs.status == "failed" && journey.model.runs.visible.map(\.id) == ["3"])
        journey.press(.escape)
        #expect(journey.model.runs.visible.count == 5)
        journey.type("s")
        #expect(journey.model.runs.sort != .created)
        while journey.model.runs.sort != .name { journey.type("s") }
        #expect(journey.model.runs.visible.map(\.name) == MemoryWorkbench.someRuns.map(\.name).sorted())
        #expect(journey.text.contains("name↑"))
        journey.type("S")
        #expect(journey.model.runs.visible.map(\.name) == MemoryWorkbench.someRuns.map(\.name).sorted().reversed())
    }

    @Test func columnsAndOrderAreKeptForTheNextStart() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        // The ID's column, above the one that is sorted by, goes to the front, and that one away; then by ID.
        journey.type("Ck")
        journey.press(.left)
        journey.type("jj ")
        #expect(journey.keptSettings == "runs-columns: [id, name, status, progress, time, service, best, model]\n")
        journey.type("kk")
        journey.press(.enter, .escape)
        journey.type("S")
        let kept = journey.keptSettings
        #expect(kept.hasSuffix("\nruns-order: id descending\n"))

        let next = try Journey(width: 140, runs: MemoryWorkbench.someRuns, settings: kept)
        #expect(next.model.runs.columns.shown == [.id, .name, .status, .progress, .duration, .service, .best, .model])
        #expect(next.model.runs.visible.map(\.id) == ["5", "4", "3", "2", "1"])
        #expect(next.text.contains("ID↓") && !next.text.contains("created"))
        next.type("C")
        next.press(Array(repeating: .down, count: 9))
        next.type(" ")
        #expect(next.model.runs.columns.shown.last == .task)
    }

    @Test func theNameIsShownWhateverTheSettingsSay() {
        #expect(RunColumns(shown: [.status]).shown == [.name, .status])
        #expect(RunColumns(shown: RunColumns().shown) == RunColumns())
    }

    @Test func aQueryThatIsWrongSaysSoAndKeepsTheRows() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("/status:")
        #expect(journey.text.contains("The query is not finished") && journey.text.contains("such as status:failed"))
        journey.type("failed")
        #expect(journey.model.runs.visible.map(\.id) == ["3"] && !journey.text.contains("not finished"))
        journey.type(" nothing")
        #expect(journey.text.contains("No run matches. Esc clears the search and shows all 5."))
    }

    @Test func theSelectionStaysOnItsRun() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.press(.down, .down)
        #expect(journey.model.runs.window.selected?.id == "3")
        journey.type("S")
        #expect(journey.model.runs.window.selected?.id == "3")
        journey.workbench.state.withLock { $0.runs.insert(MemoryWorkbench.run("new", name: "newest", status: .running, progress: 0, age: -5), at: 0) }
        journey.tick()
        #expect(journey.model.runs.window.selected?.id == "3" && journey.text.contains("newest"))
    }

    @Test func onlyAWindowOfRowsIsHeld() throws {
        let journey = try Journey(runs: manyRuns(5000))
        #expect(journey.model.runs.visible.count == 160 && journey.text.contains("Runs 5,000"))
        journey.press(.end)
        #expect(journey.model.runs.window.selected?.id == "id4999" && journey.model.runs.visible.count == 160)
        #expect(journey.text.contains("run-4999"))
        for _ in 0..<30 { journey.press(.pageUp) }
        #expect(journey.model.runs.window.selected?.id == "id4699" && journey.text.contains("run-4699"))
        journey.press(.home)
        #expect(journey.model.runs.window.selected?.id == "id0")
        let asked = journey.workbench.state.withLock { $0.tableReads }
        for _ in 0..<10 { journey.tick() }
        #expect(journey.workbench.state.withLock { $0.tableReads } == asked)
    }

    @Test func columnsHideMoveAndSort() throws {
        let journey = try Journey(width: 160, height: 50, runs: MemoryWorkbench.someRuns)
        #expect(journey.text.contains("service"))
        journey.type("C")
        while journey.model.runs.columns.hidden.isEmpty || !journey.model.runs.columns.hidden.contains(.created) { journey.type(" ") }
        journey.press(.left, .escape)
        #expect(!journey.model.runs.columns.shown.contains(.created) && journey.model.runs.columns.order.prefix(2) == [.name, .created])
        journey.type("C")
        journey.press(.home, .enter, .escape)
        #expect(journey.model.runs.sort == .created || journey.model.runs.sort == .name)
    }

    @Test func removeAsksOnceAndCancelHasTheFocus() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("R")
        #expect(journey.model.question == nil)
        journey.press(.down, .down)
        journey.type("R")
        journey.press(.enter)
        #expect(calls(journey) == [])
        journey.type("R")
        journey.press(.right, .enter)
        #expect(calls(journey) == ["remove 3"])
        #expect(!journey.text.contains("plates-ssd"))
    }

    @Test func aModelInUseWantsItsNameTyped() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.state.withLock { $0.users = ["3": ["fine-tuned"]] }
        journey.press(.down, .down)
        journey.type("R")
        #expect(journey.text.contains("fine-tuned") && journey.text.contains("in use"))
        journey.press(.right, .enter)
        #expect(calls(journey) == [] && journey.model.question != nil)
        journey.type("plates-ssd")
        journey.press(.enter)
        #expect(calls(journey) == ["remove 3"])
    }

    @Test func manyAtOnceWithOneQuestionThatCounts() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("*")
        #expect(journey.text.contains("5 marked"))
        journey.type("R")
        #expect(journey.text.contains("3 runs (1 success, 1 failed, 1 aborted)") && journey.text.contains("2 have not"))
        journey.press(.right, .enter)
        #expect(Set(calls(journey)) == ["remove 3", "remove 4", "remove 5"])
        #expect(journey.model.runs.visible.map(\.id) == ["1", "2"])
        journey.press(.escape)
        #expect(journey.model.runs.window.marked.isEmpty)
    }

    @Test func rangesAreMarked() throws {
        let journey = try Journey(runs: manyRuns(300))
        journey.press(.character(" "), .down, .down)
        journey.type("v")
        #expect(journey.model.runs.window.marked.count == 4)
        journey.press(.end)
        journey.type("v")
        // Most of that range is not at hand.
        #expect(journey.model.runs.window.marked.count == 4 && journey.text.contains("mark all that match"))
    }

    @Test func abortRerunAndResumeReachTheWorkbench() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("a")
        journey.press(.right, .enter, .down, .down)
        journey.type("rjjc")
        #expect(calls(journey) == ["abort 1", "rerun 3", "resume 5"])
    }

    @Test func theMenuSaysWhatCannotBeDone() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.state.withLock {
            $0.checkpoints = [
                CheckpointSummary(path: "/runs/3/best", step: 300, epoch: 12, kind: "best", createdAt: 1),
                CheckpointSummary(path: "/runs/3/last", step: 412, epoch: 16, kind: "last", createdAt: 2),
            ]
        }
        journey.press(.down, .down)
        journey.type("m")
        #expect(journey.text.contains("copy the execution ID") && journey.text.contains("resume from a checkpoint"))
        journey.press(.down)
        #expect(journey.text.contains("Mark two runs or more"))
        journey.press(.down)
        #expect(journey.text.contains("has left no model yet"))
        journey.type("P")
        #expect(journey.text.contains("last at step 412") && journey.text.contains("best at step 300"))
        journey.press(.down, .enter)
        #expect(calls(journey) == ["resume 3 from /runs/3/best"])
    }

    @Test func theMenuTakesTheKeysThatItShows() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns, settings: "keys:\n  run.rerun: [x]\n")
        journey.press(.down, .down)
        journey.type("m")
        #expect(journey.text.contains("x       rerun from the beginning"))
        journey.type("n")
        #expect(journey.model.top.kind == .runs && journey.text.contains("The open list comes first."))
        journey.type("r")
        #expect(calls(journey) == [])
        journey.type("x")
        #expect(calls(journey) == ["rerun 3"] && !journey.text.contains("copy the execution ID"))
    }

    @Test func aRunIsDuplicatedIntoAForm() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.press(.down)
        journey.type("d")
        #expect(journey.model.top.kind == .form && journey.model.form?.configuration.name.isEmpty == false)
    }
}
