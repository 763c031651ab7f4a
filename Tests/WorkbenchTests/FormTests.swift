import Foundation
import Testing
import Training

@testable import Workbench

@Suite struct FormSchemaTests {
    /// What no form asks: places of earlier versions, and those with one possible value.
    private static let unasked: Set<String> = [
        "/runform/augmentation/crop_minimum_area", "/runform/schedule/final_factor", "/train_kwargs/patience",
        "/runform/model/image_net_pre_trained", "/runform/model/input_size/apply",
    ]

    @Test func everySettingIsAskedForOnce() {
        let asked = Set(FormPages.questions.map(\.id))
        let settings = PlanSchema.leaves.map { "/" + $0.joined(separator: "/") }.filter { !$0.contains("/datasets/0/") }
        #expect(Set(settings).subtracting(asked) == Self.unasked)
        let names = PlanSchema.variants(at: ["runform", "optimizer"]).flatMap { variant in variant.fields.map { "\(variant.name) \($0.name)" } }
        let questions = FormPages.questions.filter { $0.id.hasPrefix("/runform/optimizer/kwargs/") }
        #expect(questions.count == names.count)
    }

    @Test func everyDefaultIsAnAnswerToItsOwnQuestion() throws {
        for task in TaskKind.allCases {
            var configuration = try RunConfiguration(name: "run", version: "1.0", plan: task.emptyPlan())
            for question in FormPages.questions where question.condition.holds(in: configuration) && question.isTyped {
                let before = question.answer(in: configuration)
                guard !before.isEmpty, !question.id.hasSuffix("height"), !question.id.hasSuffix("width") else { continue }
                let problem = configuration.take(before, for: question)
                #expect(problem == nil, "\(question.id): \(before)")
                #expect(question.answer(in: configuration) == before, "\(question.id)")
                #expect(!question.help.isEmpty && !question.title.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("1e-3", 0.001), ("0.001", 0.001), ("0,5", 0.5), ("10k", 10_000), ("2.5M", 2_500_000), ("1_000", 1000), ("-0.8", -0.8),
    ]) func numbersAreRead(text: String, value: Double) { #expect(FormReading.number(text) == value) }

    @Test(arguments: ["", "k", "ten", "1e", "nan", "inf", "0x10", "1 2", "--1"]) func otherTextsAreNoNumbers(text: String) {
        #expect(FormReading.number(text) == nil)
    }

    @Test func anotherNameBringsItsOwnSettings() throws {
        var configuration = try RunConfiguration(name: "run", version: "1.0", plan: TaskKind.imageClassification.emptyPlan())
        func question(_ id: String) throws -> FormQuestion {
            try #require(FormPages.questions.first { $0.id == id && $0.condition.holds(in: configuration) })
        }
        #expect(configuration.take("SGD", for: try question("/runform/optimizer/name")) == nil)
        #expect(configuration.take("0.9", for: try question("/runform/optimizer/kwargs/momentum")) == nil)
        #expect(configuration.take("AdamW", for: try question("/runform/optimizer/name")) == nil)
        #expect(try question("/runform/optimizer/kwargs/lr").answer(in: configuration) == "0.001")
        #expect(try question("/runform/optimizer/kwargs/betas").answer(in: configuration) == "0.9, 0.999")
        #expect(!configuration.json.contains("momentum\": 0.9"))
        #expect(configuration.take("Adamm", for: try question("/runform/optimizer/name"))?.contains("Adam") == true)
    }

    @Test func oneOfTwoLengthsStays() throws {
        var configuration = try RunConfiguration(name: "run", version: "1.0", plan: TaskKind.objectDetection.emptyPlan())
        let length = try #require(FormPages.questions.first { $0.id == "/train_kwargs" })
        _ = configuration.take("/train_kwargs/n_epochs", for: length)
        #expect(configuration.epochs == 40 && configuration.steps == nil)
        _ = configuration.take("/train_kwargs/n_global_steps", for: length)
        #expect(configuration.epochs == nil && configuration.steps == 1000)
    }

    // MARK: JSON

    @Test func mistakesHaveLines() {
        let text = "{\n  \"runform\": {\n    \"labels\": [\n      \"a\",\n      \"b\"\n    ]\n  }\n}"
        let places = JSONPlaces(text)
        #expect(places.mistake == nil)
        #expect(places.line(of: "/runform/labels") == 2 && places.line(of: "/runform/labels/1") == 4)
        #expect(places.line(of: "/runform/model/input_size") == 1)
        #expect(JSONPlaces("{\n  \"a\": 1\n  \"b\": 2\n}").mistake == .init(line: 1, message: "a comma or } should follow the value of \"a\""))
        #expect(JSONPlaces("{\"a\": tru}").mistake?.message.contains("\"tru\" is no value") == true)
        #expect(JSONPlaces("{\"a\": 1,\n\"a\": 2}").mistake?.line == 1)
        #expect(JSONPlaces("").mistake != nil && JSONPlaces("{\"a\": \"x\n\"}").mistake != nil)
        #expect(JSONPlaces(String(repeating: "[", count: 5000)).mistake != nil)
    }

    @Test func whatDiffersMakesTheSameConfigurationAgain() throws {
        let base = try RunConfiguration(name: "run", version: "1.0", plan: TaskKind.imageClassification.emptyPlan())
        var changed = base
        for (id, answer) in [("/runform/optimizer/name", "SGD"), ("/runform/optimizer/kwargs/lr", "0.1"), ("/runform/mixup/alpha", "0.2"), ("/notes", "it's night")] {
            let question = try #require(FormPages.questions.first { $0.id == id && $0.condition.holds(in: changed) })
            #expect(changed.take(answer, for: question) == nil)
        }
        var again = base
        for difference in changed.differences(from: base) { again.set(difference.pointer, difference.value) }
        #expect(again.differences(from: changed).isEmpty)
        let command = changed.command(blueprint: "full-configuration", dataset: "digits", base: base)
        #expect(command.contains("--set /runform/mixup/alpha=0.2") && command.contains("it'\\''s night"))
    }
}

@Suite struct BlueprintTests {
    @Test func blueprintsAreVersionedPartsOfConfigurations() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("classes"))
        var configuration = try home.workbench.configuration(blueprint: "quick-start", dataset: dataset.id)
        #expect(configuration.version == "1.0" && configuration.epochs == 40)
        let smoothing = try #require(FormPages.questions.first { $0.id == "/runform/label_smoothing" })
        #expect(configuration.take("0.1", for: smoothing) == nil)
        let saved = try home.workbench.saveBlueprint("soft", from: configuration)
        #expect(saved.version == "1" && saved.task == .imageClassification)
        let part = try home.workbench.blueprintConfiguration("soft")
        #expect(part.contains("label_smoothing") && !part.contains(dataset.id) && !part.contains("resources"))
        #expect(try home.workbench.saveBlueprint("soft", json: Data("{\"seed\": 7}".utf8)).version == "2")
        #expect(try home.workbench.blueprintConfiguration("soft@1") == part)

        let begun = try home.workbench.configuration(blueprint: "soft@1", dataset: dataset.id)
        #expect(begun.json.contains("\"label_smoothing\": 0.1") && begun[.train].datasetID == dataset.id && begun.name == "classes-soft")
        #expect(home.workbench.problems(of: begun).isEmpty)

        try home.workbench.renameBlueprint("soft", to: "softer")
        #expect(try home.workbench.blueprints().map(\.name) == ["quick-start", "full-configuration", "advanced-json", "softer"])
        #expect(refusal { try home.workbench.removeBlueprint("teddy") }?.kind == .conflict)
        #expect(refusal { _ = try home.workbench.saveBlueprint("bad", json: Data("{\"runform\": {\"ema\": {\"decoy\": 1}}}".utf8)) }?.text.contains("decay") == true)
        try home.workbench.removeBlueprint("softer")
        #expect(refusal { _ = try home.workbench.blueprint("softer") }?.kind == .notFound)
    }

    @Test func fullConfigurationCountsSteps() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("classes"))
        let full = try home.workbench.configuration(blueprint: "teddy", dataset: dataset.id)
        #expect(full.version == "0.1" && full.epochs == nil && (full.steps ?? 0) > 0)
        let offers = try home.workbench.offers(for: full)
        #expect(offers.estimate?.totalSteps == full.steps && offers.snapshot(.train)?.trainCount == 12)
        #expect(offers.problems.isEmpty && offers.view(.train)?.name == "all")
    }

    @Test func anotherDatasetKeepsWhatWasChanged() throws {
        let home = try TemporaryHome()
        let one = try home.workbench.importDataset(at: home.writeClassFolders("one"))
        let two = try home.workbench.importDataset(at: home.writeClassFolders("two", train: 4))
        let base = try home.workbench.configuration(blueprint: "quick-start", dataset: one.id)
        var changed = base
        let epochs = try #require(FormPages.questions.first { $0.id == "/train_kwargs/n_epochs" })
        #expect(changed.take("3", for: epochs) == nil)
        let moved = try home.workbench.moved(FormStart(configuration: changed, base: base), blueprint: "quick-start", dataset: two.id)
        #expect(moved.configuration.epochs == 3 && moved.base.epochs == 40)
        #expect(moved.configuration[.train].datasetID == two.id && moved.configuration[.validation].datasetID == two.id)
    }

    @Test func aRunFromAFormTrainsAndCanBeDuplicated() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("classes"))
        var configuration = try home.workbench.configuration(blueprint: "quick-start", dataset: dataset.id)
        for (id, answer) in [("/train_kwargs/n_epochs", "1"), ("/runform/train_data/batch_size", "4")] {
            let question = try #require(FormPages.questions.first { $0.id == id })
            #expect(configuration.take(answer, for: question) == nil)
        }
        let run = try home.workbench.submit(configuration)
        #expect(try home.waitForEnd(of: run).summary.status == .success)
        let again = try home.workbench.configuration(run: run)
        #expect(again.epochs == 1 && again.labels.isEmpty && again.name == configuration.name)
    }
}
