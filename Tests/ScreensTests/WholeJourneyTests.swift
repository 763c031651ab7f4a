import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// What people come for, from the first key to what they see at the end. Effects are carried out on threads of their own, as in the program.
@Suite struct WholeJourneyTests {
    private func open(_ runs: [RunSummary] = MemoryWorkbench.someRuns, colors: ColorDepth = .palette256) throws -> Journey {
        let journey = try Journey(colors: colors, runs: runs, inBackground: true)
        journey.workbench.addCurves()
        journey.workbench.state.withLock { $0.evaluation = MemoryWorkbench.evaluation() }
        return journey
    }

    private func calls(_ journey: Journey) -> [String] { journey.workbench.state.withLock { $0.calls.filter { !$0.hasPrefix("evaluation") } } }

    /// The line of the table that tells of a run.
    private func row(_ name: String, _ journey: Journey) -> String { journey.driver.screen.lines.first { $0.contains(name) } ?? "" }

    @Test func fromTheWizardToAFinishedRun() throws {
        let journey = try open([])
        #expect(journey.text.contains("Nothing has been trained here yet."))
        journey.type("n")
        #expect(journey.text.contains("What does the run begin from?"))
        journey.press(.enter)
        for _ in 0..<4 { journey.press(.enter) }
        #expect(journey.text.contains("How long should it train?"))
        journey.focus(on: .question("/train_kwargs/n_epochs"))
        journey.press(.control("u"))
        journey.type("3")
        #expect(journey.text.contains("So far: 3 epochs × 25 steps"))
        journey.focus(on: .proceed)
        journey.press(.enter, .enter)
        #expect(journey.text.contains("Differs from Quick Start") && journey.text.contains("was 20"))
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.submitted.map(\.epochs) } == [3])
        #expect(journey.text.contains("● running") && journey.text.contains("1 loss"))
        journey.workbench.state.withLock { state in
            state.runs[0].progress = 1
            state.runs[0].bestMetric = 0.655
        }
        journey.workbench.set("new", to: .success)
        journey.tick()
        #expect(journey.text.contains("✓ success") && journey.text.contains("ended") && journey.text.contains("╭─ summary"))
        for _ in RunTab.allCases where journey.page?.tab != .predictions { journey.press(.tab) }
        #expect(journey.text.contains("scene-0.png"))
        journey.type("b")
        #expect(row("digit-scenes-yolov8n", journey).contains("✓ success") && row("digit-scenes-yolov8n", journey).contains("0.655"))
        journey.type("q")
        #expect(journey.quits == [.now], "nothing trains any more, so nothing is asked")
    }

    @Test func abortingOnThePage() throws {
        let journey = try open()
        journey.press(.enter)
        journey.type("a")
        #expect(journey.text.contains("finishes its step, saves,"))
        journey.press(.enter)
        #expect(calls(journey) == [] && journey.text.contains("● running"), "the first button keeps it")
        journey.type("a")
        journey.press(.right, .enter)
        journey.tick()
        #expect(calls(journey) == ["abort 1"] && journey.text.contains("■ terminated"))
        journey.type("b")
        #expect(row("digit-scenes-yolov8n", journey).contains("■ terminated"))
        journey.type("a")
        #expect(journey.text.contains("digit-scenes-yolov8n has ended; there is nothing to abort."))
    }

    @Test func removingARunWhoseModelIsInUse() throws {
        let journey = try open()
        journey.workbench.state.withLock { $0.users = ["4": ["fine-tuned"]] }
        journey.type("/digits-large")
        journey.press(.enter, .enter)
        #expect(journey.text.contains("digits-large  ✓ success"))
        journey.type("R")
        #expect(journey.text.contains("fine-tuned started from it.") && journey.text.contains("Type digits-large"))
        journey.press(.right, .enter)
        #expect(calls(journey) == [] && journey.text.contains("Not the name."))
        journey.type("digits-large")
        journey.press(.enter)
        #expect(calls(journey) == ["remove 4"] && journey.model.top.kind == .runs)
        #expect(journey.text.contains("No run matches."))
        journey.press(.escape)
        #expect(journey.text.contains("Runs 4") && row("digits-large", journey).isEmpty)
    }

    @Test func rerunningWhatFailed() throws {
        let journey = try open()
        journey.press(.down, .down)
        #expect(journey.text.contains("Failed at step 412: out of memory."))
        journey.press(.enter)
        for _ in RunTab.allCases where journey.page?.tab != .overview { journey.press(.tab) }
        #expect(journey.text.contains("r starts it again"))
        journey.type("r")
        journey.tick()
        #expect(calls(journey) == ["rerun 3"] && journey.text.contains("● running") && !journey.text.contains("✗ failed"))
        journey.type("b")
        #expect(row("plates-ssd", journey).contains("● running"))
        journey.type("q")
        #expect(journey.text.contains("In this program: plates-ssd."), "it trains in this program now")
        journey.press(.escape)
        #expect(journey.quits == [])
    }

    @Test func resumingFromACheckpoint() throws {
        let journey = try open()
        journey.press(.end, .enter)
        #expect(journey.text.contains("birds-night  ▲ aborted"))
        for _ in RunTab.allCases where journey.page?.tab != .checkpoints { journey.press(.tab) }
        journey.press(.down, .enter)
        #expect(journey.text.contains("birds-night goes on from its checkpoint") && journey.text.contains("Resume from step 250"))
        journey.press(.right, .enter)
        journey.tick()
        #expect(calls(journey) == ["resume 5 from /runs/1/checkpoints/best.safetensors"] && journey.text.contains("● running"))
        journey.press(.escape)
        #expect(row("birds-night", journey).contains("● running"))
        // From the table, without choosing, it is the last one.
        journey.press(.home, .down, .down)
        journey.type("c")
        journey.tick()
        #expect(calls(journey).last == "resume 3" && row("plates-ssd", journey).contains("● running"))
    }

    @Test func comparingTwoRuns() throws {
        let journey = try open()
        journey.type("/digit")
        journey.press(.enter)
        journey.type(" ")
        #expect(journey.text.contains("1 marked"))
        journey.type("=")
        #expect(journey.text.contains("Mark two runs or more"), "one run is nothing to compare")
        // The sentence goes by itself; it stands over the last row of whatever is open.
        journey.tick(20)
        journey.type(" ")
        #expect(journey.text.contains("2 marked"))
        journey.type("=")
        #expect(journey.text.contains("digits-large") && journey.text.contains("metrics/mAP50-95(B)"))
        journey.press(.enter)
        journey.type("train/loss")
        journey.press(.enter)
        #expect(journey.text.contains("─ train/loss ─"))
        journey.type("x")
        journey.press(.home)
        #expect(journey.text.contains("digits-large") && journey.text.contains(" 1 "))
        for _ in 0..<30 where !journey.text.contains("runform/optimizer/kwargs/lr") { journey.press(.pageDown) }
        #expect(journey.text.contains("Settings that differ") && journey.text.contains("0.001"))
        journey.press(.escape, .escape)
        #expect(journey.model.top.kind == .runs && journey.text.contains("2 marked"), "marks are kept")
        journey.press(.escape)
        #expect(!journey.text.contains("marked"))
    }

    @Test func changingTheTheme() throws {
        let journey = try open(colors: .trueColor)
        func ground() -> TerminalColor? { journey.driver.screen[x: 0, y: 5].style.background }
        #expect(ground() == Theme.dark.colors[.background])
        journey.type("T")
        journey.press(.down)
        #expect(ground() == Theme.light.colors[.background], "the marked theme is tried on")
        journey.press(.escape)
        #expect(ground() == Theme.dark.colors[.background])
        journey.type("T")
        journey.press(.down, .enter)
        #expect(ground() == Theme.light.colors[.background] && journey.text.contains("The theme light is kept."))
        journey.press(.enter)
        #expect(journey.model.top.kind == .run && ground() == Theme.light.colors[.background])
        journey.press(.escape)
        journey.begin()
        #expect(journey.model.top.kind == .form && ground() == Theme.light.colors[.background])
        let kept = SettingsFile.read(journey.settingsFile)
        #expect(kept.settings.theme == "light" && kept.problems == [], "the next start wears it too")
    }
}
