import CKernels

/// A rectangle in pixels of an image; the sides may be fractional.
package struct PixelWindow: Sendable, Equatable {
    package var x: Float
    package var y: Float
    package var width: Float
    package var height: Float

    package init(x: Float, y: Float, width: Float, height: Float) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The whole of an image.
    package init(whole image: RGBImage) {
        self.init(x: 0, y: 0, width: Float(image.width), height: Float(image.height))
    }
}

/// Resizing with a triangle filter that widens when an image shrinks, so that fine detail does not alias
/// (the bilinear filter of `PIL.Image.resize`).
package enum ImageResampler {
    /// The whole image at another size, rounded to bytes.
    package static func resize(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
        if width == image.width && height == image.height { return image }
        return crop(image, window: PixelWindow(whole: image), toWidth: width, toHeight: height)
    }

    /// A window of an image at another size, rounded to bytes.
    package static func crop(
        _ image: RGBImage, window: PixelWindow, toWidth: Int, toHeight: Int, seesBeyond: Bool = true
    ) -> RGBImage {
        let count = toWidth * toHeight * 3
        let levels = [Float](unsafeUninitializedCapacity: count) { target, initialized in
            crop(image, window: window, toWidth: toWidth, toHeight: toHeight, seesBeyond: seesBeyond, into: target)
            initialized = count
        }
        return RGBImage(width: toWidth, height: toHeight) { ty_image_round(levels, count, $0) }
    }

    /// A window of an image at another size: levels 0…255, `[toHeight, toWidth, 3]`.
    ///
    /// - Parameter seesBeyond: whether the filter takes pixels just outside the window into account where the image has them.
    package static func crop(
        _ image: RGBImage, window: PixelWindow, toWidth: Int, toHeight: Int, seesBeyond: Bool = true,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(output.count >= toWidth * toHeight * 3, "room for \(output.count) of \(toWidth)×\(toHeight)×3 levels")
        guard let target = output.baseAddress, image.width > 0, image.height > 0, toWidth > 0, toHeight > 0 else { return }
        let columns = Taps(start: window.x, length: window.width, limit: image.width, seesBeyond: seesBeyond, count: toWidth)
        let rows = Taps(start: window.y, length: window.height, limit: image.height, seesBeyond: seesBeyond, count: toHeight)
        let firstRow = Int(rows.first.min() ?? 0)
        let lastRow = zip(rows.first, rows.counts).map { Int($0 + $1) }.max() ?? 0
        let stride = toWidth * 3
        let pixelCount = image.width * image.height
        let narrow = [Float](unsafeUninitializedCapacity: (lastRow - firstRow) * stride) { narrow, initialized in
            image.pixels.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = narrow.baseAddress else { return }
                for row in firstRow..<lastRow {
                    ty_image_resample_row(
                        from + row * image.width * 3, pixelCount - row * image.width, columns.first, columns.counts, columns.weights,
                        columns.width, toWidth, to + (row - firstRow) * stride)
                }
            }
            initialized = (lastRow - firstRow) * stride
        }
        target.update(repeating: 0, count: toHeight * stride)
        narrow.withUnsafeBufferPointer { source in
            guard let from = source.baseAddress else { return }
            for row in 0..<toHeight {
                for tap in 0..<Int(rows.counts[row]) {
                    ty_image_add_row(
                        from + (Int(rows.first[row]) - firstRow + tap) * stride, rows.weights[row * rows.width + tap], stride,
                        target + row * stride)
                }
            }
        }
    }

    /// For each output position the input positions it takes and their weights.
    private struct Taps {
        let first: [Int32]
        let counts: [Int32]
        let weights: [Float]
        /// Weights kept per output position.
        let width: Int

        init(start: Float, length: Float, limit: Int, seesBeyond: Bool, count: Int) {
            // The input positions that may be read: those of the image, or of the window only.
            let lower = seesBeyond ? 0 : min(max(0, Int(start)), limit - 1)
            let upper = seesBeyond ? limit : min(limit, max(lower + 1, Int((start + length).rounded(.up))))
            let scale = length / Float(count)
            let support = max(scale, 1)
            width = Int(support.rounded(.up)) * 2 + 1
            var first = [Int32](repeating: 0, count: count)
            var counts = [Int32](repeating: 0, count: count)
            var weights = [Float](repeating: 0, count: count * width)
            for position in 0..<count {
                let centre = start + (Float(position) + 0.5) * scale
                let low = min(max(lower, Int(centre - support + 0.5)), upper - 1)
                let high = max(low + 1, min(upper, Int(centre + support + 0.5), low + width))
                var sum: Float = 0
                for input in low..<high {
                    let weight = max(0, 1 - abs((Float(input) - centre + 0.5) / support))
                    weights[position * width + input - low] = weight
                    sum += weight
                }
                if sum > 0 {
                    for tap in 0..<(high - low) { weights[position * width + tap] /= sum }
                } else {
                    weights[position * width] = 1
                }
                first[position] = Int32(low)
                counts[position] = Int32(high - low)
            }
            self.first = first
            self.counts = counts
            self.weights = weights
        }
    }
}
