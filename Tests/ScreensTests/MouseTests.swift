import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

extension Journey {
    /// Where words stand on the screen.
    func place(of words: String) throws -> (x: Int, y: Int) {
        let row = try #require(driver.screen.lines.firstIndex { $0.contains(words) })
        let line = driver.screen.lines[row]
        let found = try #require(line.range(of: words))
        return (line.distance(from: line.startIndex, to: found.lowerBound), row)
    }

    func mouse(_ action: MouseEvent.Action, _ place: (x: Int, y: Int)) {
        press([.mouse(MouseEvent(action, x: place.x, y: place.y))])
    }

    func click(_ words: String) throws { mouse(.press(.left), try place(of: words)) }
}

/// What the mouse does on charts, tabs and pickers.
@Suite struct MouseTests {
    private func opened(width: Int = 80, height: Int = 24) throws -> Journey {
        let journey = try Journey(width: width, height: height, runs: MemoryWorkbench.someRuns)
        journey.workbench.addCurves()
        journey.press(.enter)
        return journey
    }

    private func live(_ journey: Journey) -> LiveModel? { journey.page?.live }

    @Test func aClickFillsTheScreenWithAPanelAndPutsTheCrossHair() throws {
        let journey = try opened()
        try journey.click("2 mAP")
        #expect(live(journey)?.zoomed == .meanPrecision && live(journey)?.cursor == nil)
        try journey.click("2 mAP")
        #expect(live(journey)?.zoomed == nil, "the frame brings the others back")
        try journey.click("1 loss")
        journey.mouse(.press(.left), (20, 10))
        let first = try #require(live(journey)?.cursor)
        journey.mouse(.drag(.left), (60, 10))
        let dragged = try #require(live(journey)?.cursor)
        #expect(first > 1 && dragged > first + 100 && dragged < 500)
        journey.mouse(.wheelUp, (60, 10))
        #expect(live(journey)?.cursor == dragged - 1)
        journey.mouse(.wheelDown, (60, 10))
        #expect(live(journey)?.cursor == dragged)
    }

    @Test func theWheelShowsFewerStepsAroundThePointer() throws {
        let journey = try opened()
        journey.mouse(.wheelDown, (30, 10))
        #expect(live(journey)?.firstPanel == 1, "where several panels are shown it goes through them")
        journey.type("1")
        for _ in 0..<4 { journey.mouse(.wheelUp, (76, 10)) }
        let window = try #require(live(journey)?.window)
        #expect(window.upperBound - window.lowerBound < 300 && window.upperBound > 250)
        for _ in 0..<8 { journey.mouse(.wheelDown, (76, 10)) }
        #expect(live(journey)?.window == nil)
    }

    @Test func aClickOpensATab() throws {
        let journey = try opened(width: 160, height: 50)
        for tab in [RunTab.log, .classes, .f1, .metrics] {
            journey.mouse(.press(.left), (try journey.place(of: "overview  metrics").x + 2 + offset(of: tab), 2))
            #expect(journey.page?.tab == tab)
        }
        let narrow = try opened(width: 40, height: 12)
        let end = try #require(narrow.driver.screen.lines[2].lastIndex(of: "▸") ?? narrow.driver.screen.lines[2].lastIndex(of: "→"))
        narrow.mouse(.press(.left), (narrow.driver.screen.lines[2].distance(from: narrow.driver.screen.lines[2].startIndex, to: end), 2))
        #expect(narrow.page?.tab != .metrics, "the mark for what is left out leads on")
    }

    /// Columns from the first tab's name, where all have room.
    private func offset(of tab: RunTab) -> Int {
        RunTab.allCases.prefix { $0 != tab }.reduce(0) { $0 + $1.short.count + 2 } - (tab == .overview ? 0 : 1)
    }

    @Test func pickersAreClicked() throws {
        let journey = try opened()
        journey.type("e")
        try journey.click("CSV")
        #expect(journey.workbench.state.withLock { $0.calls }.contains { $0.hasSuffix("-metrics.csv") })
    }

    @Test func entriesOfAListOfSeveralAreMarkedByClicks() throws {
        var picker = MultiPicker(title: "Which", items: ["a", "b", "c"].map { Picker.Item(id: $0, title: $0) }, chosen: ["a"])
        var buffer = CellBuffer(size: TerminalSize(width: 60, height: 20))
        picker.draw(in: &buffer, appearance: Appearance(theme: .dark, capabilities: TerminalCapabilities(colors: .palette256, unicode: true)))
        let row = try #require(buffer.lines.firstIndex { $0.contains(" c ") })
        let hit = try #require(buffer.hit(x: 30, y: row))
        #expect(picker.click(hit) == .open && picker.chosen == ["a", "c"])
        #expect(picker.click(hit) == .open && picker.chosen == ["a"])
        #expect(picker.click(.row(7)) == .open && picker.handle(.enter) == .chosen(["a"]))
    }

    @Test func theComparisonIsZoomedAndWalkedThrough() throws {
        let journey = try Journey(runs: MemoryWorkbench.someRuns)
        journey.workbench.addCurves()
        journey.type(" j =")
        func model() throws -> CompareModel {
            guard case .compare(let model) = journey.model.top else { throw WorkbenchError(.failed, "no comparison") }
            return model
        }
        journey.mouse(.press(.left), (50, 5))
        let clicked = try #require(try model().cursor)
        #expect(clicked > 1)
        journey.type("+")
        let window = try #require(try model().view.steps)
        #expect(window.contains(clicked))
        journey.type("0")
        #expect(try model().cursor != clicked, "the cross-hair went to the first sample")
        journey.type("n")
        #expect(journey.text.contains("best of "))
        journey.press(.escape)
        #expect(try model().cursor == nil && model().view.steps != nil)
        journey.press(.escape)
        #expect(try model().view.steps == nil)
        journey.mouse(.wheelUp, (50, 5))
        #expect(try model().view.steps != nil)
    }
}
