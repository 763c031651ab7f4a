import Catalog
import Foundation
import Testing
@testable import Workbench

@Suite(.serialized) struct RunTests {
    /// A home with the data set of two classes.
    private func prepared() throws -> (home: TemporaryHome, dataset: DatasetSummary) {
        let home = try TemporaryHome()
        return (home, try home.workbench.importDataset(at: home.writeClassFolders("lamps")))
    }

    /// Every step of a run stands once in its series.
    private func expectWholeSeries(of run: String, steps: Int, in home: TemporaryHome) throws {
        let points = try home.workbench.metricSeries(run: run, tag: "train/loss", after: 0)
        #expect(points.map(\.step) == Array(1...steps))
    }

    @Test func aRunLeavesAReadyModelAndARerunAddsAnAttempt() throws {
        let (home, dataset) = try prepared()
        let workbench = home.workbench
        let run = try workbench.submit(home.tinyDraft(named: "lamp", on: dataset, epochs: 2))
        let detail = try home.waitForEnd(of: run)
        #expect(detail.summary.status == .success, "\(detail.summary.message)")
        #expect(detail.step == 6 && detail.totalSteps == 6 && detail.epoch == 2 && detail.summary.progress == 1)
        #expect(detail.summary.bestMetricName == "top-1" && detail.latestMetrics["metrics/accuracy_top1"] != nil)
        #expect(Set(detail.checkpoints.map(\.kind)) == ["last", "best"])
        #expect(workbench.resourceLimits().heldBy.isEmpty)
        try expectWholeSeries(of: run, steps: 6, in: home)
        #expect(try workbench.logTail(run: run, count: 100).contains { $0.text.contains("12 training images") })

        let model = try #require(try workbench.models().first)
        #expect(model.status == .ready && model.runID == run && model.labels == ["dark", "light"] && detail.modelIDs == [model.id])
        let image = dataset.root + "/val/light/0.png"
        let prediction = try #require(
            try workbench.predict(weights: "lamp", images: [URL(fileURLWithPath: image)], confidence: 0, pictures: nil).first)
        #expect(Set(prediction.found.map(\.label)) == ["dark", "light"])
        #expect(abs(prediction.found.reduce(0) { $0 + $1.confidence } - 1) < 1e-4)

        #expect(refusal { try workbench.resume(run: run, checkpoint: nil) }?.kind == .conflict)
        try workbench.rerun(run: run)
        let again = try home.waitForEnd(of: run)
        #expect(again.summary.status == .success && again.summary.attempt == 2)
        #expect(try workbench.store.attempts(run: run).map(\.number) == [1, 2])
        #expect(again.latestMetrics.filter { $0.key.hasPrefix("train/") } == detail.latestMetrics.filter { $0.key.hasPrefix("train/") })
        #expect(try workbench.models().map(\.id) == [model.id])
        try expectWholeSeries(of: run, steps: 6, in: home)
    }

    @Test func anotherProcessAbortsAndTheRunGoesOn() throws {
        let (home, dataset) = try prepared()
        let run = try home.workbench.submit(home.tinyDraft(named: "long", on: dataset, epochs: 25))
        try home.wait(for: run) { $0.step >= 4 }
        let other = try Workbench(home: home.home)
        #expect(try other.run(run).summary.status == .running)
        try other.abort(run: run)
        #expect(try other.run(run).summary.status == .stopping)
        let stopped = try home.waitForEnd(of: run)
        #expect(stopped.summary.status == .terminated && stopped.step < 75)
        let checkpoint = try #require(stopped.checkpoints.last { $0.kind == "last" })
        #expect(checkpoint.step == stopped.step && FileManager.default.fileExists(atPath: checkpoint.path))
        #expect(home.workbench.resourceLimits().coresInUse == 0)

        try home.workbench.resume(run: run, checkpoint: nil)
        let finished = try home.waitForEnd(of: run)
        #expect(finished.summary.status == .success && finished.summary.attempt == 2 && finished.step == 75)
        try expectWholeSeries(of: run, steps: 75, in: home)
        #expect(refusal { try other.abort(run: run) }?.kind == .conflict)
    }

    @Test func runsWaitTheirTurnAndWhatIsInUseStays() throws {
        let (home, dataset) = try prepared()
        let workbench = home.workbench
        let first = try workbench.submit(home.tinyDraft(named: "first", on: dataset, epochs: 1))
        #expect(try home.waitForEnd(of: first).summary.status == .success)
        let model = try #require(try workbench.models().first)

        let holder = try workbench.submit(home.tinyDraft(named: "holder", on: dataset, epochs: 200))
        try home.wait(for: holder) { $0.step >= 1 }
        var draft = try home.tinyDraft(named: "waiting", on: dataset, epochs: 1)
        draft.startFrom = .model(model.id)
        let waiting = try workbench.submit(draft)
        let detail = try home.wait(for: waiting) { !$0.summary.message.isEmpty }
        #expect(detail.summary.status == .pending && detail.summary.message.contains("waits for"))
        #expect(workbench.resourceLimits().heldBy.map(\.runName) == ["holder"])

        #expect(refusal { try workbench.remove(run: holder) }?.kind == .conflict)
        #expect(refusal { try workbench.rerun(run: holder) }?.kind == .conflict)
        let inUse = try #require(refusal { try workbench.remove(run: first) })
        #expect(inUse.kind == .conflict && inUse.text.contains("in use by the run waiting"))
        #expect(refusal { try workbench.removeDataset(dataset.id) }?.kind == .conflict)

        try workbench.abort(run: holder)
        #expect(try home.waitForEnd(of: holder).summary.status == .terminated)
        #expect(try home.waitForEnd(of: waiting).summary.status == .success)
        #expect(try workbench.logTail(run: waiting, count: 100).contains { $0.text.contains("0 fresh") })

        for run in [first, holder, waiting] { try workbench.remove(run: run) }
        #expect(try workbench.runTable(RunTableRequest()).total == 0 && workbench.datasets().count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.home.appendingPathComponent("runs").path).isEmpty)
        #expect(FileManager.default.fileExists(atPath: dataset.root + "/train/dark/0.png"))
        #expect(FileManager.default.fileExists(atPath: model.weightsPath))
        #expect(try workbench.model(model.id).runID == nil)
    }

    @Test func aRunThatOnlyWaitsEndsAtOnce() throws {
        let (home, dataset) = try prepared()
        let holder = try home.workbench.submit(home.tinyDraft(named: "holder", on: dataset, epochs: 200))
        try home.wait(for: holder) { $0.step >= 1 }
        let waiting = try home.workbench.submit(home.tinyDraft(named: "waiting", on: dataset, epochs: 1))
        try home.workbench.abort(run: waiting)
        let detail = try home.workbench.run(waiting)
        #expect(detail.summary.status == .terminated && detail.step == 0)
        home.workbench.close()
        #expect(try home.workbench.run(holder).summary.status == .terminated)
        #expect(refusal { try home.workbench.rerun(run: waiting) }?.kind == .conflict)
        #expect(try home.workbench.run(waiting).summary.status == .terminated)
    }

    @Test func whatTheProcessHeldBeforeIsNotTheRuns() throws {
        let (home, dataset) = try prepared()
        let held = Data(repeating: 1, count: 1 << 30)
        let run = try home.workbench.submit(home.tinyDraft(named: "small", on: dataset, epochs: 1))
        let peak = try #require(try home.waitForEnd(of: run).peakMemoryBytes)
        #expect(peak > 1 << 20 && peak < 3 << 28)
        #expect(held.count == 1 << 30)
    }

    @Test func aRunWhoseProcessIsGoneIsAborted() throws {
        let (home, _) = try prepared()
        let store = home.workbench.store, now = Date().timeIntervalSince1970
        let run = RunRecord(
            name: "lost", version: "1.0", createdAt: now, task: "Image Classification", architecture: "resnet18", configuration: "{}",
            draft: "", trainSnapshotID: nil, valSnapshotID: nil, cores: 1, memoryBytes: 1 << 20, imageSize: 32, batchSize: 4)
        try store.insert(run: run)
        let gone = ProcessIdentity(processID: 1 << 22, start: "never", place: ProcessIdentity.current.place)
        try store.claim(run: run.id, by: gone, at: now)
        _ = try store.tryStart(run: run.id, totalCores: 8, totalMemoryBytes: 1 << 30, at: now)
        try store.markRunning(run: run.id, at: now)
        var update = RunUpdate()
        update.step = 17
        update.checkpoints = [
            CheckpointRecord(runID: run.id, path: "/nowhere/last.safetensors", attempt: 1, step: 12, epoch: 2, kind: "last", createdAt: now)
        ]
        try store.apply(update, to: run.id, at: now)

        let summary = try #require(try home.workbench.runTable(RunTableRequest()).runs.first)
        #expect(summary.status == .aborted)
        #expect(summary.message.contains("step 17") && summary.message.contains("resume continues from step 12"))
        #expect(summary.issue?.kind == .process && summary.issue?.severity == .error)
        #expect(home.workbench.resourceLimits().coresInUse == 0)
        #expect(refusal { _ = try home.workbench.runTable(RunTableRequest(query: "stats:x")) }?.text.contains("did you mean status") == true)
        #expect(try home.workbench.runTable(RunTableRequest(status: "job_unknown")).runs.map(\.id) == [run.id])
        #expect(refusal { _ = try home.workbench.runTable(RunTableRequest(status: "lost")) }?.kind == .invalid)
        // The offered file is gone as well, so only a rerun is left.
        #expect(refusal { try home.workbench.resume(run: run.id, checkpoint: nil) }?.text.contains("rerun") == true)
    }
}
