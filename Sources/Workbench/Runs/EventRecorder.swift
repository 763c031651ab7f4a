import Catalog
import Foundation
import Synchronization
import Training

/// Gathers a run's events on the training thread, so that the catalogue is written a few times a second, not each step.
final class EventRecorder: Sendable {
    private struct State {
        var update = RunUpdate()
        var isEmpty = true
        var startStep: Int?
        var startTime = 0.0
        var trainedBefore: Double
        var attempt: Int
        var reportedRunning = false
        var bestMetric: (name: String, value: Double)?
        var speed = SpeedSampler()
    }

    private let state: Mutex<State>
    private let runID: String
    private let isDetection: Bool

    init(run: RunRecord, isDetection: Bool) {
        runID = run.id
        self.isDetection = isDetection
        state = Mutex(State(trainedBefore: run.trainedSeconds, attempt: run.attempt))
    }

    /// What has gathered since the last call; nil when nothing has.
    func take() -> RunUpdate? {
        state.withLock { state in
            guard !state.isEmpty else { return nil }
            defer {
                state.update = RunUpdate()
                state.isEmpty = true
            }
            return state.update
        }
    }

    /// The tag whose best value stands for the run in tables.
    private var mainTag: String { isDetection ? "metrics/mAP50-95(B)" : "metrics/accuracy_top1" }

    func record(_ event: RunEvent, at time: Double) {
        state.withLock { state in
            state.isEmpty = false
            switch event {
            case .phase(let words): state.update.phase = words
            case .step(let step): add(step, at: time, to: &state)
            case .evaluation(let evaluation):
                for value in evaluation.values {
                    state.update.metrics.append(MetricValue(
                        step: evaluation.step, epoch: Double(evaluation.epoch), wallTime: time, tag: value.tag, value: value.value))
                }
                if let file = evaluation.record {
                    state.update.evaluations.append(EvaluationEntry(
                        runID: runID, step: evaluation.step, epoch: evaluation.epoch, attempt: state.attempt, isBest: evaluation.isBest,
                        path: file.path, createdAt: time))
                }
                if let main = evaluation.values.first(where: { $0.tag == mainTag }), main.value > state.bestMetric?.value ?? -1 {
                    state.bestMetric = (isDetection ? "mAP50-95" : "top-1", main.value)
                    state.update.bestMetric = main.value
                    state.update.bestMetricName = state.bestMetric?.name
                }
            case .checkpoint(let checkpoint):
                state.update.checkpoints.append(CheckpointRecord(
                    runID: runID, path: checkpoint.url.path, attempt: state.attempt, step: checkpoint.step, epoch: checkpoint.epoch,
                    kind: checkpoint.kind.rawValue, createdAt: time))
            case .log(let level, let text):
                state.update.log.append(LogEntry(time: time, level: level.rawValue, text: text))
            case .finished(let result):
                state.update.step = result.step
                state.update.epoch = result.epoch
            }
        }
    }

    private func add(_ step: StepMetrics, at time: Double, to state: inout State) {
        if state.startStep == nil {
            state.startStep = step.step - 1
            state.startTime = time - step.seconds
        }
        state.update.step = step.step
        state.update.totalSteps = step.totalSteps
        state.update.epoch = Int(step.epoch)
        state.update.totalEpochs = step.totalEpochs
        state.update.learningRate = step.learningRate
        state.update.imagesPerSecond = step.imagesPerSecond
        state.update.waitMilliseconds = step.waitSeconds * 1000
        let elapsed = time - state.startTime, done = step.step - (state.startStep ?? 0)
        state.update.trainedSeconds = state.trainedBefore + elapsed
        // Whole time over steps, so that evaluations and checkpoints count; the first steps are still too uneven.
        if done >= 3 { state.update.etaSeconds = elapsed / Double(done) * Double(max(0, step.totalSteps - step.step)) }
        for loss in step.losses + [TaggedValue(tag: "lr/pg0", value: step.learningRate)] {
            state.update.metrics.append(MetricValue(
                step: step.step, epoch: step.epoch, wallTime: time, tag: loss.tag, value: loss.value))
        }
        state.update.metrics += state.speed.add(step, at: time)
    }
}
