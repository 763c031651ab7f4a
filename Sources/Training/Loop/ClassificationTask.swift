import Datasets
import Metrics
import NeuralNetworks
import TensorEngine

/// Training of a classifier.
struct ClassificationTask: TrainingTask {
    let network: any ClassificationNetwork
    let trainingSource: ClassificationTrainingSource
    private let validationSource: ClassificationEvaluationSource
    private let labels: [String]
    private let loaders: LoaderPool
    private let labelSmoothing: Float
    private let sample: EvaluationSample
    static let averagesImages = true

    var module: Module { network }

    init(network: any ClassificationNetwork, plan: RunPlan, data: TrainingData, loaders: LoaderPool, imageStore: DecodedImageStore?) {
        self.network = network
        self.loaders = loaders
        labels = data.labels
        let form = plan.runform
        sample = EvaluationSample(data.validation, seed: plan.seed)
        labelSmoothing = Float(form.labelSmoothing)
        let pipeline = ClassificationPipeline(form)
        let cache = ImageCache(pipeline: pipeline, store: imageStore)
        trainingSource = ClassificationTrainingSource(
            items: data.train, labels: data.labels, pipeline: pipeline,
            mixing: BatchMixing(mixupAlpha: form.mixup.alpha, cutmixAlpha: form.cutmix.alpha), batchSize: form.trainData.batchSize,
            seed: UInt64(plan.seed), cache: cache)
        validationSource = ClassificationEvaluationSource(
            items: data.validation, labels: data.labels, pipeline: pipeline, batchSize: form.valData.batchSize, cache: cache)
    }

    var unreadableFiles: [String: String] { trainingSource.cache.failures.mapValues { "\($0)" } }

    func loss(_ batch: ClassificationBatch, tape: Tape) throws(TrainingError) -> BatchLoss {
        let targets = batch.mixing.map { _ in Tensor(batch.classShares(classCount: labels.count), shape: [batch.count, labels.count]) }
        let losses = network.trainingOutputs(tape.input(batch.images)).map { logits, weight in
            let loss = targets.map { Tensor.softmaxCrossEntropy(logits, targets: $0, labelSmoothing: labelSmoothing) }
                ?? Tensor.softmaxCrossEntropy(logits, targets: batch.labels, labelSmoothing: labelSmoothing)
            return weight == 1 ? loss : Tensor.weightedMean(loss, weights: .filled([], with: weight))
        }
        let value = losses.dropFirst().reduce(losses[0], Tensor.add)
        return BatchLoss(loss: value, items: [TaggedValue(tag: "train/loss", value: Double(value.scalar))], imageCount: batch.count)
    }

    func evaluate() throws -> TaskEvaluation {
        var evaluator = ClassificationEvaluator(classCount: labels.count)
        var sum = 0.0, images = 0, sample = sample
        let prefetcher = BatchPrefetcher(source: validationSource, epochs: 0..<1, pool: loaders)
        defer { prefetcher.stop() }
        while let batch = try prefetcher.next()?.batch {
            guard batch.count > 0 else { continue }
            let logits = network(batch.images)
            sum += Double(Tensor.softmaxCrossEntropy(logits, targets: batch.labels, labelSmoothing: 0).scalar) * Double(batch.count)
            images += batch.count
            let scores = logits.array
            for (row, label) in batch.labels.enumerated() {
                let logits = scores[row * labels.count..<(row + 1) * labels.count]
                evaluator.add(scores: logits, truth: Int(label))
                sample.add(batch.items[row], logits: logits)
            }
        }
        guard images > 0 else { throw TrainingError.data("none of the validation images could be read: look at the run's log") }
        return TaskEvaluation(
            values: [
                TaggedValue(tag: "metrics/accuracy_top1", value: evaluator.top1), TaggedValue(tag: "metrics/accuracy_top5", value: evaluator.top5),
                TaggedValue(tag: "val/loss", value: sum / Double(images)),
            ],
            confusion: evaluator.confusion.flatMap { $0 }, fitness: (evaluator.top1 + evaluator.top5) / 2,
            findings: findings(evaluator, sample: sample))
    }

    private func findings(_ evaluator: ClassificationEvaluator, sample: EvaluationSample) -> EvaluationFindings {
        let found = evaluator.metrics()
        return EvaluationFindings(
            labels: labels, imageCount: evaluator.count, confidence: found.confidence,
            classes: found.perClass.map {
                .init(
                    label: $0.label, truthCount: $0.truthCount, precision: $0.precision, recall: $0.recall, ap50: $0.averagePrecision,
                    ap50To95: nil)
            },
            meanCurves: EvaluationCurves.mean(of: found.curves)?.rounded, curves: found.curves.map(\.rounded),
            confusion: .init(counts: evaluator.confusion), topAccuracies: evaluator.topAccuracies, images: sample.images)
    }
}

extension ClassificationPipeline {
    /// What a run does to its pictures; prediction with its model does the same.
    package init(_ form: RunForm) {
        self.init(
            height: form.model.inputSize.height, width: form.model.inputSize.width, augmentation: form.augmentation.pictures,
            evaluation: form.evaluation, preprocessing: form.preprocessing)
    }
}
