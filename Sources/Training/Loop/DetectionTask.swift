import Datasets
import Metrics
import NeuralNetworks
import TensorEngine

/// Training of a detector.
struct DetectionTask: TrainingTask {
    let network: any DetectionNetwork
    let trainingSource: DetectionTrainingSource
    private let validationSource: DetectionEvaluationSource
    private let labels: [String]
    private let loss = DetectionLoss()
    private let decoder = DetectionDecoder.validation
    private let loaders: LoaderPool
    private let sample: EvaluationSample
    /// The batch's loss is a sum over its images, so that gathered batches add up.
    static let averagesImages = false

    var module: Module { network }

    init(
        network: any DetectionNetwork, plan: RunPlan, data: TrainingData, totalEpochs: Int, loaders: LoaderPool,
        imageStore: DecodedImageStore?
    ) {
        self.network = network
        self.loaders = loaders
        labels = data.labels
        let form = plan.runform, augmentation = form.augmentation
        let size = form.model.inputSize.height
        sample = EvaluationSample(data.validation, seed: plan.seed)
        let cache = ImageCache(reduction: ImageReduction(longestSide: size), preprocessing: form.preprocessing, store: imageStore)
        trainingSource = DetectionTrainingSource(
            items: data.train, labels: data.labels, size: size, batchSize: form.trainData.batchSize,
            augmentation: DetectionAugmentation(
                mosaic: Float(augmentation.mosaic), translate: Float(augmentation.translate), scale: Float(augmentation.scale),
                hue: Float(augmentation.hue), saturation: Float(augmentation.saturation), value: Float(augmentation.value),
                horizontalFlip: Float(augmentation.flipHorizontal)),
            seed: UInt64(plan.seed), closeMosaicFromEpoch: max(0, totalEpochs - augmentation.closeMosaic), cache: cache)
        validationSource = DetectionEvaluationSource(
            items: data.validation, labels: data.labels, size: size, batchSize: form.valData.batchSize, cache: cache)
    }

    var unreadableFiles: [String: String] { trainingSource.cache.failures.mapValues { "\($0)" } }

    func loss(_ batch: DetectionBatch, tape: Tape) throws(TrainingError) -> BatchLoss {
        let images = tape.input(batch.images)
        let (value, items) = loss(network(images), objects: Self.objects(of: batch))
        return BatchLoss(loss: value, items: Self.tagged(items, prefix: "train"), imageCount: batch.count)
    }

    func evaluate() throws -> TaskEvaluation {
        var evaluator = DetectionEvaluator(classCount: labels.count)
        var sums = [Double](repeating: 0, count: 4), images = 0, sample = sample
        let prefetcher = BatchPrefetcher(source: validationSource, epochs: 0..<1, pool: loaders)
        defer { prefetcher.stop() }
        while let batch = try prefetcher.next()?.batch {
            guard batch.count > 0 else { continue }
            let output = network(batch.images)
            let (_, items) = loss(output, objects: Self.objects(of: batch))
            for (position, item) in Self.tagged(items, prefix: "val").enumerated() { sums[position] += item.value * Double(batch.count) }
            images += batch.count
            for (info, detections) in zip(batch.infos, decoder(output)) {
                let predictions = detections.map { detection in
                    let box = info.original(DatasetBox(detection.corners))
                    return PredictedObject(box: EvaluationBox(box), label: detection.label, confidence: detection.confidence)
                }
                sample.add(info.item, predictions: predictions)
                evaluator.add(
                    predictions: predictions,
                    truths: info.item.annotations.compactMap { annotation in
                        annotation.box.map { TrueObject(box: EvaluationBox($0), label: annotation.label, isCrowd: annotation.isCrowd) }
                    })
            }
        }
        guard images > 0 else { throw TrainingError.data("none of the validation images could be read: look at the run's log") }
        return summary(evaluator, sample: sample, losses: sums.map { $0 / Double(images) })
    }

    private func summary(_ evaluator: DetectionEvaluator, sample: EvaluationSample, losses: [Double]) -> TaskEvaluation {
        let found = evaluator.ultralyticsMetrics(), coco = evaluator.cocoMetrics()
        let values = [
            TaggedValue(tag: "metrics/precision(B)", value: found.precision), TaggedValue(tag: "metrics/recall(B)", value: found.recall),
            TaggedValue(tag: "metrics/mAP50(B)", value: found.mAP50), TaggedValue(tag: "metrics/mAP50-95(B)", value: found.mAP50To95),
            TaggedValue(tag: "metrics/coco_AP", value: coco.ap), TaggedValue(tag: "metrics/coco_AP50", value: coco.ap50),
        ] + zip(["val/box_loss", "val/cls_loss", "val/dfl_loss", "val/loss"], losses).map { TaggedValue(tag: $0, value: $1) }
        let perClass = found.perClass.map { entry in
            EvaluationMetrics.PerClass(label: labels[entry.label], values: [
                TaggedValue(tag: "metrics/precision(B)", value: entry.precision), TaggedValue(tag: "metrics/recall(B)", value: entry.recall),
                TaggedValue(tag: "metrics/mAP50(B)", value: entry.ap50), TaggedValue(tag: "metrics/mAP50-95(B)", value: entry.ap50To95),
            ])
        }
        return TaskEvaluation(
            values: values, perClass: perClass, fitness: found.mAP50To95, findings: findings(evaluator, found, sample: sample))
    }

    private func findings(
        _ evaluator: DetectionEvaluator, _ found: UltralyticsDetectionMetrics, sample: EvaluationSample
    ) -> EvaluationFindings {
        let confusion = evaluator.confusion()
        return EvaluationFindings(
            labels: labels, imageCount: evaluator.imageCount, confidence: found.confidence,
            classes: found.perClass.map {
                .init(
                    label: $0.label, truthCount: $0.truthCount, precision: $0.precision, recall: $0.recall, ap50: $0.ap50,
                    ap50To95: $0.ap50To95)
            },
            meanCurves: EvaluationCurves.mean(of: found.curves)?.rounded, curves: found.curves.map(\.rounded),
            confusion: .init(counts: confusion.counts, confidence: confusion.confidence, overlap: confusion.overlap),
            topAccuracies: [], images: sample.images)
    }

    /// The batch's objects by image; regions of many objects teach nothing.
    private static func objects(of batch: DetectionBatch) -> [[GroundTruthBox]] {
        var result = [[GroundTruthBox]](repeating: [], count: batch.count)
        for target in batch.targets where !target.isCrowd {
            result[target.image].append(GroundTruthBox(
                label: target.label, corners: BoxCorners(target.box.xMin, target.box.yMin, target.box.xMax, target.box.yMax)))
        }
        return result
    }

    private static func tagged(_ items: DetectionLossItems, prefix: String) -> [TaggedValue] {
        [
            TaggedValue(tag: "\(prefix)/box_loss", value: items.box), TaggedValue(tag: "\(prefix)/cls_loss", value: items.classification),
            TaggedValue(tag: "\(prefix)/dfl_loss", value: items.distribution), TaggedValue(tag: "\(prefix)/loss", value: items.total),
        ]
    }
}

extension EvaluationBox {
    init(_ box: DatasetBox) { self.init(xMin: box.xMin, yMin: box.yMin, xMax: box.xMax, yMax: box.yMax) }
}

extension DatasetBox {
    init(_ corners: BoxCorners) { self.init(xMin: corners[0], yMin: corners[1], xMax: corners[2], yMax: corners[3]) }
}
