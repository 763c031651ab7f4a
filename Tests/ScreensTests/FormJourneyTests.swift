import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

@Suite struct FormJourneyTests {
    private func submitted(_ journey: Journey) -> [RunConfiguration] { journey.workbench.state.withLock { $0.submitted } }

    @Test func enterThroughTheDefaultsSubmitsThem() throws {
        let journey = try Journey()
        #expect(journey.text.contains("Nothing has been trained here yet."))
        journey.begin()
        for (index, page) in FormPages.quickStart.enumerated() {
            #expect(journey.text.contains("page \(index + 1) of 7"))
            #expect(journey.model.form?.pageID == page.id)
            journey.press(.enter)
        }
        let expected = try journey.workbench.configuration(blueprint: "quick-start", task: nil, dataset: nil)
        #expect(submitted(journey) == [expected])
        #expect(journey.model.top.kind == .run)
        journey.type("b")
        #expect(journey.text.contains("digit-scenes-yolov8n"))
    }

    @Test func aLineOfTheReviewOpensItsField() throws {
        let journey = try Journey()
        journey.begin()
        journey.turn(to: .length)
        journey.focus(on: .question("/train_kwargs/n_epochs"))
        journey.press(.right, .right)
        journey.turn(to: .review)
        #expect(journey.text.contains("Differs from Quick Start") && journey.text.contains("was 20"))
        journey.press(.tab, .enter)
        #expect(journey.model.form?.pageID == .length && journey.model.form?.focus == .question("/train_kwargs/n_epochs"))
        journey.press(.tab, .enter)
        #expect(journey.model.form?.pageID == .review && journey.text.contains("22 epochs"))
        journey.press(.enter)
        #expect(submitted(journey).map(\.epochs) == [22])
    }

    @Test func numbersAreTakenAsPeopleWriteThemAndResetByAKey() throws {
        let journey = try Journey()
        journey.begin(1)
        journey.turn(to: .training)
        journey.focus(on: .question("/train_kwargs/n_global_steps"))
        journey.press(.control("u"))
        journey.type("10k")
        #expect(journey.model.form?.configuration.steps == 10_000)
        #expect(journey.text.contains("Changed from 500"))
        journey.press(.control("r"))
        #expect(journey.model.form?.configuration.steps == 500 && journey.model.form?.differences.isEmpty == true)
        journey.turn(to: .optimizer)
        journey.focus(on: .question("/runform/optimizer/name"))
        journey.press(.enter)
        journey.type("AdamW")
        journey.press(.enter)
        journey.focus(on: .question("/runform/optimizer/kwargs/lr"))
        journey.press(.control("u"))
        journey.type("1e-4")
        #expect(journey.model.form?.configuration.json.contains("\"lr\": 0.0001") == true)
    }

    @Test func aWrongAnswerStandsBesideItsFieldAndStopsNobodyFromGoingBack() throws {
        let journey = try Journey()
        journey.begin(1)
        journey.turn(to: .trainData)
        journey.focus(on: .question("/runform/train_data/batch_size"))
        journey.press(.control("u"))
        journey.type("many")
        #expect(journey.text.contains("a whole number, 1 to 4096"))
        journey.focus(on: .proceed)
        journey.press(.enter)
        #expect(journey.model.form?.pageID == .trainData)
        journey.press(.pageUp)
        #expect(journey.model.form?.pageID == .model)
        journey.press(.pageDown)
        journey.focus(on: .question("/runform/train_data/batch_size"))
        #expect(journey.model.form?.field?.text == "many")
        #expect(journey.model.form?.configuration.batchSize == 16)
    }

    @Test func whatDoesNotApplyIsHidden() throws {
        let journey = try Journey()
        journey.begin(1)
        journey.turn(to: .augmentation)
        let shown = journey.model.form?.focuses ?? []
        #expect(shown.contains(.question("/runform/augmentation/mosaic")))
        #expect(!shown.contains(.question("/runform/augmentation/rand_augment/apply")))
        #expect(!shown.contains(.question("/runform/mixup/alpha")))
    }

    @Test func aFileOfWeightsIsImportedAndStartedFrom() throws {
        let journey = try Journey()
        journey.begin()
        journey.turn(to: .model)
        journey.focus(on: .weightsFile)
        journey.type("weights.txt?")
        #expect(journey.model.form?.weightsFile.text == "weights.txt?")
        journey.press(.enter)
        #expect(journey.text.contains("The file weights.txt? does not fit"))
        journey.press(.control("u"))
        journey.type("coco.pth")
        journey.press(.tab, .pageDown)
        // A path that was typed and not imported is not forgotten.
        #expect(journey.model.form?.pageID == .length && journey.model.form?.problem(on: .model) != nil)
        journey.press(.pageUp)
        journey.focus(on: .weightsFile)
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.calls } == ["import weights.txt?", "import coco.pth"])
        #expect(journey.model.form?.configuration.startModel == "m1" && journey.model.form?.configuration.architecture == "YOLOv8_small")
        #expect(journey.text.contains("coco") && journey.text.contains("its head starts fresh"))
    }

    @Test func labelsAreChosenAndOneStays() throws {
        let journey = try Journey()
        journey.begin()
        journey.turn(to: .labels)
        journey.type("a")
        #expect(journey.model.form?.configuration.labels == ["0"])
        journey.press(.tab, .tab, .enter)
        #expect(journey.model.form?.configuration.labels == ["0", "1"])
        journey.press(.enter, .up, .enter)
        #expect(journey.model.form?.configuration.labels == ["0"] && journey.text.contains("at least one label"))
        journey.type("a")
        #expect(journey.model.form?.configuration.labels == [] && journey.model.form?.chosenLabels.count == 10)
    }

    @Test func tooLittleMemoryIsSaidAndNotSubmitted() throws {
        let journey = try Journey()
        journey.begin()
        journey.turn(to: .resources)
        journey.focus(on: .question("/resources/memory"))
        journey.press(.control("u"))
        journey.type("0.5")
        #expect(journey.text.contains("not available because"))
    }

    @Test func aRefusedSubmitKeepsTheForm() throws {
        let journey = try Journey()
        journey.workbench.state.withLock { $0.submitProblem = "There are fewer than five images. Import more." }
        journey.begin()
        journey.press(Array(repeating: .enter, count: 7))
        #expect(journey.model.top.kind == .form)
        #expect(journey.text.contains("There are fewer than five images."))
    }

    @Test func anotherTaskBringsItsOwnData() throws {
        let journey = try Journey()
        journey.begin()
        journey.focus(on: .question("/runform/task_type"))
        journey.press(.enter, .up, .enter)
        #expect(journey.model.form?.configuration.task == .imageClassification)
        #expect(journey.model.form?.configuration[.train].datasetID == "d2")
    }

    @Test func aSnapshotIsMadeInsideTheForm() throws {
        let journey = try Journey()
        journey.begin()
        journey.turn(to: .data)
        journey.focus(on: .makeData(.train))
        journey.press(.enter)
        journey.type("halves")
        journey.press(.tab, .enter, .tab, .control("u"))
        journey.type("50")
        journey.press(.tab, .control("u"))
        journey.type("49")
        journey.press(.tab, .tab, .tab, .enter)
        #expect(journey.text.contains("whole per cents"))
        journey.press(.up, .up, .up, .control("u"))
        journey.type("50")
        journey.press(.tab, .tab, .tab, .enter)
        #expect(journey.model.form?.configuration[.train].snapshotID == "made")
        #expect(journey.text.contains("240 train, 240 val"))
    }

    @Test func stepsAreMeasuredOnAKey() throws {
        let journey = try Journey()
        journey.begin()
        #expect(journey.text.contains("estimated"))
        journey.turn(to: .resources)
        journey.press(.control("t"))
        #expect(journey.text.contains("about 1m37") && journey.text.contains("measured"))
        journey.turn(to: .review)
        journey.press(.pageUp)
        journey.focus(on: .question("/resources/cpu"))
        journey.press(.left)
        #expect(!journey.text.contains("(measured)") && journey.text.contains("measured before the last change"))
    }

    @Test func theJSONTellsItsMistakesAndIsTakenOver() throws {
        let journey = try Journey()
        journey.begin(2)
        #expect(journey.text.contains("A valid configuration"))
        let lines = journey.model.form?.editor?.editor.lines ?? []
        let row = try #require(lines.firstIndex { $0.contains("\"n_global_steps\"") })
        journey.press(Array(repeating: .down, count: row))
        journey.press(.end, .backspace, .backspace, .backspace)
        journey.press(Array("x".map { Key.character($0) }))
        #expect(journey.text.contains("Not JSON"))
        journey.press(.escape)
        #expect(journey.model.question != nil)
        journey.press(.enter, .backspace)
        journey.type("77")
        journey.press(.control("s"))
        #expect(journey.model.form?.configuration.steps == 77 && journey.model.form?.pageID == .review)
        journey.press(.control("o"), .end, .backspace, .control("u"), .escape)
        #expect(journey.model.form?.editor == nil && journey.model.form?.configuration.steps == 77)
    }

    @Test func whatIsChosenBeforeTheBlueprintsAreReadWaitsForThem() throws {
        let journey = try Journey()
        var list = BlueprintsModel()
        for action in [AppAction.listDown, .listDown, .listUp, .beginRun] { #expect(list.perform(action).isEmpty) }
        let requests = list.take(.form(.blueprints(try journey.workbench.blueprints())), to: .form(.loadBlueprints))
        #expect(requests == FormScreen.opening(.blueprint(BlueprintSummary.builtIn[1]), replacing: true))
        // Once read, nothing of it is left to be done again.
        #expect(list.take(.form(.blueprints(try journey.workbench.blueprints())), to: .form(.loadBlueprints)) == [])
    }

    @Test func blueprintsAreSavedRenamedEditedAndRemoved() throws {
        let journey = try Journey()
        journey.begin(1)
        journey.turn(to: .review)
        journey.focus(on: .saveBlueprint)
        journey.press(.enter)
        journey.type("night shift")
        journey.press(.enter)
        #expect(journey.text.contains("Saved the blueprint night shift, version 1"))
        journey.press(.escape, .right, .enter)
        journey.type("n")
        journey.press(.down, .down, .down)
        #expect(journey.text.contains("night shift"))
        journey.type("r")
        journey.press(.control("u"))
        journey.type("day")
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.blueprints.map(\.name) } == ["day"])
        journey.type("e")
        journey.turn(to: .review)
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.blueprints.map(\.version) } == ["2"])
        #expect(journey.model.top.kind == .blueprints)
        journey.type("R")
        journey.press(.right, .enter)
        #expect(journey.workbench.state.withLock { $0.blueprints.isEmpty })
        journey.press(.up, .up, .up)
        journey.type("R")
        #expect(journey.text.contains("comes with the program"))
    }

    @Test func aRunIsDuplicatedIntoAFormOrABlueprint() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.type("d")
        #expect(journey.model.form?.configuration.name == "digit-scenes-yolov8n" && journey.model.form?.blueprint == .full)
        journey.press(.escape, .right, .enter)
        journey.type("B")
        journey.press(.control("u"))
        journey.type("again")
        journey.press(.enter)
        #expect(journey.model.top.kind == .runs)
        #expect(journey.workbench.state.withLock { $0.blueprints.map(\.name) } == ["again"])
    }
}
