import CKernels
import Glibc

/// Operations that move pixels. They equal torchvision's on PIL images; what comes from outside the picture is black.
extension RGBImage {
    /// Shifts each row by `slope` pixels a row from the top: `(x, y)` shows `(x + slope * y, y)`, the nearest pixel.
    package func shearedX(_ slope: Double) -> RGBImage { affine([1, slope, 0, 0, 1, 0]) }

    /// Shifts each column by `slope` pixels a column from the left.
    package func shearedY(_ slope: Double) -> RGBImage { affine([1, 0, 0, slope, 1, 0]) }

    /// Moves the picture by whole pixels, right and down for positive numbers.
    package func translated(x: Int, y: Int) -> RGBImage { affine([1, 0, Double(-x), 0, 1, Double(-y)]) }

    /// Turns the picture about its middle, counter-clockwise, by degrees; the size stays.
    package func rotated(degrees: Double) -> RGBImage {
        let angle = -degrees * .pi / 180
        let c = cos(angle), s = sin(angle)
        let middleX = Double(width) / 2, middleY = Double(height) / 2
        return affine([c, s, middleX - c * middleX - s * middleY, -s, c, middleY + s * middleX - c * middleY])
    }

    /// The nearest pixel at `(m0 x + m1 y + m2, m3 x + m4 y + m5)` for each pixel centre, in 16.16 fixed point.
    private func affine(_ matrix: [Double]) -> RGBImage {
        func fixed(_ value: Double) -> Int64 { Int64((value * 65536 + 0.5).rounded(.down)) }
        let stepX = fixed(matrix[0]), stepY = fixed(matrix[3]), downX = fixed(matrix[1]), downY = fixed(matrix[4])
        let startX = fixed(matrix[2] + (matrix[0] + matrix[1]) / 2), startY = fixed(matrix[5] + (matrix[3] + matrix[4]) / 2)
        return RGBImage(width: width, height: height) { target in
            for row in 0..<height {
                ty_image_affine_row(
                    pixels, Int32(width), Int32(height), startX + Int64(row) * downX, startY + Int64(row) * downY, stepX, stepY,
                    width, target + row * width * 3)
            }
        }
    }

    /// Left and right swapped.
    package func flippedHorizontally() -> RGBImage {
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { PixelRows.swapLeftAndRight($0, width: width, height: height) }
        return result
    }

    /// Top and bottom swapped.
    package func flippedVertically() -> RGBImage {
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { PixelRows.swapTopAndBottom($0, width: width, height: height) }
        return result
    }

    /// The rectangle with its top left corner at `(left, top)`, which may lie partly or wholly outside; outside is black.
    package func cropped(left: Int, top: Int, width cropWidth: Int, height cropHeight: Int) -> RGBImage {
        precondition(cropWidth >= 0 && cropHeight >= 0, "a crop of \(cropWidth)×\(cropHeight) pixels")
        if left == 0, top == 0, cropWidth == width, cropHeight == height { return self }
        var result = RGBImage(width: cropWidth, height: cropHeight, filledWith: 0)
        let columns = max(0, left)..<max(max(0, left), min(width, left + cropWidth))
        let rows = max(0, top)..<max(max(0, top), min(height, top + cropHeight))
        result.pixels.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = target.baseAddress, !columns.isEmpty else { return }
                for row in rows {
                    (to + ((row - top) * cropWidth + columns.lowerBound - left) * 3)
                        .update(from: from + (row * width + columns.lowerBound) * 3, count: columns.count * 3)
                }
            }
        }
        return result
    }

    /// The picture with a black border of this many pixels on every side.
    package func padded(by border: Int) -> RGBImage {
        cropped(left: -border, top: -border, width: width + 2 * border, height: height + 2 * border)
    }

    /// The middle of the picture; where the crop is larger, black is added on both sides.
    package func centreCropped(width cropWidth: Int, height cropHeight: Int) -> RGBImage {
        // A picture that is too small is first padded, the odd pixel to the right and below; a larger one loses halves,
        // rounded to the even number.
        func start(_ length: Int, _ crop: Int) -> Int {
            length < crop ? -((crop - length) / 2) : Int((Double(length - crop) / 2).rounded(.toNearestOrEven))
        }
        return cropped(left: start(width, cropWidth), top: start(height, cropHeight), width: cropWidth, height: cropHeight)
    }
}

extension RGBImage {
    /// A picture whose bytes `fill` writes, all of them.
    init(width: Int, height: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        let count = width * height * 3
        self.init(width: width, height: height, pixels: [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            initialized = count
            if let base = target.baseAddress, count > 0 { fill(base) }
        })
    }
}

/// Mirror images in place, for pictures of bytes or floats.
enum PixelRows {
    static func swapLeftAndRight<Level>(_ target: UnsafeMutableBufferPointer<Level>, width: Int, height: Int) {
        for y in 0..<height {
            for x in 0..<(width / 2) {
                let left = (y &* width &+ x) &* 3
                let right = (y &* width &+ width &- 1 &- x) &* 3
                for channel in 0..<3 { target.swapAt(left &+ channel, right &+ channel) }
            }
        }
    }

    static func swapTopAndBottom<Level>(_ target: UnsafeMutableBufferPointer<Level>, width: Int, height: Int) {
        let stride = width * 3
        for y in 0..<(height / 2) {
            for index in 0..<stride { target.swapAt(y &* stride &+ index, (height &- 1 &- y) &* stride &+ index) }
        }
    }
}
