import Catalog
import Foundation
import Testing
@testable import Workbench

/// What evaluations leave: files, the catalogue's rows, and what readers make of them.
@Suite(.serialized) struct EvaluationTests {
    private func files(of run: String, in home: TemporaryHome) -> [String] {
        let folder = home.home.appendingPathComponent("runs/\(run)/evaluations")
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    @Test func aClassifiersEvaluationHoldsWhatItsPagesShow() throws {
        let home = try TemporaryHome()
        let workbench = home.workbench
        let dataset = try workbench.importDataset(at: home.writeClassFolders("lamps", train: 6, validation: 4))
        let run = try workbench.submit(home.tinyDraft(named: "lamp", on: dataset, epochs: 3))
        #expect(try home.waitForEnd(of: run).summary.status == .success)
        let newest = try #require(try workbench.evaluation(run: run, .newest)), best = try #require(try workbench.evaluation(run: "lamp", .best))
        #expect(newest.step == 9 && best.isBest && best.step <= 9)
        let findings = newest.findings
        #expect(findings.labels == ["dark", "light"] && findings.imageCount == 8 && findings.classes.map(\.truthCount) == [4, 4])
        #expect(findings.confusion.counts.map { $0.reduce(0, +) } == [4, 4])
        let right = Double(findings.confusion.counts[0][0] + findings.confusion.counts[1][1]) / 8
        #expect(newest.values.first { $0.tag == "metrics/accuracy_top1" }?.value == right)
        #expect(findings.topAccuracies == [right, 1])
        #expect(findings.curves.count == 2 && findings.curves.allSatisfy { $0.precisionAtRecall.count == 101 && $0.f1.count == 112 })
        #expect(findings.images.count == 8 && findings.images.allSatisfy { $0.predictions.count == 2 && $0.truths.count == 1 })
        #expect(findings.images.allSatisfy { FileManager.default.fileExists(atPath: $0.path) && $0.width == 32 })

        // Only the newest and the best are kept, in the folder and in the catalogue.
        let kept = try workbench.store.evaluations(run: run)
        #expect(kept.last?.step == 9 && kept.count == (best.step == 9 ? 1 : 2))
        #expect(kept.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
        #expect(files(of: run, in: home).allSatisfy { $0.hasSuffix(".json") } && files(of: run, in: home).count <= 3)

        #expect(try workbench.labelDistribution(run: run).map { [$0.trainCount, $0.valCount] } == [[6, 4], [6, 4]])
        let picture = try workbench.picture(file: findings.images[0].path, side: 8)
        #expect(picture.width == 8 && picture.height == 8 && picture.pixels.count == 192)
        #expect(refusal { _ = try workbench.picture(file: "/nowhere.png", side: 8) }?.kind == .failed)

        try FileManager.default.removeItem(atPath: try #require(kept.last?.path))
        #expect(refusal { _ = try workbench.evaluation(run: run, .newest) }?.text.contains("gone or damaged") == true)
        try workbench.rerun(run: run)
        #expect(try workbench.evaluation(run: run, .newest) == nil || workbench.run(run).epoch > 0, "a rerun begins without evaluations")
        #expect(try home.waitForEnd(of: run).summary.status == .success)
        #expect(try workbench.evaluation(run: run, .newest)?.findings == findings, "the same seed finds the same, images included")
        try workbench.remove(run: run)
        #expect(try workbench.store.evaluations(run: run).isEmpty && files(of: run, in: home).isEmpty)
    }

    @Test func aDetectorsEvaluationHoldsBoxes() throws {
        let home = try TemporaryHome()
        let workbench = home.workbench
        let dataset = try workbench.importDataset(at: home.writeYOLOFolder("pets", train: 9, validation: 6))
        var draft = try home.tinyDraft(named: "pets", on: dataset, epochs: 1)
        draft.imageSize = 64
        let run = try workbench.submit(draft)
        #expect(try home.waitForEnd(of: run).summary.status == .success)
        let findings = try #require(try workbench.evaluation(run: run, .best)).findings
        #expect(findings.confusion.overlap == 0.45 && findings.confusion.counts.count == 3)
        #expect(findings.classes.map(\.truthCount) == [2, 2] && findings.classes.allSatisfy { $0.ap50To95 != nil })
        let truths = findings.images.flatMap(\.truths)
        #expect(truths.count == 4 && truths.allSatisfy { $0.box == [16, 24, 48, 40] })
        #expect(findings.images.flatMap(\.predictions).allSatisfy { $0.confidence >= 0.05 && $0.box?.count == 4 })
        #expect(try workbench.labelDistribution(run: run).map { [$0.trainCount, $0.valCount] } == [[3, 2], [3, 2]])
    }

    @Test func aResumedRunForgetsWhatItDoesAgain() throws {
        let home = try TemporaryHome()
        let store = home.workbench.store, now = Date().timeIntervalSince1970
        let run = RunRecord(
            name: "r", version: "1", createdAt: now, task: "Image Classification", architecture: "resnet18", configuration: "{}", draft: "",
            trainSnapshotID: nil, valSnapshotID: nil, cores: 1, memoryBytes: 1, imageSize: 32, batchSize: 4)
        try store.insert(run: run)
        func add(_ step: Int, isBest: Bool) throws {
            var update = RunUpdate()
            update.evaluations = [EvaluationEntry(runID: run.id, step: step, epoch: step, attempt: 1, isBest: isBest, path: "/e/\(step)", createdAt: now)]
            try store.apply(update, to: run.id, at: now)
        }
        func steps() throws -> [Int] { try store.evaluations(run: run.id).map(\.step) }
        try add(10, isBest: true)
        try add(20, isBest: false)
        try add(30, isBest: false)
        #expect(try steps() == [10, 30])
        try add(40, isBest: true)
        try add(50, isBest: false)
        #expect(try steps() == [40, 50])
        try store.finish(run: run.id, status: .failed, message: "", at: now)
        let checkpoint = CheckpointRecord(runID: run.id, path: "/c", attempt: 1, step: 45, epoch: 4, kind: "periodic", createdAt: now)
        try store.requeue(run: run.id, from: checkpoint, at: now)
        #expect(try steps() == [40])
        try store.finish(run: run.id, status: .failed, message: "", at: now)
        try store.requeue(run: run.id, from: nil, at: now)
        #expect(try steps().isEmpty)
    }

    @Test func checkpointsBecomeFilesAndModels() throws {
        let home = try TemporaryHome()
        let workbench = home.workbench
        let dataset = try workbench.importDataset(at: home.writeClassFolders("lamps"))
        let run = try workbench.submit(home.tinyDraft(named: "lamp", on: dataset, epochs: 2))
        #expect(try home.waitForEnd(of: run).summary.status == .success)
        let details = try workbench.checkpointDetails(run: run)
        let last = try #require(details.last { $0.checkpoint.kind == "last" })
        #expect(last.byteCount ?? 0 > 1000 && last.values.first?.tag == "metrics/accuracy_top1")
        let file = home.folder.appendingPathComponent("out/lamp.safetensors").path
        try workbench.exportCheckpoint(run: run, path: last.checkpoint.path, to: file)
        let image = URL(fileURLWithPath: dataset.root + "/val/light/0.png")
        let byFile = try workbench.predict(weights: file, images: [image], confidence: 0, pictures: nil)
        let made = try workbench.makeModel(run: run, checkpoint: last.checkpoint.path, name: "lamp-last")
        #expect(try workbench.predict(weights: made, images: [image], confidence: 0, pictures: nil).first?.found == byFile.first?.found)
        #expect(try workbench.model("lamp-last").metrics["metrics/accuracy_top1"] == last.values.first?.value)
        #expect(refusal { try workbench.exportCheckpoint(run: run, path: last.checkpoint.path, to: file) }?.kind == .conflict)
        #expect(refusal { _ = try workbench.makeModel(run: run, checkpoint: last.checkpoint.path, name: "lamp-last") }?.kind == .conflict)
        #expect(refusal { _ = try workbench.makeModel(run: run, checkpoint: "/etc/passwd", name: "x") }?.kind == .notFound)
    }
}
