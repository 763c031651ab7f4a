import TensorEngine

/// Where an image of the dataset lies in a square batch image: scaled, then padded.
package struct LetterboxInfo: Sendable, Equatable {
    package let item: DatasetItem
    /// Batch pixels per image pixel.
    package let scale: Float
    package let padX: Float
    package let padY: Float

    package init(item: DatasetItem, scale: Float, padX: Float, padY: Float) {
        self.item = item
        self.scale = scale
        self.padX = padX
        self.padY = padY
    }

    /// The placement of an image centred in a square of this side.
    package init(item: DatasetItem, size: Int) {
        let scale = Float(size) / Float(max(item.width, item.height, 1))
        self.init(
            item: item, scale: scale, padX: (Float(size) - Float(item.width) * scale) / 2,
            padY: (Float(size) - Float(item.height) * scale) / 2)
    }

    /// A box of the batch image in pixels of the original, clipped to it.
    package func original(_ box: DatasetBox) -> DatasetBox {
        DatasetBox(
            xMin: (box.xMin - padX) / scale, yMin: (box.yMin - padY) / scale, xMax: (box.xMax - padX) / scale,
            yMax: (box.yMax - padY) / scale
        ).clipped(width: Float(item.width), height: Float(item.height))
    }

    /// A box of the original in pixels of the batch image.
    package func batch(_ box: DatasetBox) -> DatasetBox {
        DatasetBox(
            xMin: box.xMin * scale + padX, yMin: box.yMin * scale + padY, xMax: box.xMax * scale + padX, yMax: box.yMax * scale + padY)
    }
}

/// One object of a batch: `image` is its place in the batch, the box is in pixels of the batch image.
package struct DetectionTarget: Sendable, Equatable {
    package let image: Int
    package let label: Int
    package let box: DatasetBox
    /// A region of many objects: evaluation ignores it and training leaves it out.
    package let isCrowd: Bool

    package init(image: Int, label: Int, box: DatasetBox, isCrowd: Bool = false) {
        self.image = image
        self.label = label
        self.box = box
        self.isCrowd = isCrowd
    }
}

/// Images and boxes of one step of detection.
package struct DetectionBatch: Sendable {
    private let pixels: BatchPixels
    package let count: Int
    package let targets: [DetectionTarget]
    /// One per image in evaluation; empty in training, where an image is composed of several.
    package let infos: [LetterboxInfo]

    init(pixels: BatchPixels, count: Int, targets: [DetectionTarget], infos: [LetterboxInfo]) {
        self.pixels = pixels
        self.count = count
        self.targets = targets
        self.infos = infos
    }

    /// `[count, size, size, 3]` RGB 0…1, over the batch's own memory.
    package var images: Tensor { pixels.tensor(count: count) }
}

/// Images and labels of one step of classification.
package struct ClassificationBatch: Sendable {
    private let pixels: BatchPixels
    package let labels: [Int32]
    /// What the labels became where the images were mixed.
    package let mixing: LabelMixing?
    /// One per image in evaluation; empty in training, where images are mixed.
    package let items: [DatasetItem]

    init(pixels: BatchPixels, labels: [Int32], mixing: LabelMixing?, items: [DatasetItem] = []) {
        self.pixels = pixels
        self.labels = labels
        self.mixing = mixing
        self.items = items
    }

    package var count: Int { labels.count }

    /// Normalised `[count, height, width, 3]`, over the batch's own memory.
    package var images: Tensor { pixels.tensor(count: count) }

    /// The share of each class in each image, `[count, classCount]` row by row: one-hot where nothing is mixed.
    package func classShares(classCount: Int) -> [Float] {
        var shares = [Float](repeating: 0, count: count * classCount)
        for (row, label) in labels.enumerated() { shares[row * classCount + Int(label)] += mixing?.share ?? 1 }
        if let mixing {
            for (row, label) in mixing.others.enumerated() { shares[row * classCount + Int(label)] += 1 - mixing.share }
        }
        return shares
    }
}

/// Batches as a pure function of (seed, epoch, index), so that resuming needs no state.
package protocol BatchSource: Sendable {
    associatedtype Batch: Sendable
    func batchCount(epoch: Int) -> Int
    func batch(epoch: Int, index: Int) throws -> Batch
}
