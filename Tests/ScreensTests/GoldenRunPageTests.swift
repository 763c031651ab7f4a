import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// The tabs of a run's page: full, empty, and with what opens over them.
@Suite struct GoldenRunPageTests {
    @Test(arguments: RunTab.allCases.filter { $0 != .metrics }) func tab(_ tab: RunTab) throws {
        try Golden.check(Journey.page(tab), "run-\(tab.rawValue)", usesSigns: [.precisionRecall, .f1, .predictions].contains(tab))
    }

    @Test func liveCharts() throws {
        let live = try Journey.page(.metrics)
        try Golden.check(live, "live", usesSigns: true)
        live.type("1")
        try Golden.check(live, "live-loss", usesSigns: true)
        // Chosen by the person, these hold without colours too.
        live.type("m")
        try Golden.check(live, "live-quadrants")
        live.type("mmm")
        try Golden.check(live, "live-braille")
        live.type("x")
        live.press(Array(repeating: .left, count: 100))
        try Golden.check(live, "live-cursor")
        live.press(.escape)
        live.type("sl")
        try Golden.check(live, "live-smoothed")
        live.type("0e")
        try Golden.check(live, "export")
        // A loss that spikes and then is no number.
        let broken = try Journey.page(.metrics)
        broken.workbench.state.withLock { state in
            for index in state.points["train/loss", default: []].indices where index > 200 {
                state.points["train/loss"]?[index].value = index == 201 ? 40 : .nan
            }
        }
        broken.press(.escape, .enter)
        broken.type("1")
        try Golden.check(broken, "live-not-a-number", usesSigns: true)
    }

    @Test func withoutData() throws {
        let pending = try Journey(runs: MemoryWorkbench.someRuns)
        pending.workbench.state.withLock { $0.checkpoints = [] }
        pending.press(.down, .enter)
        for tab in [RunTab.metrics, .classes, .predictions, .log, .checkpoints] {
            for _ in RunTab.allCases where pending.page?.tab != tab { pending.press(.tab) }
            try Golden.check(pending, "run-\(tab.rawValue)-nothing")
        }
    }

    @Test func endings() throws {
        for (index, name) in [(2, "failed"), (3, "success"), (4, "aborted")] {
            try Golden.check(Journey.page(.metrics, run: index), "run-metrics-\(name)", usesSigns: true)
            try Golden.check(Journey.page(.overview, run: index), "run-overview-\(name)")
        }
    }

    @Test func fullerTabs() throws {
        let confusion = try Journey.page(.confusion, evaluation: MemoryWorkbench.evaluation(classes: 80))
        confusion.type("Gv")
        try Golden.check(confusion, "run-confusion-many")
        let images = try Journey.page(.predictions)
        images.press(.right, .right)
        try Golden.check(images, "run-predictions-missing")
        let log = try Journey.page(.log)
        log.workbench.state.withLock { state in
            state.log = (1...100).map {
                let level = $0 % 10 == 0 ? "warning" : $0 == 95 ? "error" : "info"
                let text = "line \($0) " + String(repeating: "word ", count: $0 % 7 * 5)
                return LogLine(id: Int64($0), time: MemoryWorkbench.noon + Double($0), level: level, text: text)
            }
        }
        log.tick()
        try Golden.check(log, "run-log-following")
        log.type("z")
        try Golden.check(log, "run-log-wrapped")
        log.type("w/word")
        try Golden.check(log, "run-log-filtered")
    }

    @Test func whatOpensOverTabs() throws {
        let checkpoints = try Journey.page(.checkpoints, run: 2)
        checkpoints.type("e")
        try Golden.check(checkpoints, "checkpoint-export")
        checkpoints.press(.escape)
        checkpoints.type("m")
        try Golden.check(checkpoints, "checkpoint-model")
        checkpoints.press(.escape, .enter)
        try Golden.check(checkpoints, "checkpoint-resume")
        let configuration = try Journey.page(.configuration)
        configuration.type("D")
        try Golden.check(configuration, "configuration-choose")
        configuration.type("digits-large")
        configuration.press(.enter)
        try Golden.check(configuration, "configuration-differences")
    }
}
