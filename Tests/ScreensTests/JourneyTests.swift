import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

@Suite struct JourneyTests {
    @Test func enterThroughTheDefaultsSubmitsThem() throws {
        let journey = try Journey()
        #expect(journey.text.contains("Nothing has been trained here yet."))
        journey.type("n")
        for step in WizardStep.allCases {
            #expect(journey.text.contains("step \(step.rawValue + 1) of 7"))
            #expect(journey.model.wizard?.step == step)
            journey.press(.enter)
        }
        let expected = try journey.workbench.defaultDraft(task: .objectDetection)
        #expect(journey.workbench.state.withLock { $0.submitted } == [expected])
        #expect(journey.model.top.kind == .run)
        #expect(journey.text.contains("epoch 2/20"))
        journey.type("b")
        #expect(journey.text.contains("digit-scenes-yolov8n"))
    }

    @Test func anyStepOpensAgainFromReview() throws {
        let journey = try Journey()
        journey.type("n")
        journey.press(Array(repeating: .pageDown, count: 6))
        journey.press(.tab, .tab, .tab, .tab, .tab, .enter)
        #expect(journey.model.wizard?.step == .length)
        journey.press(.tab, .right, .right, .tab, .enter)
        #expect(journey.model.wizard?.step == .review)
        #expect(journey.text.contains("22 epochs × 25 steps"))
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.submitted.map(\.epochs) } == [22])
    }

    @Test func aFileOfWeightsIsImportedAndStartedFrom() throws {
        let journey = try Journey()
        journey.type("n")
        journey.press(.pageDown, .pageDown, .pageDown, .tab, .tab)
        journey.type("weights.txt?")
        #expect(journey.model.wizard?.weightsFile.text == "weights.txt?")
        journey.press(.enter)
        #expect(journey.text.contains("The file weights.txt? does not fit"))
        journey.press(.control("u"))
        journey.type("coco.pth")
        journey.press(.tab, .pageDown)
        // A path that was typed and not imported is not forgotten.
        #expect(journey.model.wizard?.step == .length && journey.model.wizard?.problem(in: .model) != nil)
        journey.press(.pageUp, .tab, .tab, .enter)
        #expect(journey.workbench.state.withLock { $0.calls } == ["import weights.txt?", "import coco.pth"])
        #expect(journey.model.wizard?.draft.startFrom == .model("m1") && journey.model.wizard?.draft.architecture == "YOLOv8_small")
        #expect(journey.text.contains("coco") && journey.text.contains("its head starts fresh") && journey.text.contains("355 of 355"))
        #expect(journey.model.wizard?.weightsFile.text == "")
    }

    @Test func labelsAreChosenAndNoneIsRefused() throws {
        let journey = try Journey()
        journey.type("n")
        journey.press(.pageDown, .pageDown)
        journey.type("a")
        journey.press(.enter)
        #expect(journey.text.contains("Choose at least one label."))
        journey.press(.tab, .enter, .down, .enter)
        #expect(journey.model.wizard?.draft.labels == ["0", "1"])
        journey.press(.pageUp)
        #expect(journey.model.wizard?.step == .data)
    }

    @Test func tooLittleMemoryIsSaidAndNotSubmitted() throws {
        let journey = try Journey()
        journey.type("n")
        journey.press(Array(repeating: .pageDown, count: 5))
        journey.press(.tab, .tab, .control("u"))
        journey.type("0.5")
        #expect(journey.text.contains("not available because"))
        journey.press(.pageDown, .enter)
        #expect(journey.workbench.state.withLock { $0.submitted.isEmpty })
        #expect(journey.model.wizard?.problem?.contains("needs about 1.2 GiB") == true)
    }

    @Test func aRefusedSubmitKeepsTheWizard() throws {
        let journey = try Journey()
        journey.workbench.state.withLock { $0.submitProblem = "There are fewer than five images. Import more." }
        journey.type("n")
        journey.press(Array(repeating: .enter, count: 7))
        #expect(journey.model.top.kind == .wizard)
        #expect(journey.text.contains("There are fewer than five images."))
    }

    @Test func anotherTaskBringsItsOwnData() throws {
        let journey = try Journey()
        journey.type("n")
        journey.press(.tab, .tab, .tab, .tab, .enter, .up, .enter)
        #expect(journey.model.wizard?.draft.task == .imageClassification)
        #expect(journey.model.wizard?.draft.train.datasetID == "d2")
    }

    @Test func quittingAsksOnlyWhileSomethingTrains() throws {
        let idle = try Journey()
        idle.type("q")
        #expect(idle.quits == [.now])
        // The live runs of other processes are no concern of this one.
        let busy = try Journey(runs: MemoryWorkbench.someRuns)
        busy.type("q")
        #expect(busy.quits == [.now])
        busy.workbench.state.withLock { $0.own = ["1"] }
        busy.tick()
        busy.type("q")
        #expect(busy.text.contains("In this program: digit-scenes-yolov8n."))
        busy.press(.enter)
        #expect(busy.quits == [.now])
        busy.type("q")
        busy.press(.right, .enter)
        #expect(busy.quits == [.now, .stoppingRuns])
    }

    @Test func nothingIsWrittenWhenNothingChanged() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.tick()
        let frames = journey.driver.writtenFrames
        for _ in 0..<10 { journey.tick(0.1) }
        #expect(journey.driver.writtenFrames == frames)
    }

    @Test func aResumedRunReplacesWhatItRepeats() {
        var live = LiveModel(runID: "1")
        func curve(_ points: [(id: Int64, step: Double)]) -> MetricCurve {
            MetricCurve(
                steps: points.map(\.step), epochs: points.map { _ in 0 }, wallTimes: points.map { _ in 0 }, values: points.map { Double($0.id) },
                lastID: points.last?.id ?? 0, total: points.count)
        }
        let workbench = MemoryWorkbench()
        workbench.state.withLock { $0.runs = MemoryWorkbench.someRuns }
        guard let detail = try? workbench.run("1") else { return #expect(Bool(false)) }
        live.take(RunRefresh(detail: detail, curves: ["train/loss": curve([(1, 1), (2, 2), (3, 3)])], log: []))
        live.take(RunRefresh(detail: detail, curves: ["train/loss": curve([(4, 2), (5, 3)])], log: []))
        #expect(live.metrics.series("train/loss").pyramid.values == [1, 4, 5])
    }
}
