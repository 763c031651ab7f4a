import Catalog
import Foundation
import Testing

/// A catalogue in a folder of its own.
struct TemporaryCatalog: ~Copyable {
    let folder: URL
    let store: CatalogStore

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("catalog-\(UUID().uuidString)")
        store = try CatalogStore(directory: folder)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func insertRun(_ name: String, cores: Int = 1, memoryBytes: Int = 100, at time: Double = 1) throws -> String {
        let run = RunRecord(
            name: name, version: "1.0", createdAt: time, task: "Object Detection", architecture: "YOLOv8_nano", configuration: "{}",
            draft: "", trainSnapshotID: nil, valSnapshotID: nil, cores: cores, memoryBytes: memoryBytes, imageSize: 160, batchSize: 8)
        try store.insert(run: run)
        return run.id
    }

    func startRun(_ name: String, by process: ProcessIdentity = .current, cores: Int = 1, at time: Double = 1) throws -> String {
        let id = try insertRun(name, cores: cores, at: time)
        try store.claim(run: id, by: process, at: time)
        #expect(try store.tryStart(run: id, totalCores: 8, totalMemoryBytes: 1000, at: time) == nil)
        try store.markRunning(run: id, at: time)
        return id
    }
}

/// A process that has ended for certain.
let gone = ProcessIdentity(processID: 1 << 22, start: "never", place: ProcessIdentity.current.place)

@Suite struct CatalogStoreTests {
    @Test func datasetsAndSnapshotsComeBackAsStored() throws {
        let catalog = try TemporaryCatalog()
        let dataset = DatasetRecord(
            name: "birds", task: "Object Detection", root: "/data/birds", format: "coco", createdAt: 1, labels: ["owl", "jay"],
            report: "{}", problemCount: 0)
        let box = StoredAnnotation.Box(xMin: 0.1, yMin: 2.25, xMax: 1e-7, yMax: 319.99997)
        let items = [
            ItemRecord(path: "/a.jpg", width: 320, height: 240, split: "train", annotations: [.init(label: 1, box: box, isCrowd: true)]),
            ItemRecord(path: "/b.jpg", width: 32, height: 24, split: nil, annotations: [.init(label: 0, box: nil)]),
            ItemRecord(path: "/c.jpg", width: 32, height: 24, split: "val", annotations: []),
        ]
        try catalog.store.insert(dataset: dataset, items: items)
        let stored = try catalog.store.items(ofDataset: dataset.id)
        #expect(stored.map(\.annotations) == items.map(\.annotations))
        #expect(try catalog.store.splitCounts(ofDataset: dataset.id) == ["train": 1, "val": 1, nil: 1])

        let view = ViewRecord(datasetID: dataset.id, name: "all", createdAt: 2, labels: [], split: nil, itemCount: 3)
        try catalog.store.insert(view: view)
        #expect(throws: CatalogError.self) { try catalog.store.insert(view: view) }
        let snapshot = SnapshotRecord(
            viewID: view.id, datasetID: dataset.id, name: "first", createdAt: 3, trainCount: 2, valCount: 0, testCount: 0, labelCounts: [])
        try catalog.store.insert(snapshot: snapshot, assignment: [(stored[2].id, "train"), (stored[0].id, "train")])
        let frozen = try catalog.store.items(ofSnapshot: snapshot.id)
        #expect(frozen.map(\.path) == ["/a.jpg", "/c.jpg"])
        #expect(frozen.map(\.split) == ["train", "train"])
    }

    @Test func aDatasetInUseStays() throws {
        let catalog = try TemporaryCatalog()
        let dataset = DatasetRecord(
            name: "d", task: "t", root: "/", format: "coco", createdAt: 1, labels: [], report: "{}", problemCount: 0)
        let view = ViewRecord(datasetID: dataset.id, name: "all", createdAt: 1, labels: [], split: nil, itemCount: 0)
        let snapshot = SnapshotRecord(
            viewID: view.id, datasetID: dataset.id, name: "s", createdAt: 1, trainCount: 0, valCount: 0, testCount: 0, labelCounts: [])
        try catalog.store.insert(dataset: dataset, items: [])
        try catalog.store.insert(view: view)
        try catalog.store.insert(snapshot: snapshot, assignment: [])
        let run = RunRecord(
            name: "r", version: "1", createdAt: 1, status: .success, task: "t", architecture: "a", configuration: "{}", draft: "",
            trainSnapshotID: snapshot.id, valSnapshotID: nil, cores: 1, memoryBytes: 1, imageSize: 1, batchSize: 1)
        try catalog.store.insert(run: run)
        #expect(throws: CatalogError.self) { try catalog.store.removeDataset(dataset.id) }
        try catalog.store.removeRun(run.id)
        try catalog.store.removeDataset(dataset.id)
        #expect(try catalog.store.snapshots().isEmpty)
    }

    @Test func aSecondConnectionReadsARunLiveAndStopsIt() throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("live")
        let other = try CatalogStore(directory: catalog.folder)
        var seen: [Double] = []
        for step in 1...20 {
            var update = RunUpdate()
            update.step = step
            update.metrics = [MetricValue(step: step, epoch: 0, wallTime: 0, tag: "train/loss", value: step == 7 ? .nan : Double(step))]
            try catalog.store.apply(update, to: run, at: 2)
            let news = try other.metrics(run: run, tag: "train/loss", after: Int64(seen.count))
            seen += news.values
            #expect(try other.run(run).step == step)
        }
        #expect(seen.count == 20)
        #expect(seen[6].isNaN)
        try other.requestStop(run: run, at: 3)
        #expect(try catalog.store.isStopRequested(run: run))
        #expect(try catalog.store.run(run).status == .stopping)
    }

    @Test func writersOfTwoConnectionsDoNotLoseAnything() async throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("busy")
        let stores = [catalog.store, try CatalogStore(directory: catalog.folder)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores {
                group.addTask {
                    for step in 0..<50 {
                        var update = RunUpdate()
                        update.metrics = [MetricValue(step: step, epoch: 0, wallTime: 0, tag: "x", value: 1)]
                        try store.apply(update, to: run, at: 2)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try catalog.store.metrics(run: run, tag: "x").count == 100)
    }
}

@Suite struct RunLifecycleTests {
    @Test func aRunWhoseProcessIsGoneIsAbortedWithItsCheckpoint() throws {
        let catalog = try TemporaryCatalog()
        let dead = try catalog.startRun("dead", by: gone), alive = try catalog.startRun("alive")
        var update = RunUpdate()
        update.step = 40
        update.checkpoints = [CheckpointRecord(runID: dead, path: "/c/last", attempt: 1, step: 32, epoch: 1, kind: "last", createdAt: 2)]
        try catalog.store.apply(update, to: dead, at: 2)
        let found = try catalog.store.markDeadRuns(at: 3)
        #expect(found.map(\.runID) == [dead])
        #expect(found.first?.lastCheckpoint?.path == "/c/last")
        #expect(try catalog.store.run(dead).status == .aborted)
        #expect(try catalog.store.run(dead).message.contains("resume continues from step 32"))
        #expect(try catalog.store.run(alive).status == .running)
        #expect(try catalog.store.reservations().map(\.runID) == [alive])
    }

    @Test func aProcessElsewhereIsJudgedByItsHeartbeat() throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("far", by: ProcessIdentity(processID: 1, start: "s", place: "another host"), at: 1000)
        #expect(try catalog.store.markDeadRuns(at: 1060).isEmpty)
        #expect(try catalog.store.markDeadRuns(at: 1200).map(\.runID) == [run])
    }

    @Test func runsWaitInTurnForCoresAndMemory() throws {
        let catalog = try TemporaryCatalog()
        let first = try catalog.insertRun("first", cores: 2, at: 1), second = try catalog.insertRun("second", cores: 2, at: 2)
        let third = try catalog.insertRun("third", cores: 1, at: 3)
        for run in [first, second, third] { try catalog.store.claim(run: run, by: .current, at: 4) }
        func start(_ run: String) throws -> String? { try catalog.store.tryStart(run: run, totalCores: 3, totalMemoryBytes: 250, at: 5) }
        #expect(try start(first) == nil)
        #expect(try start(second) == "waits for 2 cores, 1 free")
        #expect(try start(third) == "waits behind second", "a small run must not starve a large one")
        try catalog.store.finish(run: first, status: .success, message: "", at: 6)
        #expect(try start(second) == nil)
        #expect(try start(third) == nil)
        #expect(try catalog.store.reservations().count == 2)
    }

    @Test func abortingAWaitingRunEndsItAtOnce() throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.insertRun("waits")
        try catalog.store.claim(run: run, by: .current, at: 1)
        try catalog.store.requestStop(run: run, at: 2)
        #expect(try catalog.store.run(run).status == .terminated)
        #expect(throws: CatalogError.self) { try catalog.store.requestStop(run: run, at: 3) }
    }

    @Test func resumingForgetsTheStepsThatAreDoneAgain() throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("again")
        var update = RunUpdate()
        update.step = 10
        update.metrics = (1...10).map { MetricValue(step: $0, epoch: 0, wallTime: 0, tag: "x", value: Double($0)) }
        try catalog.store.apply(update, to: run, at: 2)
        let checkpoint = CheckpointRecord(runID: run, path: "/c", attempt: 1, step: 6, epoch: 0, kind: "last", createdAt: 2)
        #expect(throws: CatalogError.self) { try catalog.store.requeue(run: run, from: checkpoint, at: 3) }
        try catalog.store.finish(run: run, status: .terminated, message: "", at: 3)
        try catalog.store.requeue(run: run, from: checkpoint, at: 4)
        #expect(try catalog.store.metrics(run: run, tag: "x").steps == Array(1...6))
        #expect(try catalog.store.run(run).status == .rerun)
        #expect(try catalog.store.run(run).attempt == 2)
        #expect(try catalog.store.run(run).resumeFrom == "/c")
    }

    @Test func aRerunStartsItsSeriesAnew() throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("anew")
        var update = RunUpdate()
        update.metrics = [MetricValue(step: 1, epoch: 0, wallTime: 0, tag: "x", value: 1)]
        try catalog.store.apply(update, to: run, at: 2)
        try catalog.store.finish(run: run, status: .failed, message: "", at: 3)
        try catalog.store.requeue(run: run, from: nil, at: 4)
        #expect(try catalog.store.metrics(run: run, tag: "x").isEmpty)
        #expect(try catalog.store.attempts(run: run).map(\.status) == [.failed])
    }

    @Test func aModelInUseKeepsItsRun() throws {
        let catalog = try TemporaryCatalog()
        let source = try catalog.startRun("source")
        try catalog.store.finish(run: source, status: .success, message: "", at: 2)
        let model = ModelRecord(
            name: "m", version: "1", architecture: "a", task: "t", status: "ready", labels: [], createdAt: 2, runID: source,
            snapshotID: nil, weightsPath: "/m", imageSize: 1, metrics: [:])
        try catalog.store.save(model: model)
        let user = RunRecord(
            name: "user", version: "1", createdAt: 3, status: .running, task: "t", architecture: "a", configuration: "{}", draft: "",
            trainSnapshotID: nil, valSnapshotID: nil, startModelID: model.id, cores: 1, memoryBytes: 1, imageSize: 1, batchSize: 1)
        try catalog.store.insert(run: user)
        #expect(throws: CatalogError.self) { try catalog.store.removeRun(source) }
        try catalog.store.finish(run: user.id, status: .success, message: "", at: 4)
        try catalog.store.removeRun(source)
        #expect(try catalog.store.model(model.id).runID == nil, "the model outlives its run")
    }
}
