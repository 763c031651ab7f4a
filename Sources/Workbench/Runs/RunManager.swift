import Catalog
import Datasets
import Foundation
import Synchronization
import TensorEngine
import Training

/// Starts the runs of this process when their turn comes, each on a thread of its own, and keeps the catalogue true.
///
/// One supervising thread looks a few times a second: it writes gathered events, sees stop requests of other processes,
/// starts what waits and marks what died. It ends when nothing is left to do.
final class RunManager: Sendable {
    /// Seconds between two looks, and between two searches for dead processes.
    private static let interval = 0.25
    private static let deadRunInterval = 10.0

    private struct Active {
        let control: RunControl
        let recorder: EventRecorder
        let memory = RunMemory()
    }

    private struct State {
        var waiting: [String] = []
        var active: [String: Active] = [:]
        var isSupervised = false
        var isClosing = false
    }

    private let store: CatalogStore
    private let home: URL
    private let executor: any RunExecutor
    private let machine: MachineResources
    private let state = Mutex(State())

    init(store: CatalogStore, home: URL, executor: any RunExecutor, machine: MachineResources) {
        self.store = store
        self.home = home
        self.executor = executor
        self.machine = machine
    }

    /// Makes this process answer for a run that waits in the catalogue.
    func enqueue(_ id: String) throws {
        try requireOpen()
        try store.claim(run: id, by: .current, at: Workbench.now)
        let mustStart = state.withLock { state in
            state.waiting.append(id)
            defer { state.isSupervised = true }
            return !state.isSupervised
        }
        if mustStart { startThread(named: "trainyard supervisor") { [self] in supervise() } }
    }

    /// Refuses once `close` was called; asked before the catalogue is changed, so that no run is left queued without a process.
    func requireOpen() throws {
        guard !state.withLock({ $0.isClosing }) else { throw WorkbenchError(.conflict, "The program is ending; start the run again later.") }
    }

    /// Runs of this process that wait or train.
    var ownRuns: [String] { state.withLock { $0.waiting + Array($0.active.keys) } }

    /// Puts a line into the logs of the runs that train now; with two of them nobody can tell whose it is.
    func noteOutput(_ line: String) {
        let recorders = state.withLock { $0.active.values.map(\.recorder) }
        for recorder in recorders { recorder.record(.log(.warning, line), at: Workbench.now) }
    }

    /// Asks all runs of this process to finish their step and save, ends those that wait, and returns when all have ended.
    func close() {
        let waiting = state.withLock { state in
            state.isClosing = true
            for active in state.active.values { active.control.requestStop() }
            return state.waiting
        }
        for id in waiting { try? store.requestStop(run: id, at: Workbench.now) }
        while state.withLock({ !$0.active.isEmpty }) { Thread.sleep(forTimeInterval: 0.02) }
    }

    /// At once, where this process trains the run; another process sees the request in the catalogue.
    func requestStop(_ id: String) { state.withLock { $0.active[id]?.control.requestStop() } }

    // MARK: The supervising thread

    private func supervise() {
        var lastSearch = 0.0
        while true {
            let now = Workbench.now
            if now - lastSearch > Self.deadRunInterval {
                lastSearch = now
                _ = try? store.markDeadRuns(at: now)
            }
            for (id, active) in state.withLock({ $0.active }) {
                flush(active, of: id)
                if (try? store.isStopRequested(run: id)) == true { active.control.requestStop() }
            }
            startWaiting()
            let isDone = state.withLock { state in
                guard state.waiting.isEmpty, state.active.isEmpty else { return false }
                state.isSupervised = false
                return true
            }
            if isDone { return }
            Thread.sleep(forTimeInterval: Self.interval)
        }
    }

    private func startWaiting() {
        for id in state.withLock({ $0.waiting }) {
            let isStarted: Bool
            do {
                let reason = try store.tryStart(
                    run: id, totalCores: machine.cores().count, totalMemoryBytes: machine.memory().totalBytes, at: Workbench.now)
                isStarted = reason == nil
                // Strictly in turn: what waits behind this one waits too.
                if !isStarted { return }
            } catch CatalogError.storage {
                // The disk may recover; the run keeps its place.
                return
            } catch {
                // Aborted or removed while it waited.
                state.withLock { $0.waiting.removeAll { $0 == id } }
                continue
            }
            begin(id)
        }
    }

    private func begin(_ id: String) {
        do {
            let record = try store.run(id)
            let plan = try RunPlan.stored(Data(record.configuration.utf8))
            // What the runs before left free is not taken by this one; a run beside it would have to take its own again.
            if state.withLock({ $0.active.isEmpty }) { StoragePool.shared.trim() }
            let active = Active(
                control: RunControl(), recorder: EventRecorder(run: record, isDetection: plan.runform.taskType == .objectDetection))
            state.withLock { state in
                state.waiting.removeAll { $0 == id }
                state.active[id] = active
                if state.isClosing { active.control.requestStop() }
            }
            startThread(named: "trainyard run") { [self] in
                train(record, plan: plan, active: active)
                state.withLock { $0.active[id] = nil }
            }
        } catch {
            state.withLock { $0.waiting.removeAll { $0 == id } }
            try? store.finish(run: id, status: .failed, message: Self.sentence(error), issue: issue(of: error), at: Workbench.now)
        }
    }

    private func flush(_ active: Active, of id: String) {
        var update = active.recorder.take() ?? RunUpdate()
        update.peakMemoryBytes = active.memory.peakBytes
        try? store.apply(update, to: id, at: Workbench.now)
    }

    // MARK: The training thread

    private func train(_ record: RunRecord, plan: RunPlan, active: Active) {
        var status = RunStatus.failed, message: String, issue: RunIssue?
        do {
            active.recorder.record(.phase("preparing data"), at: Workbench.now)
            let data = try RunDataAssembly(store: store).assemble(plan)
            let startWeights = try plan.runform.model.weights.map { URL(fileURLWithPath: try store.model($0).weightsPath) }
            let job = RunJob(
                id: record.id, name: record.name, plan: plan, data: data,
                directory: home.appendingPathComponent("runs").appendingPathComponent(record.id),
                resumeFrom: record.resumeFrom.map { URL(fileURLWithPath: $0) }, startWeights: startWeights,
                imageFolder: home.appendingPathComponent("cache/images"), cores: record.cores)
            try FileManager.default.createDirectory(at: job.directory, withIntermediateDirectories: true)
            // A request that came while the data was read.
            if try store.isStopRequested(run: record.id) { active.control.requestStop() }
            var isRunning = false
            let result = try executor.execute(job, control: active.control) { event in
                active.recorder.record(event, at: Workbench.now)
                switch event {
                case .step where !isRunning:
                    isRunning = true
                    try? store.markRunning(run: record.id, at: Workbench.now)
                // The catalogue must know of a saved state as soon as the disk has it: a killed run goes on from there.
                case .checkpoint: flush(active, of: record.id)
                default: break
                }
            }
            status = result.outcome == .success ? .success : .terminated
            message = result.message
            flush(active, of: record.id)
            if let checkpoint = result.bestCheckpoint ?? result.lastCheckpoint {
                try ModelPublisher(store: store, home: home).publish(run: record, data: data, result: result, checkpoint: checkpoint)
            }
        } catch {
            status = .failed
            message = Self.sentence(error)
            issue = self.issue(of: error)
            active.recorder.record(.log(.error, message), at: Workbench.now)
        }
        flush(active, of: record.id)
        try? store.finish(run: record.id, status: status, message: message, issue: issue, at: Workbench.now)
    }

    private func issue(of error: any Error) -> RunIssue {
        RunIssueWords.issue(of: error, diskFreeBytes: machine.diskFree(at: home))
    }

    private static func sentence(_ error: any Error) -> String {
        let text = "\(error)"
        guard let first = text.first else { return "The run failed without a reason." }
        return first.uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
    }

    private func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        // Deep networks are built and run by nested calls.
        thread.stackSize = 16 << 20
        thread.start()
    }
}
