import TensorEngine

/// Varied training batches of classification; every batch is full, the last one taking items from the start again.
package struct ClassificationTrainingSource: BatchSource {
    private let items: [DatasetItem]
    private let pipeline: ClassificationPipeline
    private let mixing: BatchMixing
    private let batchSize: Int
    private let seed: UInt64
    /// Decoded images and the files that failed.
    package let cache: ImageCache

    /// - Parameter cache: by default one of its own, as `ImageCache(pipeline:)` makes it.
    package init(
        items: [DatasetItem], labels: [String], pipeline: ClassificationPipeline, mixing: BatchMixing = BatchMixing(), batchSize: Int,
        seed: UInt64, cache: ImageCache? = nil
    ) {
        precondition(batchSize > 0, "the batch size must be positive")
        self.items = items.labelled(labels.count)
        self.pipeline = pipeline
        self.mixing = mixing
        self.batchSize = batchSize
        self.seed = seed
        self.cache = cache ?? ImageCache(pipeline: pipeline)
    }

    package func batchCount(epoch: Int) -> Int { (items.count + batchSize - 1) / batchSize }

    package func batch(epoch: Int, index: Int) throws -> ClassificationBatch {
        let order = EpochOrder(count: items.count, seed: seed, epoch: epoch)
        let pixels = BatchPixels(count: min(batchSize, items.count), height: pipeline.height, width: pipeline.width)
        var labels: [Int32] = []
        for place in 0..<pixels.capacity {
            let position = index * batchSize + place
            let (item, image) = try order.readable(from: position, items: items, cache: cache)
            pixels.withImage(place) {
                pipeline.writeTraining(image, seed: seed, epoch: epoch, position: position, into: $0)
            }
            labels.append(Int32(item.annotations[0].label))
        }
        var random = RandomSource(seed: seed, stream: 10, UInt64(epoch), UInt64(index))
        let mixed = mixing.apply(to: pixels, labels: labels, random: &random)
        return ClassificationBatch(pixels: pixels, labels: labels, mixing: mixed)
    }
}

/// Evaluation's batches in the order of the items; unreadable images are left out and reported.
package struct ClassificationEvaluationSource: BatchSource {
    private let items: [DatasetItem]
    private let pipeline: ClassificationPipeline
    private let batchSize: Int
    /// Decoded images and the files that failed.
    package let cache: ImageCache

    /// - Parameter cache: by default one of its own, as `ImageCache(pipeline:)` makes it.
    package init(
        items: [DatasetItem], labels: [String], pipeline: ClassificationPipeline, batchSize: Int, cache: ImageCache? = nil
    ) {
        precondition(batchSize > 0, "the batch size must be positive")
        self.items = items.labelled(labels.count)
        self.pipeline = pipeline
        self.batchSize = batchSize
        self.cache = cache ?? ImageCache(pipeline: pipeline)
    }

    package func batchCount(epoch: Int) -> Int { (items.count + batchSize - 1) / batchSize }

    /// A batch can be empty when none of its images can be read.
    package func batch(epoch: Int, index: Int) throws -> ClassificationBatch {
        let chosen = items[(index * batchSize)..<min(items.count, (index + 1) * batchSize)]
        let pixels = BatchPixels(count: chosen.count, height: pipeline.evaluationHeight, width: pipeline.evaluationWidth)
        var readable: [DatasetItem] = []
        for item in chosen {
            guard let image = cache.image(item.path) else { continue }
            pixels.withImage(readable.count) { pipeline.writeEvaluation(image, into: $0) }
            readable.append(item)
        }
        return ClassificationBatch(
            pixels: pixels, labels: readable.map { Int32($0.annotations[0].label) }, mixing: nil, items: readable)
    }
}

extension ImageCache {
    /// A cache whose pictures are what a classification pipeline starts from.
    package convenience init(pipeline: ClassificationPipeline, byteLimit: Int = 512 << 20, store: DecodedImageStore? = nil) {
        self.init(reduction: pipeline.reduction, preprocessing: pipeline.preprocessing, byteLimit: byteLimit, store: store)
    }
}

extension [DatasetItem] {
    /// The items whose first annotation is one of the labels: an image without a class cannot be classified.
    func labelled(_ count: Int) -> [DatasetItem] {
        map { $0.limited(toLabels: count) }.filter { !$0.annotations.isEmpty }
    }
}
