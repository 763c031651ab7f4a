import Foundation
import Synchronization
import Workbench

/// A workbench in memory: fixed data, runs that tests add and change.
final class MemoryWorkbench: WorkbenchService {
    struct State: Sendable {
        var runs: [RunSummary] = []
        var submitted: [RunConfiguration] = []
        var blueprints: [BlueprintSummary] = []
        var snapshots: [SnapshotSummary] = []
        var models: [ModelSummary] = []
        var calls: [String] = []
        var points: [String: [MetricPoint]] = [:]
        var log: [LogLine] = []
        var evaluation: RunEvaluation?
        var submitProblem: String?
        var own: [String] = []
        /// How often the runs were found changed, and as what.
        var revision = 1
        var tableReads = 0
        var lastRuns: [RunSummary] = []
        var users: [String: [String]] = [:]
        var drafts: [String: RunDraft] = [:]
        var checkpoints: [CheckpointSummary] = MemoryWorkbench.checkpoints
    }

    let state = Mutex(State())
    static let noon = 1_795_262_400.0

    static func labels(_ count: Int = 10) -> [LabelCount] {
        (0..<count).map { LabelCount(name: String($0), trainCount: 200 + 7 * $0, valCount: 40 + $0) }
    }

    static func run(_ id: String, name: String, status: RunState, progress: Double, best: Double? = nil, message: String = "", age: Double = 0) -> RunSummary {
        RunSummary(
            id: id, name: name, version: "1.0", createdAt: noon - age, status: status, progress: progress,
            durationSeconds: progress * 120, service: "local", architecture: "YOLOv8_nano", task: .objectDetection, bestMetric: best,
            bestMetricName: best == nil ? nil : "mAP50-95", message: message, attempt: 1)
    }

    static let someRuns = [
        run("1", name: "digit-scenes-yolov8n", status: .running, progress: 0.58, best: 0.871),
        run("2", name: "scenes-s-640", status: .pending, progress: 0, message: "Waits for 2 cores.", age: 1320),
        run("3", name: "plates-ssd", status: .failed, progress: 0.21, best: 0.312, message: "Failed at step 412: out of memory. Needed 9.2 GiB, limit 8.0 GiB.", age: 3420),
        run("4", name: "digits-large", status: .success, progress: 1, best: 0.984, age: 5460),
        run("5", name: "birds-night", status: .aborted, progress: 0.61, best: 0.702, age: 90000),
    ]

    func datasets() throws -> [DatasetSummary] {
        [
            DatasetSummary(
                id: "d1", name: "digit-scenes", task: .objectDetection, root: "/data/scenes", format: "yolo", createdAt: Self.noon,
                imageCount: 480, trainCount: 400, valCount: 80, testCount: 0, labels: Self.labels(), problemCount: 0),
            DatasetSummary(
                id: "d2", name: "digits", task: .imageClassification, root: "/data/digits", format: "folders", createdAt: Self.noon,
                imageCount: 5620, trainCount: 4496, valCount: 1124, testCount: 0, labels: Self.labels(), problemCount: 0),
        ]
    }
    func views(dataset: String) throws -> [ViewSummary] {
        [ViewSummary(id: "v" + dataset, name: "all", datasetID: dataset, createdAt: Self.noon, labels: [], split: nil, imageCount: 480)]
    }
    func snapshots(view: String) throws -> [SnapshotSummary] {
        state.withLock { $0.snapshots.filter { $0.viewID == view } } + [
            SnapshotSummary(
                id: "s" + view, name: "2026-11-21 14:02", viewID: view, datasetID: String(view.dropFirst()), createdAt: Self.noon,
                trainCount: 400, valCount: 80, testCount: 0, labelCounts: Self.labels())
        ]
    }
    func models() throws -> [ModelSummary] { state.withLock { $0.models } }
    func importModel(_ request: ModelImportRequest) throws -> ModelImportReport {
        note("import \(request.file)")
        var report = ModelImportReport(
            file: request.file, format: "torch (zip)", architecture: "YOLOv8_small", fileClasses: 80, classes: 80, takenCount: 355, tensorCount: 355,
            rows: [], notes: [])
        guard request.file.hasSuffix(".pth") else {
            report.problem = "The file \(request.file) does not fit YOLOv8_small."
            return report
        }
        let model = ModelSummary(
            id: "m1", name: "coco", version: "1.0", architecture: "YOLOv8_small", task: .objectDetection, status: .ready,
            labels: (0..<80).map(String.init), createdAt: Self.noon, runID: nil, snapshotID: nil, weightsPath: "/models/m1", imageSize: 640,
            metrics: [:])
        state.withLock { $0.models.append(model) }
        report.model = model
        return report
    }
    func architectures(task: TaskKind, classes: Int) throws -> [ArchitectureSummary] {
        [("YOLOv8_nano", "YOLOv8 nano", "small", 3_012_798, 180), ("YOLOv8_small", "YOLOv8 small", "medium", 11_139_470, 420), ("YOLOv8_medium", "YOLOv8 medium", "large", 25_862_110, 880)].map {
            ArchitectureSummary(name: $0.0, title: $0.1, task: task, size: $0.2, parameters: $0.3, memoryMB: $0.4)
        }
    }
    func quickStartArchitectures(task: TaskKind, classes: Int) throws -> [ArchitectureSummary] { try architectures(task: task, classes: classes) }
    func resourceLimits() -> ResourceLimits {
        ResourceLimits(
            coresTotal: 2, coresInUse: 0, coresSource: "cgroup 2, affinity 2", memoryTotalBytes: 25_125_558_681, memoryInUseBytes: 0,
            memoryAvailableBytes: 20_000_000_000, memorySource: "cgroup", diskFreeBytes: 79_456_894_976, gpuReason: "no NVIDIA driver found",
            heldBy: [])
    }
    func availability(cores: Int, memoryBytes: Int, estimate: RunEstimate) -> ResourceAvailability {
        memoryBytes < estimate.peakMemoryBytes
            ? .unavailable(reason: "Resources not available because the run needs about 1.2 GiB. Give it more memory.")
            : .available("Resources available. This run needs about 1.2 GiB.")
    }
    var ownRuns: [String] { state.withLock { $0.own } }
    func noteOutput(_ line: String) {}
    func run(_ id: String) throws -> RunDetail {
        guard let summary = state.withLock({ $0.runs.first { $0.id == id } }) else { throw WorkbenchError(.notFound, "There is no run \(id).") }
        return RunDetail(
            summary: summary, draft: state.withLock { $0.drafts[id] }, configurationJSON: id == "4" ? Self.configuration.replacing("0.001", with: "0.01") : Self.configuration, step: Int(500 * summary.progress), totalSteps: 500,
            epoch: Int(20 * summary.progress), totalEpochs: 20, phase: "training", etaSeconds: 51, imagesPerSecond: 25.1,
            waitMilliseconds: 39, learningRate: 0.0091, cores: 2, memoryBytes: 4_294_967_296, peakMemoryBytes: 1_181_116_006,
            processID: nil, latestMetrics: state.withLock { $0.points.compactMapValues { $0.last?.value } }, checkpoints: state.withLock { $0.checkpoints }, modelIDs: [], startedAt: Self.noon, endedAt: nil, directory: "/runs/1",
            trainDatasetName: "digit-scenes", validationDatasetName: "digit-scenes")
    }
    func metricSeries(run: String, tag: String, after: Int64) throws -> [MetricPoint] {
        state.withLock { ($0.points[tag] ?? []).filter { $0.id > after } }
    }
    func metricOutline(run: String, tag: String) throws -> MetricCurve {
        try metricSamples(run: run, tag: tag, after: 0, limit: .max)
    }
    func metricSamples(run: String, tag: String, after: Int64, limit: Int) throws -> MetricCurve {
        let points = try metricSeries(run: run, tag: tag, after: after)
        return MetricCurve(
            steps: points.map { Double($0.step) }, epochs: points.map(\.epoch), wallTimes: points.map(\.wallTime),
            values: points.map(\.value), lastID: points.last?.id ?? after, total: points.count)
    }
    func compare(runs: [String]) throws -> RunComparison {
        let details = try runs.map { try run($0) }
        let tags = state.withLock { $0.points.keys.sorted() }
        return RunComparison(
            runs: details.map(\.summary), metrics: tags.map { tag in .init(tag: tag, values: details.map { $0.latestMetrics[tag] }) },
            settings: [.init(path: "runform/optimizer/kwargs/lr", values: details.indices.map { ["0.01", "0.001"][$0 % 2] })])
    }
    func exportMetrics(runs: [String], tags: [String], format: MetricFormat) throws -> Data { Data(runs.joined(separator: ",").utf8) }
    func save(_ data: Data, as name: String) throws -> URL {
        note("save \(name)")
        return URL(fileURLWithPath: "/here/" + name)
    }
    func logTail(run: String, count: Int) throws -> [LogLine] { state.withLock { $0.log.suffix(count) } }
    func note(_ call: String) { state.withLock { $0.calls.append(call) } }
    func abort(run: String) throws { change(run, "abort", to: .terminated) }
    func remove(run: String) throws {
        note("remove \(run)")
        state.withLock { $0.runs.removeAll { $0.id == run } }
    }
    func resume(run: String, checkpoint: String?) throws { change(run, "resume", checkpoint, to: .running) }
    func rerun(run: String) throws { change(run, "rerun", to: .running) }

    /// Notes a call and lets the run have the state that it leads to; this process trains what is running.
    private func change(_ id: String, _ call: String, _ detail: String? = nil, to status: RunState) {
        note("\(call) \(id)" + (detail.map { " from \($0)" } ?? ""))
        set(id, to: status)
    }

    func set(_ id: String, to status: RunState) {
        state.withLock { state in
            guard let index = state.runs.firstIndex(where: { $0.id == id }) else { return }
            state.runs[index].status = status
            state.own.removeAll { $0 == id }
            if !status.isTerminal { state.own.append(id) }
        }
    }

    /// Curves as a run of 12 epochs leaves them.
    func addCurves() {
        state.withLock { state in
            func points(_ count: Int, scale: Double, _ value: (Double) -> Double) -> [MetricPoint] {
                (1...count).map { number in
                    let step = Double(number) * scale
                    return MetricPoint(
                        id: Int64(number), step: Int(step), epoch: step / 25, wallTime: Self.noon + step * 0.3, value: value(Double(number)))
                }
            }
            for (tag, size) in [("train/box_loss", 0.9), ("train/cls_loss", 0.8), ("train/dfl_loss", 0.6), ("train/loss", 2.3)] {
                state.points[tag] = points(290, scale: 1) { size * (1 + 2 * exp(-$0 / 40)) }
            }
            for (tag, top) in [("metrics/mAP50(B)", 0.9), ("metrics/mAP50-95(B)", 0.7), ("metrics/precision(B)", 0.92), ("metrics/recall(B)", 0.85)] {
                state.points[tag] = points(11, scale: 25) { top * (1 - exp(-$0 / 4)) }
            }
            state.log = [LogLine(id: 1, time: Self.noon, level: "info", text: "evaluated epoch 11: mAP50 0.842")]
        }
    }
}
