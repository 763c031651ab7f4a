import Foundation
import ModelFiles
import NeuralNetworks
import Testing
import VisionModels
@testable import Workbench

/// Weights of others: from the file to a run that starts from them.
@Suite(.serialized) struct ImportTests {
    /// MobileNetV3 small with a head for `classes`, as torchvision would save it.
    private func state(classes: Int) throws -> StateDictionary {
        try ArchitectureCatalogue.entry(named: "mobilenet_v3_small").makeClassifier(classes: classes, seed: 5).stateDictionary()
    }

    private func file(_ state: StateDictionary, named name: String = "weights.pth", in home: TemporaryHome) throws -> String {
        try home.write(Data(), to: name)
        let url = home.folder.appendingPathComponent(name)
        try TorchWriter.write(state, to: url)
        return url.path
    }

    @Test func aTorchFileIsRecognisedAndKeptBitForBit() throws {
        let home = try TemporaryHome(), state = try state(classes: 1000)
        let path = try file(state, in: home)
        let report = try home.workbench.importModel(ModelImportRequest(file: path))
        let model = try #require(report.model)
        #expect(report.architecture == "mobilenet_v3_small" && report.fileClasses == 1000 && report.rows.isEmpty && report.problem == nil)
        #expect(report.takenCount == state.entries.count && report.tensorCount == state.entries.count)
        #expect(model.labels.count == 1000 && model.name == "weights" && model.imageSize == 224 && model.runID == nil)
        let origin = try #require(model.origin)
        #expect(origin.file == path && origin.format == "torch (zip)")
        #expect(origin.hash == ContentHash.sha256(of: try Data(contentsOf: URL(fileURLWithPath: path))))
        let (kept, metadata) = try SafetensorsFile.read(URL(fileURLWithPath: model.weightsPath))
        #expect(kept == state && metadata["architecture"] == "mobilenet_v3_small")
        #expect(try home.workbench.model("weights") == model)
        // What was exported comes back with labels and size.
        let exported = home.folder.appendingPathComponent("out.safetensors")
        try home.workbench.exportModel(model.id, to: exported)
        let again = try #require(try home.workbench.importModel(ModelImportRequest(file: exported.path, name: "again")).model)
        #expect(again.labels == model.labels && again.origin?.format == "safetensors")
    }

    @Test func aRunStartsFromAFileWithAnotherHead() throws {
        let home = try TemporaryHome(), state = try state(classes: 1000)
        let dataset = try home.workbench.importDataset(at: home.writeClassFolders("lamps"))
        let report = try home.workbench.importModel(ModelImportRequest(file: try file(state, in: home), labels: ["dark", "light"]))
        #expect(report.rows.map(\.key) == ["classifier.3.weight", "classifier.3.bias"])
        #expect(report.rows.allSatisfy { $0.finding == .replaced } && report.rows[0].networkShape == [2, 1024] && report.rows[0].fileShape == [1000, 1024])
        let kept = try SafetensorsFile.read(URL(fileURLWithPath: try #require(report.model).weightsPath)).state
        #expect(kept.entries.dropLast(2) == state.entries.dropLast(2) && kept.entries.last?.shape == [2])

        // The whole head this time: the run replaces it.
        let whole = try #require(try home.workbench.importModel(ModelImportRequest(file: try file(state, in: home), name: "whole")).model)
        var draft = try home.tinyDraft(named: "tuned", on: dataset, epochs: 1)
        draft.startFrom = .model(whole.id)
        let run = try home.workbench.submit(draft)
        #expect(try home.waitForEnd(of: run).summary.status == .success)
        let log = try home.workbench.logTail(run: run, count: 100).map(\.text)
        #expect(log.contains { $0 == "started from whole: \(state.entries.count - 2) tensors taken, 2 fresh" }, "\(log)")
        #expect(log.contains { $0.contains("the head for 1000 classes was replaced with a fresh one for 2: classifier.3.weight, classifier.3.bias") })
        let model = try #require(try home.workbench.models().first { $0.runID == run })
        #expect(model.parentModelID == whole.id && model.origin == nil)

        draft.architecture = "resnet18"
        let text = try #require(home.workbench.problems(of: draft).first)
        #expect(text.contains("\"whole\" is a mobilenet_v3_small, the run trains a resnet18"))
        // A head of the same size for other labels is taken, and said so.
        let other = try #require(try home.workbench.importModel(
            ModelImportRequest(file: try file(try self.state(classes: 2), in: home), labels: ["cat", "dog"])).model)
        draft.architecture = "mobilenet_v3_small"
        draft.startFrom = .model(other.id)
        let second = try home.workbench.submit(draft)
        #expect(try home.waitForEnd(of: second).summary.status == .success)
        #expect(try home.workbench.logTail(run: second, count: 100).contains { $0.level == "warning" && $0.text.contains("cat, dog") })
    }

    @Test func whatDoesNotFitIsListedAndTakenOnlyOnRequest() throws {
        let home = try TemporaryHome()
        var state = try state(classes: 1000)
        state.entries.removeAll { $0.key == "features.1.block.1.fc1.bias" }
        state.entries[0].shape = [16, 3, 9, 1]
        state.entries.append(.init(key: "extra", shape: [2], values: .float32([1, 2])))
        let path = try file(state, in: home)
        var request = ModelImportRequest(file: path, architecture: "mobilenet_v3_small")
        let refused = try home.workbench.importModel(request)
        #expect(refused.model == nil && refused.rows.map(\.finding) == [.missing, .unused, .different])
        #expect(refused.rows[2].networkShape == [16, 3, 3, 3] && refused.rows[2].fileShape == [16, 3, 9, 1] && refused.rows[1].fileShape == [2])
        let problem = try #require(refused.problem)
        #expect(problem.contains("lacks features.1.block.1.fc1.bias, has the unknown extra, has another shape"))
        #expect(try home.workbench.models().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.home.appendingPathComponent("models").path).isEmpty)
        // Not named, nothing fits exactly; the nearest is.
        let unnamed = try #require(refusal { _ = try home.workbench.importModel(ModelImportRequest(file: path)) })
        #expect(unnamed.kind == .invalid && unnamed.text.contains("nearest are mobilenet_v3_small ("))
        request.isStrict = false
        let taken = try home.workbench.importModel(request)
        #expect(taken.takenCount == taken.tensorCount - 2)
        let kept = try SafetensorsFile.read(URL(fileURLWithPath: try #require(taken.model).weightsPath)).state
        #expect(kept["classifier.3.bias"] == state["classifier.3.bias"] && kept.entries[0].shape == [16, 3, 3, 3])

        for (request, kind, words) in [
            (ModelImportRequest(file: "/nowhere/at/all.pth"), WorkbenchError.Kind.notFound, "no file"),
            (ModelImportRequest(file: path, architecture: "resnet81"), .invalid, "resnet18"),
            (ModelImportRequest(file: path, architecture: "mobilenet_v3_small", labels: ["a", "a"], isStrict: false), .invalid, "twice"),
            (ModelImportRequest(file: path, architecture: "mobilenet_v3_small", task: .objectDetection), .invalid, "Object Detection"),
        ] {
            let found = try #require(refusal { _ = try home.workbench.importModel(request) })
            #expect(found.kind == kind && found.text.contains(words), "\(found.text)")
        }
    }

    /// Two architectures of one layout could not be told apart by their files.
    @Test func everyArchitectureIsRecognisedByItsTensors() {
        let layouts = ArchitectureCatalogue.entries.map { ($0, ArchitectureLayouts.shared.layout(of: $0, classes: 7)) }
        for (entry, layout) in layouts {
            let matches = ArchitectureCatalogue.entries.map { WeightsMatch(layout, entry: $0) }.filter(\.fit.isComplete)
            #expect(matches.map(\.entry.name) == [entry.name] && matches.first?.fileClasses == 7, "\(entry.name)")
        }
    }
}
