import TerminalKit
import Testing
import Workbench

@testable import Screens

/// The forms as text; see GoldenScreenTests for how goldens are renewed.
@Suite struct FormGoldenTests {
    private func check(_ journey: Journey, _ name: String) throws { try GoldenScreenTests.check(journey, name) }

    @Test(arguments: [(40, 12), (80, 24), (160, 50)]) func quickStart(width: Int, height: Int) throws {
        let journey = try Journey(width: width, height: height)
        journey.type("n")
        try check(journey, "blueprints")
        journey.press(.enter)
        for (index, page) in FormPages.quickStart.enumerated() {
            if page.id == .resources { journey.type("l") }
            try check(journey, "quick-\(index + 1)")
            if page.id != .review { journey.press(.enter) }
        }
    }

    @Test(arguments: [(40, 12), (80, 24), (160, 50)]) func fullConfiguration(width: Int, height: Int) throws {
        let journey = try Journey(width: width, height: height)
        journey.begin(1)
        for (index, page) in FormPages.full.enumerated() {
            journey.press(.tab)
            try check(journey, "full-\(index + 1)")
            if page.id != .review { journey.press(.pageDown) }
            // A key that types into the first field does not turn the page.
            while journey.model.form?.pageID == page.id, page.id != .review { journey.press(.tab, .pageDown) }
        }
    }

    @Test(arguments: [(40, 12), (80, 24)]) func overlaysAndMistakes(width: Int, height: Int) throws {
        let journey = try Journey(width: width, height: height)
        journey.begin(1)
        journey.press(.pageDown, .pageDown, .tab, .enter)
        try check(journey, "form-picker")
        journey.press(.escape, .tab, .tab, .tab, .enter)
        try check(journey, "form-maker")
        journey.press(.escape, .control("o"))
        for line in 0..<4 { journey.press(line == 3 ? [.end, .backspace, .backspace] : [.down]) }
        try check(journey, "form-json")
    }

    @Test func plainTerminals() throws {
        let journey = try Journey(unicode: false, colors: .none)
        journey.begin()
        try check(journey, "quick-ascii")
        journey.press(Array(repeating: .pageDown, count: 2))
        try check(journey, "labels-ascii")
        #expect(journey.text.allSatisfy { $0.isASCII })
    }
}
