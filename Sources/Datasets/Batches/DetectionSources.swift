import TensorEngine

/// Augmented training batches of detection; every batch is full, the last one taking items from the start again.
package struct DetectionTrainingSource: BatchSource {
    private let items: [DatasetItem]
    private let size: Int
    private let batchSize: Int
    private let augmentation: DetectionAugmentation
    private let seed: UInt64
    private let closeMosaicFromEpoch: Int
    /// Decoded images and the files that failed.
    package let cache: ImageCache

    /// - Parameters:
    ///   - size: side of the square batch images in pixels.
    ///   - closeMosaicFromEpoch: first zero-based epoch without mosaic; past the last epoch to keep it always.
    package init(
        items: [DatasetItem], labels: [String], size: Int, batchSize: Int, augmentation: DetectionAugmentation, seed: UInt64,
        closeMosaicFromEpoch: Int, cache: ImageCache? = nil
    ) {
        precondition(size > 0 && batchSize > 0, "the image side and the batch size must be positive")
        self.items = items.map { $0.limited(toLabels: labels.count) }
        self.size = size
        self.batchSize = batchSize
        self.augmentation = augmentation
        self.seed = seed
        self.closeMosaicFromEpoch = closeMosaicFromEpoch
        self.cache = cache ?? ImageCache(reduction: ImageReduction(longestSide: size))
    }

    package func batchCount(epoch: Int) -> Int { (items.count + batchSize - 1) / batchSize }

    package func batch(epoch: Int, index: Int) throws -> DetectionBatch {
        let order = EpochOrder(count: items.count, seed: seed, epoch: epoch)
        let count = min(batchSize, items.count)
        let pixels = BatchPixels(count: count, height: size, width: size)
        var targets: [DetectionTarget] = []
        for place in 0..<count {
            let position = index * batchSize + place
            var random = RandomSource(seed: seed, stream: 2, UInt64(epoch), UInt64(position))
            let first = try order.readable(from: position, items: items, cache: cache)
            let isMosaic = epoch < closeMosaicFromEpoch && random.uniform() < augmentation.mosaic
            var placed: [PlacedImage]
            if isMosaic {
                var parts = [first]
                for _ in 0..<3 {
                    let other = Int(random.next() % UInt64(items.count))
                    parts.append(try order.readable(from: other, items: items, cache: cache))
                }
                placed = DetectionSample.mosaic(parts, size: size, random: &random)
            } else {
                placed = [DetectionSample.letterbox(first.item, image: first.image, size: size)]
            }
            let sample = pixels.withImage(place) { buffer in
                DetectionSample(
                    placed: placed, canvas: Float(isMosaic ? size * 2 : size), size: size, augmentation: augmentation, random: &random,
                    into: buffer)
            }
            targets += sample.targets.map { DetectionTarget(image: place, label: $0.label, box: $0.box) }
        }
        return DetectionBatch(pixels: pixels, count: count, targets: targets, infos: [])
    }
}

/// Letterboxed batches in the order of the items, with every object; unreadable images are left out and reported.
package struct DetectionEvaluationSource: BatchSource {
    private let items: [DatasetItem]
    private let size: Int
    private let batchSize: Int
    /// Decoded images and the files that failed.
    package let cache: ImageCache

    package init(items: [DatasetItem], labels: [String], size: Int, batchSize: Int, cache: ImageCache? = nil) {
        precondition(size > 0 && batchSize > 0, "the image side and the batch size must be positive")
        self.items = items.map { $0.limited(toLabels: labels.count) }
        self.size = size
        self.batchSize = batchSize
        self.cache = cache ?? ImageCache(reduction: ImageReduction(longestSide: size))
    }

    package func batchCount(epoch: Int) -> Int { (items.count + batchSize - 1) / batchSize }

    /// A batch can be empty when none of its images can be read.
    package func batch(epoch: Int, index: Int) throws -> DetectionBatch {
        let chosen = items[(index * batchSize)..<min(items.count, (index + 1) * batchSize)]
        let pixels = BatchPixels(count: chosen.count, height: size, width: size)
        var targets: [DetectionTarget] = []
        var infos: [LetterboxInfo] = []
        for item in chosen {
            guard let image = cache.image(item.path) else { continue }
            pixels.withImage(infos.count) { Self.letterbox(image, item: item, size: size, into: $0) }
            let info = LetterboxInfo(item: item, size: size)
            for annotation in item.annotations {
                guard let box = annotation.box else { continue }
                targets.append(
                    DetectionTarget(image: infos.count, label: annotation.label, box: info.batch(box), isCrowd: annotation.isCrowd))
            }
            infos.append(info)
        }
        return DetectionBatch(pixels: pixels, count: infos.count, targets: targets, infos: infos)
    }

    /// One image `[1, size, size, 3]` RGB 0…1, centred on grey: what prediction feeds the network.
    package static func prepared(_ image: RGBImage, item: DatasetItem, size: Int) -> Tensor {
        let pixels = BatchPixels(count: 1, height: size, width: size)
        pixels.withImage(0) { letterbox(image, item: item, size: size, into: $0) }
        return pixels.tensor(count: 1)
    }

    private static func letterbox(_ image: RGBImage, item: DatasetItem, size: Int, into target: UnsafeMutableBufferPointer<Float>) {
        let info = LetterboxInfo(item: item, size: size)
        let frame = info.batch(DatasetBox(xMin: 0, yMin: 0, xMax: Float(item.width), yMax: Float(item.height)))
        // A shrinking image is reduced with the wide filter first; painting alone would alias.
        let reduced =
            max(image.width, image.height) > size
            ? ImageResampler.resize(
                image, width: max(1, Int(frame.width.rounded())), height: max(1, Int(frame.height.rounded()))) : image
        target.update(repeating: DetectionSample.padding)
        ImagePainter.paint(reduced, frame: frame, clip: frame, side: size, into: target)
        for index in target.indices { target[index] *= 1 / 255 }
    }
}

extension DatasetItem {
    /// The item without annotations of labels that do not exist.
    func limited(toLabels count: Int) -> DatasetItem {
        var item = self
        item.annotations.removeAll { !(0..<count).contains($0.label) }
        return item
    }
}
