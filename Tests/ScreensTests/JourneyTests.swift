import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

@Suite struct JourneyTests {
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
