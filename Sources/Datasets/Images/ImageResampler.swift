/// Resizing with a triangle filter that widens when an image shrinks, so that fine detail does not alias
/// (the bilinear filter of `PIL.Image.resize`).
package enum ImageResampler {
    /// The whole image at another size.
    package static func resize(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
        if width == image.width && height == image.height { return image }
        let levels = crop(image, x: 0, y: 0, width: Float(image.width), height: Float(image.height), toWidth: width, toHeight: height)
        return RGBImage(width: width, height: height, pixels: levels.map { UInt8(min(max($0 + 0.5, 0), 255)) })
    }

    /// A rectangle of an image (in pixels, may be fractional) at another size: levels 0…255, HWC.
    package static func crop(
        _ image: RGBImage, x: Float, y: Float, width: Float, height: Float, toWidth: Int, toHeight: Int
    ) -> [Float] {
        let columns = Taps(start: x, length: width, limit: image.width, count: toWidth)
        let rows = Taps(start: y, length: height, limit: image.height, count: toHeight)
        let firstRow = rows.first.min() ?? 0
        let lastRow = zip(rows.first, rows.counts).map { $0 + $1 }.max() ?? 0
        var narrow = [Float](repeating: 0, count: (lastRow - firstRow) * toWidth * 3)
        var output = [Float](repeating: 0, count: toHeight * toWidth * 3)
        image.pixels.withUnsafeBufferPointer { source in
            narrow.withUnsafeMutableBufferPointer { target in
                for row in firstRow..<lastRow {
                    let base = row * image.width
                    for column in 0..<toWidth {
                        var sum = SIMD4<Float>.zero
                        let first = columns.first[column]
                        for tap in 0..<columns.counts[column] {
                            let from = (base + first + tap) * 3
                            let pixel = SIMD4<Float>(Float(source[from]), Float(source[from + 1]), Float(source[from + 2]), 0)
                            sum += pixel * columns.weights[column * columns.width + tap]
                        }
                        let to = ((row - firstRow) * toWidth + column) * 3
                        target[to] = sum[0]
                        target[to + 1] = sum[1]
                        target[to + 2] = sum[2]
                    }
                }
            }
        }
        let stride = toWidth * 3
        narrow.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                for row in 0..<toHeight {
                    for tap in 0..<rows.counts[row] {
                        let weight = rows.weights[row * rows.width + tap]
                        let from = (rows.first[row] - firstRow + tap) * stride
                        for index in 0..<stride { target[row * stride + index] += source[from + index] * weight }
                    }
                }
            }
        }
        return output
    }

    /// For each output position the input positions it takes and their weights.
    private struct Taps {
        let first: [Int]
        let counts: [Int]
        let weights: [Float]
        /// Weights kept per output position.
        let width: Int

        init(start: Float, length: Float, limit: Int, count: Int) {
            let scale = length / Float(count)
            let support = max(scale, 1)
            width = Int(support.rounded(.up)) * 2 + 1
            var first = [Int](repeating: 0, count: count)
            var counts = [Int](repeating: 0, count: count)
            var weights = [Float](repeating: 0, count: count * width)
            for position in 0..<count {
                let centre = start + (Float(position) + 0.5) * scale
                let low = min(max(0, Int(centre - support + 0.5)), limit - 1)
                let high = max(low + 1, min(limit, Int(centre + support + 0.5), low + width))
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
                first[position] = low
                counts[position] = high - low
            }
            self.first = first
            self.counts = counts
            self.weights = weights
        }
    }
}
