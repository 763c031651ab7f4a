import Datasets
import Foundation
import NeuralNetworks
import TensorEngine

/// What a run costs on this machine, found by a few of its own steps.
package struct TrialFigures: Sendable, Equatable, Codable {
    /// Seconds before training is under way: data, network, loaders, the first batch, memory that is used for the first time.
    package var startSeconds: Double
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
    /// Bytes of the network's own state, and of the largest tensor in it.
    package var modelBytes: Int
    package var largestTensorBytes: Int
    /// Bytes of the process beside its tensors.
    package var otherBytes: Int

    /// The most memory that the process of such a run takes. At its end the weights are mapped from a checkpoint and written as a
    /// model, one copied tensor at a time.
    package var peakBytes: Int { peakTensorBytes + pictureBytes + otherBytes + modelBytes + largestTensorBytes }

    /// Seconds of an epoch with so many evaluations. Each saves a checkpoint, and an epoch's end saves one in any case.
    package func secondsPerEpoch(trainImages: Int, validationImages: Int, evaluations: Double) -> Double {
        Double(trainImages) / max(imagesPerSecond, 1e-9) + evaluations * Double(validationImages) * evaluationSecondsPerImage
            + max(1, evaluations) * checkpointSeconds
    }

    /// Seconds of a whole run. At its end the model is written, which takes its share of a checkpoint's time.
    package func seconds(epochs: Double, secondsPerEpoch: Double) -> Double {
        startSeconds + epochs * secondsPerEpoch + checkpointSeconds * Double(modelBytes) / Double(max(1, checkpointBytes))
    }
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

    /// Trains on the calling thread, whose priority it lowers as a run does; `folder` is for its checkpoints alone. A run reads its
    /// data and makes its network first; `start` is when that began.
    package func run(in folder: URL, since start: ContinuousClock.Instant) throws(TrainingError) -> TrialFigures {
        // Two steps tell how many more there is time for.
        let first = try Passage(self, steps: 2, folder: folder)
        let seconds = first.steps.last?.seconds ?? 1
        let more = min(max(Int(Self.secondsWanted / max(seconds, 1e-3)), 3), Self.mostSteps)
        var passages = [try Passage(self, steps: more, folder: folder)]
        while RepeatedTimes(passages.map(\.secondsPerImage)).wantMore || RepeatedTimes(passages.map(\.evaluationSeconds)).wantMore {
            passages.append(try Passage(self, steps: more, folder: folder))
        }
        func middle(_ figure: (Passage) -> Double) -> Double { RepeatedTimes(passages.map(figure)).middle }
        let secondsPerImage = middle(\.secondsPerImage)
        // The first steps use most memory for the first time: what they take beyond later ones belongs to the start.
        let beginning = first.end.map { start.duration(to: $0).inSeconds - Passage.images(first.steps) * secondsPerImage } ?? 0
        let sizes = network.module.stateLayout.map(\.byteCount)
        return TrialFigures(
            startSeconds: max(0, beginning), imagesPerSecond: 1 / max(secondsPerImage, 1e-9),
            evaluationSecondsPerImage: middle(\.evaluationSeconds) / Double(max(1, data.validation.count)),
            checkpointSeconds: middle(\.checkpointSeconds), peakTensorBytes: passages[0].peakTensorBytes,
            pictureBytes: pictureBytes, checkpointBytes: passages[0].checkpointBytes, modelBytes: sizes.reduce(0, +),
            largestTensorBytes: sizes.max() ?? 0, otherBytes: first.otherBytes)
    }

    /// One short run with what it reported.
    private struct Passage {
        var steps: [StepMetrics] = []
        /// When the last step was done.
        var end: ContinuousClock.Instant?
        var evaluationSeconds = 0.0
        var checkpointSeconds = 0.0
        var checkpointBytes = 0
        var peakTensorBytes = 0
        /// What the process holds beside tensors before anything was saved.
        var otherBytes = 0

        /// The first step waits for the first batches to be loaded.
        var secondsPerImage: Double {
            let steady = steps.dropFirst()
            return steady.reduce(0) { $0 + $1.seconds } / max(1e-9, Self.images(steady))
        }

        static func images(_ steps: some Sequence<StepMetrics>) -> Double { steps.reduce(0) { $0 + $1.imagesPerSecond * $1.seconds } }

        init(_ trial: TrainingTrial, steps count: Int, folder: URL) throws(TrainingError) {
            let loop = TrainingLoop(
                plan: trial.plan.trial(steps: count, trainImages: trial.data.train.count), data: trial.data, network: trial.network,
                directory: folder, control: RunControl())
            var trained: ContinuousClock.Instant?, evaluated: ContinuousClock.Instant?
            var found: [StepMetrics] = [], evaluation = 0.0, checkpoint = 0.0, saved = 0, other = 0
            let result = try loop.run { event in
                switch event {
                case .step(let metrics):
                    trained = .now
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
            end = trained
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
