import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// Charts of a run's page and of a comparison, by their keys.
@Suite struct ChartJourneyTests {
    private func open() throws -> Journey {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.addCurves()
        journey.press(.enter)
        return journey
    }

    private func live(_ journey: Journey) -> LiveModel? {
        if case .run(let page) = journey.model.top { page.live } else { nil }
    }

    @Test func aPanelFillsTheScreenAndComesBack() throws {
        let journey = try open()
        journey.type("2")
        #expect(live(journey)?.zoomed == .meanPrecision)
        #expect(!journey.text.contains("1 loss"))
        journey.type("0")
        #expect(live(journey)?.zoomed == nil)
        journey.type("j")
        #expect(journey.text.contains("3 precision, recall"))
    }

    @Test func theCrossHairWalksAlongSamplesInEveryChart() throws {
        let journey = try open()
        journey.type("x")
        #expect(live(journey)?.cursor == 290)
        journey.type("h")
        #expect(live(journey)?.cursor == 289)
        journey.type("H0")
        #expect(live(journey)?.cursor == 1)
        journey.type("lL")
        #expect(live(journey)?.cursor == 12)
        // The evaluation nearest to step 12 is that of step 25.
        #expect(journey.text.contains("mAP50 0.199"))
        journey.type("$n")
        #expect(journey.text.contains("Nothing more of note follows."))
        journey.type("p")
        #expect(journey.text.contains("best mAP50-95"))
        journey.press(.escape)
        #expect(live(journey)?.cursor == nil)
    }

    @Test func settingsAreSaidInTheTitle() throws {
        let journey = try open()
        journey.type("s")
        #expect(journey.text.contains("1 loss smoothed 0.6"))
        #expect(journey.text.contains(" raw "))
        journey.type("l")
        #expect(journey.text.contains("1 loss log, smoothed 0.6"))
        journey.type("Slt")
        #expect(journey.text.contains("1 loss ─"))
        journey.type("f")
        #expect(journey.text.contains("2 mAP fitted"))
        journey.type("m")
        #expect(journey.model.settings.chartGlyphs == .quadrant)
        journey.type("+")
        #expect(live(journey)?.window != nil)
        journey.type("0")
        #expect(live(journey)?.window == nil)
    }

    @Test func theCharactersOfLinesAreOneChoiceThatIsKept() throws {
        let journey = try open()
        journey.workbench.state.withLock { $0.evaluation = MemoryWorkbench.evaluation() }
        func hasBraille(_ journey: Journey) -> Bool {
            journey.text.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) }
        }
        #expect(hasBraille(journey))
        journey.type("mm")
        #expect(!hasBraille(journey) && journey.text.contains("half-block"))
        #expect(journey.keptSettings == "chart-glyphs: half-block\n")
        for tab in [RunTab.precisionRecall, .f1] {
            for _ in RunTab.allCases where journey.page?.tab != tab { journey.press(.tab) }
            #expect(journey.text.contains("▀") && !hasBraille(journey), "\(tab)")
        }
        journey.type("mm")
        #expect(hasBraille(journey) && journey.keptSettings == "chart-glyphs: braille\n")

        let next = try Journey(runs: MemoryWorkbench.someRuns, settings: "chart-glyphs: quadrant")
        next.workbench.addCurves()
        next.type(" j =")
        #expect(next.model.top.kind == .compare && !hasBraille(next))
        next.type("mmm")
        #expect(hasBraille(next))
    }

    @Test func aLogScaleWithoutPositiveValuesIsRefusedWithTheReason() throws {
        let journey = try open()
        journey.type("4l")
        #expect(journey.text.contains("A log scale needs values above zero"))
    }

    @Test func chartsAndMetricsAreExported() throws {
        let journey = try open()
        journey.type("e")
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.calls }.contains("save digit-scenes-yolov8n-charts.svg"))
        #expect(journey.text.contains("Wrote /here/digit-scenes-yolov8n-charts.svg."))
        journey.type("ecsv")
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.calls }.contains("save digit-scenes-yolov8n-metrics.csv"))
    }

    @Test func aLongSeriesIsAnOutlineUntilItsSamplesAreThere() {
        var metrics = RunMetrics()
        func curve(_ steps: [Double], lastID: Int64, total: Int) -> MetricCurve {
            MetricCurve(steps: steps, epochs: steps, wallTimes: steps, values: steps, lastID: lastID, total: total)
        }
        metrics.smooth(0.9, tags: ["a"])
        metrics.take(["a": curve([1, 500_000, 1_000_000], lastID: 9_000_000, total: 1_000_000)], startedAt: 0)
        #expect(metrics.series("a").count == 3)
        #expect(metrics.isIncomplete && metrics.cursors["a"] == 0)
        #expect(metrics.smoothedSeries("a") == nil, "an outline is no ground for smoothing")
        var start = 1
        while start <= 1_000_000 {
            let end = min(1_000_000, start + RunMetrics.partLength - 1)
            metrics.take(["a": curve((start...end).map { Double($0) }, lastID: Int64(end), total: end - start + 1)], startedAt: 0)
            start = end + 1
        }
        #expect(metrics.isIncomplete)
        metrics.take(["a": curve([], lastID: 0, total: 0)], startedAt: 0)
        #expect(!metrics.isIncomplete && metrics.series("a").count == 1_000_000)
        metrics.smooth(0.9, tags: ["a"])
        #expect(metrics.smoothedSeries("a")?.count == 1_000_000)
    }

    private func comparison(width: Int = 80, height: Int = 24, unicode: Bool = true) throws -> (CompareModel, CellBuffer) {
        let workbench = MemoryWorkbench()
        workbench.state.withLock { $0.runs = MemoryWorkbench.someRuns }
        workbench.addCurves()
        var model = CompareModel(runIDs: ["1", "4"])
        for effect in model.refresh() {
            let answer = try #require(EffectRunner.answer(effect, service: workbench))
            _ = model.take(answer, to: effect)
        }
        var buffer = CellBuffer(size: TerminalSize(width: width, height: height))
        let zone = try #require(TimeZone(secondsFromGMT: 0))
        let appearance = Appearance(theme: .dark, capabilities: TerminalCapabilities(colors: .palette256, unicode: unicode))
        model.draw(in: &buffer, context: ViewContext(appearance: appearance, timeZone: zone, now: 0, keymap: .standard))
        return (model, buffer)
    }

    @Test func marksOpenTheComparison() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.addCurves()
        journey.type("=")
        #expect(journey.model.top.kind == .runs)
        journey.type(" j ")
        #expect(journey.model.top.kind == .runs)
        journey.type("=")
        #expect(journey.model.top.kind == .compare)
        journey.press(.escape)
        #expect(journey.model.top.kind == .runs && journey.model.runs.window.marked.count == 2)
    }

    @Test(arguments: [(40, 12), (80, 24), (160, 50)]) func runsAreCompared(width: Int, height: Int) throws {
        var (model, buffer) = try comparison(width: width, height: height)
        #expect(buffer.text.contains("metrics/mAP50-95(B)"))
        #expect(buffer.text.contains("digit-sc"))
        #expect(buffer.lines.count == height)
        if height >= 50 {
            #expect(buffer.text.contains("Settings that differ"))
            #expect(buffer.text.contains("0.001"))
        }
        for action in [AppAction.nextMeasure, .moreSmoothing, .logScale, .chartAxis, .crossHair, .cursorLeft, .listDown] {
            if model.availability(of: action) == .available { _ = model.perform(action) }
        }
        #expect(model.tag != "metrics/mAP50-95(B)")
        #expect(CompareModel.obstacle(1) != nil && CompareModel.obstacle(2) == nil && CompareModel.obstacle(9) != nil)
    }
}
