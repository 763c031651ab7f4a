import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// What is the program's own: help, palette, keys, leaving, notices.
@Suite struct ShellJourneyTests {
    @Test func theHelpFindsRunsAndSaysWhyNot() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("?")
        #expect(journey.text.contains("new run") && journey.text.contains("type to find"))
        journey.type("resume")
        #expect(journey.text.contains("digit-scenes-yolov8n is still running."))
        journey.press(.enter)
        #expect(journey.model.overlay == nil && journey.text.contains("digit-scenes-yolov8n is still running."))
        #expect(journey.workbench.state.withLock { $0.calls } == [])
        journey.type("?stat")
        journey.press(.enter)
        #expect(journey.text.contains("─ Status "))
    }

    @Test func thePaletteRemembersAndHoldsWhatIsElsewhere() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type(":sort")
        journey.press(.enter)
        #expect(journey.model.runs.sort == .status && journey.model.recentActions == [.sortRuns])
        journey.type(":")
        #expect(journey.text.contains("recent"))
        journey.press(.enter)
        #expect(journey.model.runs.sort == .progress)
        journey.type(":next page")
        #expect(journey.text.contains("It belongs to another screen: Form."))
        journey.press(.escape)
        #expect(journey.model.overlay == nil && journey.model.top.kind == .runs)
    }

    @Test func keysOfTheSettingsWorkAndAreShown() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns, settings: "keys: {runs.new: [N, ctrl-n], app.quit: none}")
        #expect(journey.text.contains("N new run") && !journey.text.contains("q quit"))
        journey.type("nq")
        #expect(journey.model.top.kind == .runs && journey.quits == [])
        journey.press(.control("n"))
        #expect(journey.model.top.kind == .blueprints)
        journey.press(.enter)
        // Keys of a text field are the field's, whatever they stand for elsewhere.
        journey.press(.tab, .control("u"))
        journey.type("N:?")
        #expect(journey.model.form?.field?.text == "N:?")
    }

    @Test func mistakesInTheSettingsAreToldAtTheStart() throws {
        let journey = try Journey(settings: "colour: red\nbell: loud")
        #expect(journey.text.contains("The settings have 2 mistakes"))
        journey.tick(20)
        #expect(!journey.text.contains("mistakes"))
    }

    @Test func escapeGoesBackOneLevelOnly() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.press(.enter)
        journey.type("1?")
        journey.press(.escape)
        #expect(journey.model.overlay == nil && journey.text.contains("zoom out"))
        journey.press(.escape)
        #expect(journey.model.top.kind == .run && !journey.text.contains("zoom out"))
        journey.press(.escape)
        #expect(journey.model.top.kind == .runs)
        journey.press(.escape, .escape)
        #expect(journey.quits == [] && journey.model.screens.count == 1)
    }

    @Test func answersAreNotLostByQuitting() throws {
        let journey = try Journey()
        journey.begin()
        journey.press(.tab, .tab, .tab)
        journey.type("q")
        #expect(journey.text.contains("What was answered in the form is lost."))
        journey.press(.enter)
        #expect(journey.quits == [] && journey.model.top.kind == .form)
        journey.type("q")
        journey.press(.right, .enter)
        #expect(journey.quits == [.now])
    }

    @Test func controlCTwiceStopsAtOnce() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.state.withLock { $0.own = ["1"] }
        journey.tick()
        journey.press(.control("c"))
        #expect(journey.quits == [] && journey.model.question != nil)
        journey.press(.control("c"))
        #expect(journey.quits == [.stoppingRuns])
    }

    @Test func theEndOfARunIsAnnouncedAsTheSettingsWant() throws {
        let quiet = try Journey(runs: MemoryWorkbench.someRuns), loud = try Journey(
            runs: MemoryWorkbench.someRuns, settings: "bell: on\nnotifications: on\nprogress: off")
        for journey in [quiet, loud] {
            journey.workbench.set("1", to: .running)
            journey.tick()
            journey.workbench.set("1", to: .success)
            journey.tick()
            #expect(journey.text.contains("digit-scenes-yolov8n: success, best mAP50-95 0.871."))
            journey.tick()
        }
        #expect(quiet.requests == [.showProgress(57), .showProgress(nil)])
        #expect(
            loud.requests == [
                .ringBell, .notify(title: "Trainyard", text: "digit-scenes-yolov8n: success, best mAP50-95 0.871."),
            ])
    }

    @Test func theMouseChoosesRunsActionsAndButtons() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        try journey.click("plates-ssd")
        #expect(journey.model.runs.window.selected?.id == "3")
        try journey.click("R remove")
        #expect(journey.model.question != nil)
        try journey.click("Remove  ")
        #expect(journey.workbench.state.withLock { $0.calls } == ["remove 3"])
        journey.press([.mouse(MouseEvent(.wheelDown, x: 5, y: 5))])
        try journey.click("q quit")
        #expect(journey.quits == [.now])
    }

    @Test func theMouseFillsInForms() throws {
        let journey = try Journey()
        journey.begin()
        try journey.click("Resources")
        #expect(journey.text.contains("CPU cores") && !journey.text.contains("▸ CPU"))
        try journey.click("CPU cores")
        #expect(journey.text.contains("▸ CPU cores"))
        let page = journey.text
        try journey.click("Continue")
        #expect(journey.text != page && journey.text.contains("Submit"))
    }

    @Test func theMouseIsSwitchedAtRunTime() throws {
        let journey = try Journey(settings: "mouse: on")
        #expect(journey.model.usesMouse)
        journey.type("M")
        #expect(!journey.model.usesMouse && journey.text.contains("The mouse is off"))
        #expect(journey.requests == [.useMouse(false)])
    }

    @Test func aSmallTerminalTakesOnlyLeaving() throws {
        let journey = try Journey(width: 30, height: 8)
        #expect(journey.text.contains("✗ 30 columns, needs 40") && journey.text.contains("✗ 8 rows, needs 12"))
        journey.type("n:?q")
        #expect(journey.model.top.kind == .runs && journey.quits == [.now])
        journey.workbench.state.withLock { $0.runs = MemoryWorkbench.someRuns; $0.own = ["1"] }
        journey.tick()
        journey.type("q")
        #expect(journey.text.contains("Stop and save"))
        journey.press(.right, .enter)
        #expect(journey.quits == [.now, .stoppingRuns])
    }

    @Test func aTypedNameIsAskedForWhereItIsRequired() {
        var dialog = Dialog(title: "t", text: "x", actions: ["Remove"], requiredName: "mine")
        #expect(dialog.handle(.right) == .open && dialog.handle(.enter) == .open && dialog.misses)
        for letter in "mine" { #expect(dialog.handle(.character(letter)) == .open) }
        #expect(dialog.handle(.enter) == .chosen(0))
    }

    @Test func wholeLifeOfARun() throws {
        let journey = try Journey(inBackground: true)
        journey.begin()
        journey.press(Array(repeating: .enter, count: 7))
        #expect(journey.model.top.kind == .run && journey.text.contains("running"))
        journey.type("a")
        journey.press(.right, .enter)
        journey.tick()
        #expect(journey.text.contains("terminated"))
        journey.type("c")
        journey.tick()
        #expect(journey.text.contains("running"))
        journey.workbench.set("new", to: .success)
        journey.tick()
        #expect(journey.text.contains("success"))
        journey.type("r")
        journey.tick()
        #expect(journey.text.contains("running"))
        journey.type("b")
        journey.workbench.set("new", to: .failed)
        journey.tick()
        journey.type("R")
        journey.press(.right, .enter)
        #expect(journey.text.contains("Nothing has been trained here yet."))
        #expect(journey.workbench.state.withLock { $0.calls } == ["abort new", "resume new", "rerun new", "remove new"])
        journey.type("q")
        #expect(journey.quits == [.now])
    }
}
