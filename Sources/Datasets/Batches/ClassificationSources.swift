import Foundation
import TensorEngine

/// How training images of classification are varied.
package struct ClassificationAugmentation: Codable, Sendable, Equatable {
    /// Smallest part of the image's area a random crop may take (Szegedy et al.: Going deeper with convolutions, 2014).
    package var minimumScale: Float
    /// Probability of a left-right mirror image; digits and letters want 0.
    package var horizontalFlip: Float

    package init(minimumScale: Float = 0.08, horizontalFlip: Float = 0.5) {
        self.minimumScale = minimumScale
        self.horizontalFlip = horizontalFlip
    }

    package static let none = ClassificationAugmentation(minimumScale: 1, horizontalFlip: 0)
}

/// The mean and deviation of ImageNet's channels, levels 0…1.
package enum ImageNormalization {
    package static let mean: [Float] = [0.485, 0.456, 0.406]
    package static let deviation: [Float] = [0.229, 0.224, 0.225]

    /// Brings levels 0…255 to zero mean and unit deviation.
    static func apply(to levels: inout [Float]) {
        for channel in 0..<3 {
            let gain = 1 / (255 * deviation[channel])
            let offset = -mean[channel] / deviation[channel]
            for index in stride(from: channel, to: levels.count, by: 3) { levels[index] = levels[index] * gain + offset }
        }
    }
}

/// Random-resized-crop training batches of classification; every batch is full, the last one taking items from the start again.
package struct ClassificationTrainingSource: BatchSource {
    private let items: [DatasetItem]
    private let size: Int
    private let batchSize: Int
    private let augmentation: ClassificationAugmentation
    private let seed: UInt64
    /// Decoded images and the files that failed.
    package let cache: ImageCache

    package init(
        items: [DatasetItem], labels: [String], size: Int, batchSize: Int, augmentation: ClassificationAugmentation, seed: UInt64,
        cache: ImageCache? = nil
    ) {
        precondition(size > 0 && batchSize > 0, "the image side and the batch size must be positive")
        self.items = items.labelled(labels.count)
        self.size = size
        self.batchSize = batchSize
        self.augmentation = augmentation
        self.seed = seed
        self.cache = cache ?? ImageCache()
    }

    package func batchCount(epoch: Int) -> Int { (items.count + batchSize - 1) / batchSize }

    package func batch(epoch: Int, index: Int) throws -> ClassificationBatch {
        let order = EpochOrder(count: items.count, seed: seed, epoch: epoch)
        let count = min(batchSize, items.count)
        var images: [Float] = []
        images.reserveCapacity(count * size * size * 3)
        var labels: [Int32] = []
        for place in 0..<count {
            let position = index * batchSize + place
            var random = RandomSource(seed: seed, stream: 3, UInt64(epoch), UInt64(position))
            let (item, image) = try order.readable(from: position, items: items, cache: cache)
            images += sample(image, random: &random)
            labels.append(Int32(item.annotations[0].label))
        }
        ImageNormalization.apply(to: &images)
        return ClassificationBatch(images: images, height: size, width: size, count: count, labels: labels)
    }

    private func sample(_ image: RGBImage, random: inout RandomSource) -> [Float] {
        let crop = Self.randomCrop(width: image.width, height: image.height, minimumScale: augmentation.minimumScale, random: &random)
        var levels = ImageResampler.crop(
            image, x: crop.xMin, y: crop.yMin, width: crop.width, height: crop.height, toWidth: size, toHeight: size)
        if random.uniform() < augmentation.horizontalFlip {
            levels.withUnsafeMutableBufferPointer { ImagePainter.mirror($0, side: size) }
        }
        return levels
    }

    /// A rectangle of random area (at least `minimumScale` of the image) and aspect 3/4…4/3, or the middle after ten misses.
    static func randomCrop(width: Int, height: Int, minimumScale: Float, random: inout RandomSource) -> DatasetBox {
        let imageWidth = Float(width)
        let imageHeight = Float(height)
        if minimumScale < 1 {
            for _ in 0..<10 {
                let area = imageWidth * imageHeight * random.uniform(minimumScale, 1)
                let aspect = exp(random.uniform(-0.287_682_07, 0.287_682_07))
                let cropWidth = (area * aspect).squareRoot().rounded()
                let cropHeight = (area / aspect).squareRoot().rounded()
                if cropWidth >= 1, cropHeight >= 1, cropWidth <= imageWidth, cropHeight <= imageHeight {
                    let x = (random.uniform() * (imageWidth - cropWidth + 1)).rounded(.down)
                    let y = (random.uniform() * (imageHeight - cropHeight + 1)).rounded(.down)
                    return DatasetBox(xMin: x, yMin: y, xMax: x + cropWidth, yMax: y + cropHeight)
                }
            }
        }
        let cropWidth = min(imageWidth, imageHeight * 4 / 3)
        let cropHeight = min(imageHeight, imageWidth * 4 / 3)
        let x = (imageWidth - cropWidth) / 2
        let y = (imageHeight - cropHeight) / 2
        return DatasetBox(xMin: x, yMin: y, xMax: x + cropWidth, yMax: y + cropHeight)
    }
}

/// Resized and centre-cropped batches in the order of the items; unreadable images are left out and reported.
package struct ClassificationEvaluationSource: BatchSource {
    private let items: [DatasetItem]
    private let size: Int
    private let resize: Int
    private let batchSize: Int
    /// Decoded images and the files that failed.
    package let cache: ImageCache

    /// - Parameter resize: the short side before the crop; the published recipe's 256 for 224 when nil,
    ///   and for images of less than 64 pixels the crop's own side, as nothing of them can be spared.
    package init(items: [DatasetItem], labels: [String], size: Int, resize: Int? = nil, batchSize: Int, cache: ImageCache? = nil) {
        precondition(size > 0 && batchSize > 0, "the image side and the batch size must be positive")
        self.items = items.labelled(labels.count)
        self.size = size
        self.resize = max(size, resize ?? (size < 64 ? size : size * 256 / 224))
        self.batchSize = batchSize
        self.cache = cache ?? ImageCache()
    }

    package func batchCount(epoch: Int) -> Int { (items.count + batchSize - 1) / batchSize }

    /// A batch can be empty when none of its images can be read.
    package func batch(epoch: Int, index: Int) throws -> ClassificationBatch {
        var images: [Float] = []
        var labels: [Int32] = []
        for item in items[(index * batchSize)..<min(items.count, (index + 1) * batchSize)] {
            guard let image = cache.image(item.path) else { continue }
            images += Self.centreCrop(image, size: size, resize: resize)
            labels.append(Int32(item.annotations[0].label))
        }
        ImageNormalization.apply(to: &images)
        return ClassificationBatch(images: images, height: size, width: size, count: labels.count, labels: labels)
    }

    /// Levels 0…255 of the middle `size` × `size` of the image with its short side at `resize`.
    private static func centreCrop(_ image: RGBImage, size: Int, resize: Int) -> [Float] {
        let side = Float(min(image.width, image.height)) * Float(size) / Float(resize)
        return ImageResampler.crop(
            image, x: (Float(image.width) - side) / 2, y: (Float(image.height) - side) / 2, width: side, height: side, toWidth: size,
            toHeight: size)
    }

    /// One image as evaluation sees it, normalised `[size, size, 3]`: what prediction feeds the network.
    package static func prepared(_ image: RGBImage, size: Int, resize: Int? = nil) -> [Float] {
        var levels = centreCrop(image, size: size, resize: max(size, resize ?? (size < 64 ? size : size * 256 / 224)))
        ImageNormalization.apply(to: &levels)
        return levels
    }
}

extension [DatasetItem] {
    /// The items whose first annotation is one of the labels: an image without a class cannot be classified.
    func labelled(_ count: Int) -> [DatasetItem] {
        map { $0.limited(toLabels: count) }.filter { !$0.annotations.isEmpty }
    }
}
