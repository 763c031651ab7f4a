import Catalog
import Datasets
import Foundation
import Testing
import Training
@testable import Workbench

@Suite struct DataTests {
    private func assignment(of snapshot: SnapshotSummary, in home: TemporaryHome) throws -> [String: String] {
        let items = try home.workbench.store.items(ofSnapshot: snapshot.id)
        return Dictionary(items.map { ($0.path, $0.split ?? "") }, uniquingKeysWith: { $1 })
    }

    private func data(_ draft: RunDraft, in home: TemporaryHome) throws -> RunData {
        try RunDataAssembly(store: home.workbench.store).assemble(home.workbench.plan(for: draft))
    }

    // MARK: Import

    @Test func yoloFolderIsImportedWithViewAndSnapshot() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeYOLOFolder("pets"))
        #expect(dataset.name == "pets" && dataset.task == .objectDetection && dataset.format == "yolo")
        #expect([dataset.imageCount, dataset.trainCount, dataset.valCount, dataset.problemCount] as [Int] == [12, 9, 3, 0])
        #expect(dataset.labels == [.init(name: "cat", trainCount: 3, valCount: 1), .init(name: "dog", trainCount: 3, valCount: 1)])
        let view = try #require(try home.workbench.views(dataset: dataset.id).first)
        #expect(view.name == "all" && view.imageCount == 12)
        let snapshot = try #require(try home.workbench.snapshots(view: view.id).first)
        #expect([snapshot.trainCount, snapshot.valCount, snapshot.testCount] as [Int] == [9, 3, 0])
        #expect(try home.workbench.importDataset(at: home.writeYOLOFolder("pets")).name == "pets-2")
    }

    @Test func classFoldersWithoutSplitsGetAFifthForValidation() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("plain", train: 10, validation: 0), name: "lamps")
        #expect(dataset.name == "lamps" && dataset.task == .imageClassification)
        #expect(dataset.labels.map(\.name) == ["dark", "light"])
        let snapshot = try #require(try home.workbench.allSnapshots().first)
        #expect([snapshot.trainCount, snapshot.valCount] as [Int] == [16, 4])
    }

    @Test func badFilesAreListedWithTheirReason() throws {
        let home = try TemporaryHome()
        let folder = try home.writeYOLOFolder("bad")
        let whole = try Data(contentsOf: folder.appendingPathComponent("images/train/0.png"))
        try home.write(whole.prefix(whole.count / 2), to: "bad/images/train/cut.png")
        try home.write("no picture", to: "bad/images/train/text.jpg")
        try home.write("0 .5 .5 .1 .1\n9 .5 .5 .1 .1\n", to: "bad/labels/train/0.txt")
        let dataset = try home.workbench.importDataset(at: folder)
        let problems = try home.workbench.importProblems(dataset: "bad")
        #expect(dataset.imageCount == 12 && dataset.problemCount == problems.count)
        #expect(Set(problems.map(\.reason)) == ["truncatedImage", "unreadableImage", "classOutOfRange"])
        let label = try #require(problems.first { $0.reason == "classOutOfRange" })
        #expect(label.line == 2 && label.file.hasSuffix("labels/train/0.txt"))
        #expect(problems.contains { $0.reason == "truncatedImage" && $0.file.hasSuffix("cut.png") })
    }

    @Test func unusableFoldersAreRefused() throws {
        let home = try TemporaryHome()
        let missing = home.folder.appendingPathComponent("missing")
        #expect(refusal { try home.workbench.importDataset(at: missing) }?.kind == .notFound)
        let folder = try home.writeYOLOFolder("pets")
        #expect(refusal { try home.workbench.importDataset(at: folder, format: "voc") }?.text.contains("coco") == true)
        try home.write("text", to: "empty/cat/a.txt")
        #expect(refusal { try home.workbench.importDataset(at: home.folder.appendingPathComponent("empty")) }?.kind == .invalid)
        #expect(try home.workbench.datasets().isEmpty)
    }

    // MARK: Views and snapshots

    @Test func viewsKeepLabelsAndSplits() throws {
        let home = try TemporaryHome()
        try home.workbench.importDataset(at: home.writeYOLOFolder("pets"))
        #expect(try home.workbench.createView(dataset: "pets", name: "cats", labels: ["cat"], split: nil).imageCount == 4)
        let view = try home.workbench.createView(dataset: "pets", name: "cats to train", labels: ["cat"], split: "train")
        #expect(view.imageCount == 3)
        let snapshot = try home.workbench.createSnapshot(view: view.id, name: "first", splits: .given)
        #expect([snapshot.trainCount, snapshot.valCount] as [Int] == [3, 0])
        #expect(refusal { try home.workbench.createView(dataset: "pets", name: "x", labels: ["cow"], split: nil) }?.text.contains("cat, dog") == true)
        #expect(refusal { try home.workbench.createView(dataset: "pets", name: "x", labels: [], split: "test") }?.kind == .invalid)
        #expect(refusal { try home.workbench.createView(dataset: "pets", name: "cats", labels: [], split: nil) }?.kind == .conflict)
    }

    @Test func oneSeedDrawsOneSplit() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("plain", train: 10, validation: 0))
        let view = try #require(try home.workbench.views(dataset: dataset.id).first)
        func draw(_ name: String, seed: UInt64) throws -> SnapshotSummary {
            try home.workbench.createSnapshot(
                view: view.id, name: name, splits: .drawn(trainPercent: 70, valPercent: 20, testPercent: 10, seed: seed))
        }
        let first = try draw("a", seed: 7)
        #expect([first.trainCount, first.valCount, first.testCount] as [Int] == [14, 4, 2])
        let drawn = try assignment(of: first, in: home)
        #expect(drawn.count == 20 && drawn.values.count { $0 == "val" } == 4)
        #expect(try assignment(of: draw("b", seed: 7), in: home) == drawn)
        #expect(try assignment(of: draw("c", seed: 8), in: home) != drawn)
        let wrong = SplitAssignment.drawn(trainPercent: 70, valPercent: 20, testPercent: 20, seed: 0)
        #expect(refusal { try home.workbench.createSnapshot(view: view.id, name: "d", splits: wrong) }?.text.contains("sum to 100") == true)
    }

    // MARK: A run's data

    @Test func labelSubsetAndNegativeSamplesChooseTheImages() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeYOLOFolder("pets", train: 18, validation: 6))
        var draft = try home.workbench.draft(on: dataset)
        draft.labels = ["dog"]
        draft.negativeSamples = false
        let dogs = try data(draft, in: home)
        #expect(dogs.labels == ["dog"] && dogs.train.count == 6 && dogs.validation.count == 2)
        #expect(dogs.train.allSatisfy { $0.annotations.map(\.label) == [0] })
        draft.negativeSamples = true
        let all = try data(draft, in: home)
        #expect(all.train.count == 18 && all.train.count { $0.annotations.isEmpty } == 12)
        draft.labels = ["cow"]
        #expect(refusal { _ = try data(draft, in: home) }?.kind == .invalid)
    }

    @Test func fewerThanFiveImagesAreRefusedBeforeTheRun() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("few", train: 2, validation: 1))
        let draft = try home.workbench.draft(on: dataset)
        let problem = try #require(home.workbench.problems(of: draft).first)
        #expect(problem.contains("4 usable images") && problem.contains("at least 5"))
        let answer = try #require(refusal { _ = try home.workbench.submit(draft) })
        #expect(answer.kind == .invalid && answer.text == problem)
        #expect(try home.workbench.runTable(RunTableRequest()).total == 0)
    }

    @Test func draftsWithMistakesAreExplained() throws {
        let home = try TemporaryHome()
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("lamps"))
        let good = try home.tinyDraft(named: "good", on: dataset, epochs: 1)
        #expect(home.workbench.problems(of: good) == [])
        var draft = good
        draft.name = " "
        #expect(home.workbench.problems(of: draft).contains { $0.contains("no name") })
        draft = good
        draft.architecture = "YOLOv8_nano"
        #expect(home.workbench.problems(of: draft).contains { $0.contains("Object Detection") })
        draft = good
        draft.architecture = "mobilenet_v3_smal"
        #expect(home.workbench.problems(of: draft).contains { $0.contains("did you mean \"mobilenet_v3_small\"") })
    }
}
