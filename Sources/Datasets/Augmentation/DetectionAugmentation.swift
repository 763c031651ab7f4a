import TensorEngine

/// How training images of detection are varied (values as YOLOv8's published defaults).
package struct DetectionAugmentation: Codable, Sendable, Equatable {
    /// Probability that an image is a mosaic of four.
    package var mosaic: Float
    /// Shift of the centre as a fraction of the side.
    package var translate: Float
    /// Zoom between `1 - scale` and `1 + scale`.
    package var scale: Float
    /// Largest change of hue in turns, of saturation and of value as fractions.
    package var hue: Float
    package var saturation: Float
    package var value: Float
    /// Probability of a left-right mirror image; digits and letters want 0.
    package var horizontalFlip: Float

    package init(
        mosaic: Float = 1, translate: Float = 0.1, scale: Float = 0.5, hue: Float = 0.015, saturation: Float = 0.7, value: Float = 0.4,
        horizontalFlip: Float = 0.5
    ) {
        self.mosaic = mosaic
        self.translate = translate
        self.scale = scale
        self.hue = hue
        self.saturation = saturation
        self.value = value
        self.horizontalFlip = horizontalFlip
    }

    /// Only the letterbox.
    package static let none = DetectionAugmentation(
        mosaic: 0, translate: 0, scale: 0, hue: 0, saturation: 0, value: 0, horizontalFlip: 0)
}

/// An image placed on a canvas, with the objects on it.
struct PlacedImage {
    let image: RGBImage
    let item: DatasetItem
    /// The image's rectangle on the canvas, before clipping.
    let frame: DatasetBox
}

/// Composes one training sample: placed images, a random window of them, colour and mirror.
struct DetectionSample {
    /// Grey of everything no image covers.
    static let padding: Float = 114

    private(set) var targets: [(label: Int, box: DatasetBox)] = []

    /// Draws `[size, size, 3]` levels 0…1 into `target`.
    init(
        placed: [PlacedImage], canvas: Float, size: Int, augmentation: DetectionAugmentation, random: inout RandomSource,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let side = Float(size)
        let zoom = random.uniform(1 - augmentation.scale, 1 + augmentation.scale)
        let shiftX = random.uniform(0.5 - augmentation.translate, 0.5 + augmentation.translate) * side
        let shiftY = random.uniform(0.5 - augmentation.translate, 0.5 + augmentation.translate) * side
        func moved(_ box: DatasetBox) -> DatasetBox {
            DatasetBox(
                xMin: (box.xMin - canvas / 2) * zoom + shiftX, yMin: (box.yMin - canvas / 2) * zoom + shiftY,
                xMax: (box.xMax - canvas / 2) * zoom + shiftX, yMax: (box.yMax - canvas / 2) * zoom + shiftY)
        }
        target.update(repeating: Self.padding)
        for part in placed {
            let clip = moved(part.frame.clipped(width: canvas, height: canvas))
            ImagePainter.paint(part.image, frame: moved(part.frame), clip: clip, side: size, into: target)
            let scaleX = part.frame.width / Float(part.item.width)
            let scaleY = part.frame.height / Float(part.item.height)
            for annotation in part.item.annotations {
                guard let box = annotation.box, !annotation.isCrowd else { continue }
                let placedBox = DatasetBox(
                    xMin: part.frame.xMin + box.xMin * scaleX, yMin: part.frame.yMin + box.yMin * scaleY,
                    xMax: part.frame.xMin + box.xMax * scaleX, yMax: part.frame.yMin + box.yMax * scaleY
                ).clipped(width: canvas, height: canvas)
                let whole = moved(placedBox)
                let visible = whole.clipped(width: side, height: side)
                if Self.isKept(visible, of: whole) { targets.append((annotation.label, visible)) }
            }
        }
        ColourJitter(augmentation, random: &random).apply(to: target)
        if random.uniform() < augmentation.horizontalFlip {
            PixelRows.swapLeftAndRight(target, width: size, height: size)
            targets = targets.map { label, box in
                (label, DatasetBox(xMin: side - box.xMax, yMin: box.yMin, xMax: side - box.xMin, yMax: box.yMax))
            }
        }
    }

    /// A box is kept when what is left of it is more than 2 pixels a side, a tenth of it, and no sliver.
    static func isKept(_ visible: DatasetBox, of whole: DatasetBox) -> Bool {
        guard visible.width > 2, visible.height > 2 else { return false }
        let aspect = max(visible.width / visible.height, visible.height / visible.width)
        return visible.area / max(whole.area, 1e-16) > 0.1 && aspect < 100
    }

    /// Four images around a random point of a canvas of twice the side: the first at the top left, then top right,
    /// bottom left, bottom right (Bochkovskiy et al.: YOLOv4, 2020).
    static func mosaic(_ images: [(item: DatasetItem, image: RGBImage)], size: Int, random: inout RandomSource) -> [PlacedImage] {
        let side = Float(size)
        let centreX = random.uniform(side / 2, side * 1.5)
        let centreY = random.uniform(side / 2, side * 1.5)
        return images.enumerated().map { index, entry in
            let scale = side / Float(max(entry.item.width, entry.item.height))
            let width = Float(entry.item.width) * scale
            let height = Float(entry.item.height) * scale
            let left = index % 2 == 0 ? centreX - width : centreX
            let top = index < 2 ? centreY - height : centreY
            return PlacedImage(
                image: entry.image, item: entry.item,
                frame: DatasetBox(xMin: left, yMin: top, xMax: left + width, yMax: top + height))
        }
    }

    /// One image centred on a canvas of the side itself.
    static func letterbox(_ item: DatasetItem, image: RGBImage, size: Int) -> PlacedImage {
        let info = LetterboxInfo(item: item, size: size)
        let whole = DatasetBox(xMin: 0, yMin: 0, xMax: Float(item.width), yMax: Float(item.height))
        return PlacedImage(image: image, item: item, frame: info.batch(whole))
    }
}
