import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// Blueprints, the pages of the forms, and what opens over them.
@Suite struct GoldenFormTests {
    @Test func quickStart() throws {
        let journey = try Journey()
        journey.begin()
        for (index, page) in FormPages.quickStart.enumerated() {
            try Golden.check(journey, "quick-\(index + 1)")
            if page.id == .resources {
                journey.type("l")
                try Golden.check(journey, "quick-limits")
                journey.press(.control("t"))
                try Golden.check(journey, "quick-measured")
            }
            if page.id != .review { journey.press(.enter) }
        }
    }

    @Test func fullConfiguration() throws {
        let journey = try Journey()
        journey.begin(1)
        for (index, page) in FormPages.full.enumerated() {
            journey.press(.tab)
            try Golden.check(journey, "full-\(index + 1)")
            if page.id != .review { journey.press(.pageDown) }
            // A key that types into the first field does not turn the page.
            while journey.model.form?.pageID == page.id, page.id != .review { journey.press(.tab, .pageDown) }
        }
    }

    @Test func mistakesAndChanges() throws {
        let journey = try Journey()
        journey.begin(1)
        journey.turn(to: .trainData)
        journey.focus(on: .question("/runform/train_data/batch_size"))
        journey.press(.control("u"))
        journey.type("many")
        try Golden.check(journey, "form-mistake")
        journey.press(.control("u"))
        journey.type("32")
        try Golden.check(journey, "form-changed")
        journey.turn(to: .review)
        try Golden.check(journey, "form-review-changed")
        let weights = try Journey()
        weights.begin()
        weights.turn(to: .model)
        weights.focus(on: .weightsFile)
        weights.type("weights.txt")
        weights.press(.enter)
        try Golden.check(weights, "form-weights-problem")
        let refused = try Journey()
        refused.workbench.state.withLock { $0.submitProblem = "There are fewer than five images. Import more." }
        refused.begin()
        refused.press(Array(repeating: .enter, count: 7))
        try Golden.check(refused, "form-refused")
    }

    @Test func whatOpensOverAPage() throws {
        let journey = try Journey()
        journey.begin(1)
        journey.press(.pageDown, .pageDown, .tab, .enter)
        try Golden.check(journey, "form-picker")
        journey.press(.escape, .tab, .tab, .tab, .enter)
        try Golden.check(journey, "form-maker")
        journey.type("halves")
        journey.press(.tab, .enter, .tab, .control("u"))
        journey.type("70")
        journey.press(.tab, .tab, .tab, .tab, .enter)
        try Golden.check(journey, "form-maker-mistake")
        journey.press(.escape)
        journey.turn(to: .review)
        journey.focus(on: .saveBlueprint)
        journey.press(.enter)
        try Golden.check(journey, "form-save-blueprint")
    }

    @Test func theJSON() throws {
        let journey = try Journey()
        journey.begin(2)
        try Golden.check(journey, "json")
        for line in 0..<4 { journey.press(line == 3 ? [.end, .backspace, .backspace] : [.down]) }
        try Golden.check(journey, "json-mistake")
        journey.press(.escape)
        try Golden.check(journey, "json-leave")
    }

    @Test func blueprints() throws {
        let journey = try Journey()
        journey.type("n")
        try Golden.check(journey, "blueprints")
        let configuration = try journey.workbench.configuration(blueprint: "quick-start", task: nil, dataset: nil)
        for name in ["night shift", "a name that is about as long as one may want to write it down"] {
            _ = try journey.workbench.saveBlueprint(name, from: configuration)
        }
        journey.tick(5)
        journey.press(.down, .down, .down)
        try Golden.check(journey, "blueprints-own")
        journey.type("r")
        try Golden.check(journey, "blueprint-rename")
        journey.press(.escape)
        journey.type("R")
        try Golden.check(journey, "blueprint-remove")
    }
}
