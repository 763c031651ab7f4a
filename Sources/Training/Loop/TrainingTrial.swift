import Datasets
import Foundation
import TensorEngine

/// What a run costs on this machine, found by a few of its own steps.
package struct TrialFigures: Sendable, Equatable, Codable {
    /// Images trained a second, loading included.
    package var imagesPerSecond: Double
    package var evaluationSecondsPerImage: Double
    /// Seconds to write one checkpoint.
    package var checkpointSeconds: Double
    /// The most bytes that tensors hold at once.
    package var peakTensorBytes: Int
    /// Bytes of the pictures that a run keeps in memory once it has seen them all.
    package var pictureBytes: Int
    package var checkpointBytes: Int
    /// Bytes of the process beside its tensors.
    package var otherBytes: Int

    /// The most memory that the process of such a run takes: it copies its state to save it, and reads it again for the model
    /// that it leaves.
    package var peakBytes: Int { peakTensorBytes + pictureBytes + otherBytes + 3 * checkpointBytes / 2 }
}

/// Runs the first steps of a plan on its own data, as the run itself would, and keeps nothing of them but the figures.
package struct TrainingTrial {
    /// A passage is about as long as this and has at most so many steps.
    private static let secondsWanted = 2.5
    private static let mostSteps = 150

    private let plan: RunPlan
    private let data: TrainingData
    private let network: TrainableNetwork
    private let pictureBytes: Int

    /// Changes `network`'s weights; `data` is that of the run.
    package init(plan: RunPlan, data: TrainingData, network: TrainableNetwork) {
        self.plan = plan
        self.network = network
        let form = plan.runform
        let reduction = form.taskType == .imageClassification
            ? ClassificationPipeline(form).reduction : ImageReduction(longestSide: form.model.inputSize.height)
        pictureBytes = min(
            ImageCache.defaultByteLimit,
            (data.train + data.validation).reduce(0) { $0 + reduction.expectedBytes(width: $1.width, height: $1.height) })
        // Enough validation images for a steady figure: two batches.
        let count = max(64, 2 * plan.runform.valData.batchSize)
        let labelled = data.validation.filter { !$0.annotations.isEmpty }
        self.data = TrainingData(labels: data.labels, train: data.train, validation: Array(labelled.prefix(count)))
    }

    /// Trains on the calling thread, whose priority it lowers as a run does; `folder` is for its checkpoints alone.
    package func run(in folder: URL) throws(TrainingError) -> TrialFigures {
        // Two steps tell how many more there is time for.
        let first = try Passage(self, steps: 2, folder: folder)
        let seconds = first.steps.last?.seconds ?? 1
        let more = min(max(Int(Self.secondsWanted / max(seconds, 1e-3)), 3), Self.mostSteps)
        var passages = [try Passage(self, steps: more, folder: folder)]
        while RepeatedTimes(passages.map(\.secondsPerImage)).wantMore || RepeatedTimes(passages.map(\.evaluationSeconds)).wantMore {
            passages.append(try Passage(self, steps: more, folder: folder))
        }
        func middle(_ figure: (Passage) -> Double) -> Double { RepeatedTimes(passages.map(figure)).middle }
        return TrialFigures(
            imagesPerSecond: 1 / max(middle(\.secondsPerImage), 1e-9),
            evaluationSecondsPerImage: middle(\.evaluationSeconds) / Double(max(1, data.validation.count)),
            checkpointSeconds: middle(\.checkpointSeconds), peakTensorBytes: passages[0].peakTensorBytes,
            pictureBytes: pictureBytes, checkpointBytes: passages[0].checkpointBytes, otherBytes: first.otherBytes)
    }

    /// One short run with what it reported.
    private struct Passage {
        var steps: [StepMetrics] = []
        var evaluationSeconds = 0.0
        var checkpointSeconds = 0.0
        var checkpointBytes = 0
        var peakTensorBytes = 0
        /// What the process holds beside tensors before anything was saved.
        var otherBytes = 0

        /// The first step waits for the first batches to be loaded.
        var secondsPerImage: Double {
            let steady = steps.dropFirst()
            return steady.reduce(0) { $0 + $1.seconds } / max(1e-9, steady.reduce(0) { $0 + $1.imagesPerSecond * $1.seconds })
        }

        init(_ trial: TrainingTrial, steps count: Int, folder: URL) throws(TrainingError) {
            let loop = TrainingLoop(
                plan: trial.plan.trial(steps: count, trainImages: trial.data.train.count), data: trial.data, network: trial.network,
                directory: folder, control: RunControl())
            var evaluated: ContinuousClock.Instant?
            var found: [StepMetrics] = [], evaluation = 0.0, checkpoint = 0.0, saved = 0, other = 0
            let result = try loop.run { event in
                switch event {
                case .step(let metrics):
                    found.append(metrics)
                    other = max(0, ProcessFigures.residentBytes - StoragePool.shared.statistics.reserved)
                case .evaluation(let metrics) where metrics.step == count:
                    evaluation = metrics.seconds
                    evaluated = .now
                case .checkpoint(let info) where info.kind == .last:
                    saved = info.byteCount
                    if let evaluated { checkpoint = evaluated.duration(to: .now).inSeconds }
                default: break
                }
            }
            steps = found
            evaluationSeconds = evaluation
            checkpointSeconds = checkpoint
            checkpointBytes = saved
            otherBytes = other
            peakTensorBytes = result.figures.peakTensorBytes
        }
    }
}

extension RunPlan {
    /// A plan of a few steps, each as most of this plan's steps are: with mosaics where most epochs have them, and with a backbone
    /// that learns unless it never does.
    func trial(steps: Int, trainImages: Int) -> RunPlan {
        let epochs = StepSchedule(plan: self, trainImages: trainImages).totalEpochs
        var plan = self
        plan.trainKwargs.nEpochs = nil
        plan.trainKwargs.nGlobalSteps = steps
        plan.trainKwargs.globalStepEvalFreq = nil
        plan.trainKwargs.globalStepSaveCkptFreq = nil
        let withoutMosaics = min(epochs, runform.augmentation.closeMosaic)
        plan.runform.augmentation.closeMosaic = withoutMosaics < epochs - withoutMosaics ? 0 : .max
        plan.runform.model.freezeBackboneEpochs = runform.model.freezeBackboneEpochs < epochs ? 0 : .max
        return plan
    }
}
