import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// A hundred thousand random keys, clicks and actions from every screen, at all sizes: nothing may trap, and the model keeps its promises.
@Suite struct RandomKeyTests {
    enum Start: CaseIterable, Sendable {
        case empty, runs, blueprints, quickStart, full, json, runPage, predictions, themes, compare, palette
    }

    /// A hundred thousand in all.
    private static let keysFromEach = 100_000 / Start.allCases.count + 1

    private static let keys: [Key] = [
        .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown,
        .control("c"), .control("u"), .control("k"), .control("a"), .control("l"), .control("o"), .control("s"), .control("r"), .function(5), .alt("x"), .modified(.shift, .up),
        .paste("12\nab"),
    ] + "nnnarRcqbfsT?:l0123 /jkhgG9é漢.-+".map { .character($0) }

    @Test(arguments: Start.allCases) func nothingTraps(start: Start) throws {
        let seed = UInt64(11 + (Start.allCases.firstIndex(of: start) ?? 0))
        print("random keys from \(start), seed \(seed)")
        let journey = try Journey(runs: start == .empty || start == .quickStart ? [] : MemoryWorkbench.someRuns)
        journey.workbench.addCurves()
        switch start {
        case .empty, .runs: break
        case .blueprints: journey.type("n")
        case .quickStart: journey.begin()
        case .full: journey.begin(1)
        case .json: journey.begin(2)
        case .runPage: journey.press(.enter)
        case .predictions:
            journey.workbench.state.withLock { $0.evaluation = MemoryWorkbench.evaluation() }
            journey.press(.enter)
            for _ in RunTab.allCases where journey.page?.tab != .predictions { journey.press(.tab) }
        case .themes: journey.type("T")
        case .compare: journey.type(" j =")
        case .palette: journey.type(":")
        }
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        for count in 0..<Self.keysFromEach {
            switch next(40) {
            case 0: journey.send(.action(AppAction.allCases[next(AppAction.allCases.count)]))
            case 1: journey.press([.mouse(MouseEvent(.press(.left), x: next(170), y: next(60)))], drawing: true)
            case 2: journey.press([.mouse(MouseEvent(next(2) == 0 ? .wheelUp : .wheelDown, x: 0, y: 0))])
            default: journey.press([Self.keys[next(Self.keys.count)]], drawing: count % 20 == 0)
            }
            if count % 97 == 0 {
                journey.driver.size = TerminalSize(width: next(170), height: next(60))
                journey.tick(Double(next(4)))
            }
            if let broken = journey.model.brokenPromise {
                Issue.record("after \(count) keys from \(start): \(broken)")
                return
            }
        }
        #expect(journey.driver.screen.size == journey.driver.size)
    }
}

extension AppModel {
    /// What a model must never be, whatever was pressed; nil while it is sound.
    var brokenPromise: String? {
        guard case .runs? = screens.first else { return "the runs are not the first screen" }
        if screens.count > 8 { return "\(screens.count) screens are open" }
        if case .actions(let list)? = overlay, list.list.selectedIndex >= max(1, list.visible.count) { return "no action is marked" }
        if let question, question.outcomes.count + 1 != question.dialog.buttons.count { return "a button of the dialog does nothing" }
        if let form, !form.focuses.contains(form.focus) { return "\(form.focus) has the focus and is not shown" }
        if runs.window.selectedIndex >= max(1, runs.window.count) { return "a run beyond the last is selected" }
        if recentActions.count > 10 { return "the palette remembers \(recentActions.count) actions" }
        return nil
    }
}
