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

    var module: Module { network }

    init(network: any ClassificationNetwork, plan: RunPlan, data: TrainingData) {
        self.network = network
        labels = data.labels
        let form = plan.runform
        let cache = ImageCache()
        trainingSource = ClassificationTrainingSource(
            items: data.train, labels: data.labels, size: form.model.inputSize.height, batchSize: form.trainData.batchSize,
            augmentation: ClassificationAugmentation(
                minimumScale: Float(form.augmentation.cropMinimumArea), horizontalFlip: Float(form.augmentation.flipHorizontal)),
            seed: UInt64(plan.seed), cache: cache)
        validationSource = ClassificationEvaluationSource(
            items: data.validation, labels: data.labels, size: form.model.inputSize.height, batchSize: form.valData.batchSize, cache: cache)
    }

    var unreadableFiles: [String: String] { trainingSource.cache.failures.mapValues { "\($0)" } }

    func loss(_ batch: ClassificationBatch, tape: Tape) throws(TrainingError) -> BatchLoss {
        let images = tape.input(Tensor(batch.images, shape: [batch.count, batch.height, batch.width, 3]))
        let losses = network.trainingOutputs(images).map { logits, weight in
            let loss = Tensor.softmaxCrossEntropy(logits, targets: batch.labels, labelSmoothing: 0)
            return Tensor.weightedMean(loss, weights: .filled([], with: weight))
        }
        let value = losses.dropFirst().reduce(losses[0], Tensor.add)
        return BatchLoss(loss: value, items: [TaggedValue(tag: "train/loss", value: Double(value.scalar))], imageCount: batch.count)
    }

    func evaluate() throws -> TaskEvaluation {
        var evaluator = ClassificationEvaluator(classCount: labels.count)
        var sum = 0.0, images = 0
        for index in 0..<validationSource.batchCount(epoch: 0) {
            let batch = try validationSource.batch(epoch: 0, index: index)
            guard batch.count > 0 else { continue }
            let logits = network(Tensor(batch.images, shape: [batch.count, batch.height, batch.width, 3]))
            sum += Double(Tensor.softmaxCrossEntropy(logits, targets: batch.labels, labelSmoothing: 0).scalar) * Double(batch.count)
            images += batch.count
            let scores = logits.array
            for (row, label) in batch.labels.enumerated() {
                evaluator.add(scores: scores[row * labels.count..<(row + 1) * labels.count], truth: Int(label))
            }
        }
        guard images > 0 else { throw TrainingError.data("none of the validation images could be read: look at the run's log") }
        return TaskEvaluation(
            values: [
                TaggedValue(tag: "metrics/accuracy_top1", value: evaluator.top1), TaggedValue(tag: "metrics/accuracy_top5", value: evaluator.top5),
                TaggedValue(tag: "val/loss", value: sum / Double(images)),
            ],
            confusion: evaluator.confusion.flatMap { $0 }, fitness: (evaluator.top1 + evaluator.top5) / 2)
    }
}
