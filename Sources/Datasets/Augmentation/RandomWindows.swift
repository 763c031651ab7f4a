import Glibc
import TensorEngine

extension RandomResizedCrop {
    /// The window of one sample: ten tries for a rectangle that fits, then the middle at the nearest allowed aspect.
    ///
    /// Continuous alignment with the whole area asked for takes that middle at once, between pixels.
    func window(width: Int, height: Int, random: inout RandomSource) -> PixelWindow {
        let imageWidth = Float(width), imageHeight = Float(height)
        let lowest = Float(max(scale.lower, 0)), highest = Float(max(scale.lower, scale.upper, 0))
        let narrowest = max(ratio.lower, 1e-6), widest = max(ratio.lower, ratio.upper, 1e-6)
        if alignment == .pixels || lowest < 1 {
            let logLower = Float(log(narrowest)), logUpper = Float(log(widest))
            for _ in 0..<10 {
                let area = imageWidth * imageHeight * random.uniform(lowest, highest)
                let aspect = expf(random.uniform(logLower, logUpper))
                let cropWidth = (area * aspect).squareRoot().rounded(rule)
                let cropHeight = (area / aspect).squareRoot().rounded(rule)
                if cropWidth >= 1, cropHeight >= 1, cropWidth <= imageWidth, cropHeight <= imageHeight {
                    let x = (random.uniform() * (imageWidth - cropWidth + 1)).rounded(.down)
                    let y = (random.uniform() * (imageHeight - cropHeight + 1)).rounded(.down)
                    return PixelWindow(
                        x: min(x, imageWidth - cropWidth), y: min(y, imageHeight - cropHeight), width: cropWidth, height: cropHeight)
                }
            }
        }
        var cropWidth = min(imageWidth, Float(Double(height) * widest)), cropHeight = min(imageHeight, Float(Double(width) / narrowest))
        guard alignment == .pixels else {
            let x = (imageWidth - cropWidth) / 2, y = (imageHeight - cropHeight) / 2
            // The sides as the differences of the window's ends, in single precision: what all releases have cut.
            return PixelWindow(x: x, y: y, width: (x + cropWidth) - x, height: (y + cropHeight) - y)
        }
        cropWidth = max(1, cropWidth.rounded(rule))
        cropHeight = max(1, cropHeight.rounded(rule))
        return PixelWindow(
            x: ((imageWidth - cropWidth) / 2).rounded(.down), y: ((imageHeight - cropHeight) / 2).rounded(.down), width: cropWidth,
            height: cropHeight)
    }

    /// torchvision rounds halves to even numbers.
    private var rule: FloatingPointRoundingRule { alignment == .pixels ? .toNearestOrEven : .toNearestOrAwayFromZero }
}

extension RandomCrop {
    /// The padded picture's window of one sample, for an input of this size.
    func crop(_ image: RGBImage, inputHeight: Int, inputWidth: Int, random: inout RandomSource) -> RGBImage {
        let cropWidth = width > 0 ? width : inputWidth, cropHeight = height > 0 ? height : inputHeight
        // What the padding leaves too small is padded by the whole lack on both sides, so that the window still wanders.
        func border(_ length: Int, _ crop: Int) -> Int {
            let padded = length + 2 * max(padding, 0)
            return max(padding, 0) + (padded < crop ? crop - padded : 0)
        }
        let borderX = border(image.width, cropWidth), borderY = border(image.height, cropHeight)
        let top = random.index(below: image.height + 2 * borderY - cropHeight + 1)
        let left = random.index(below: image.width + 2 * borderX - cropWidth + 1)
        return image.cropped(left: left - borderX, top: top - borderY, width: cropWidth, height: cropHeight)
    }
}

extension RandomErasing {
    /// Overwrites a random rectangle of normalised levels `[height, width, 3]`, or nothing: by chance, or when ten tries do
    /// not find one smaller than the picture.
    func apply(to levels: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, random: inout RandomSource) {
        guard probability > 0, random.uniform() < Float(probability) else { return }
        let lowest = Float(max(scale.lower, 0)), highest = Float(max(scale.lower, scale.upper, 0))
        let flattest = Float(log(max(ratio.lower, 1e-6))), tallest = Float(log(max(ratio.lower, ratio.upper, 1e-6)))
        for _ in 0..<10 {
            let area = Float(width * height) * random.uniform(lowest, highest)
            let aspect = expf(random.uniform(flattest, tallest))
            let boxHeight = (area * aspect).squareRoot().rounded(.toNearestOrEven)
            let boxWidth = (area / aspect).squareRoot().rounded(.toNearestOrEven)
            guard boxHeight < Float(height), boxWidth < Float(width) else { continue }
            let rows = Int(boxHeight), columns = Int(boxWidth)
            let top = random.index(below: height - rows + 1), left = random.index(below: width - columns + 1)
            for row in top..<(top + rows) {
                let base = (row * width + left) * 3
                for index in base..<(base + columns * 3) { levels[index] = self.random ? random.normal() : Float(value) }
            }
            return
        }
    }
}

extension ColourJitterAmounts {
    /// The picture after the changes that are on, in random order.
    func apply(to image: RGBImage, random: inout RandomSource) -> RGBImage {
        guard !isOff else { return image }
        var order = [0, 1, 2, 3]
        for last in [3, 2, 1] { order.swapAt(last, random.index(below: last + 1)) }
        func factor(_ amount: Double) -> Float { random.uniform(Float(max(0, 1 - amount)), Float(1 + max(0, amount))) }
        let brightness = factor(self.brightness), contrast = factor(self.contrast), saturation = factor(self.saturation)
        let turn = random.uniform(-1, 1) * Float(hue)
        return order.reduce(image) { picture, change in
            switch change {
            case 0: self.brightness > 0 ? picture.brightness(brightness) : picture
            case 1: self.contrast > 0 ? picture.contrast(contrast) : picture
            case 2: self.saturation > 0 ? picture.saturation(saturation) : picture
            default: hue > 0 ? picture.hue(turn) : picture
            }
        }
    }
}

extension AugmentationOperation {
    /// A number of operations drawn evenly from a list, each turned round in half of the cases where it is signed.
    static func applyRandom(
        _ operations: [AugmentationOperation], count: Int, magnitude: Int, to image: RGBImage, random: inout RandomSource
    ) -> RGBImage {
        guard !operations.isEmpty, count > 0 else { return image }
        return (0..<count).reduce(image) { picture, _ in
            let operation = operations[random.index(below: operations.count)]
            let isNegative = operation.isSigned && random.next() & 1 == 1
            return operation.apply(to: picture, magnitude: magnitude, isNegative: isNegative)
        }
    }
}
