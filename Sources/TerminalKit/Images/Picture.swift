/// A picture as bytes: red, green, blue, row by row from the top left.
package struct Picture: Equatable, Sendable {
    package let width: Int
    package let height: Int
    package private(set) var bytes: [UInt8]

    /// Nil when the bytes are not those of a picture of this size.
    package init?(width: Int, height: Int, bytes: [UInt8]) {
        guard width > 0, height > 0, width <= 1 << 16, height <= 1 << 16, bytes.count == 3 * width * height else { return nil }
        self.width = width
        self.height = height
        self.bytes = bytes
    }

    private init(width: Int, height: Int, filled: [UInt8]) {
        self.width = width
        self.height = height
        bytes = filled
    }

    /// The colour of a pixel inside the picture.
    func pixel(x: Int, y: Int) -> RGBColor {
        let index = 3 * (y * width + x)
        return RGBColor(red: bytes[index], green: bytes[index + 1], blue: bytes[index + 2])
    }

    mutating func set(x: Int, y: Int, _ color: RGBColor) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let index = 3 * (y * width + x)
        bytes[index] = color.red
        bytes[index + 1] = color.green
        bytes[index + 2] = color.blue
    }

    /// A frame of a line's width, cut at the picture's edges.
    mutating func drawFrame(left: Int, top: Int, right: Int, bottom: Int, thickness: Int, color: RGBColor) {
        guard left <= right, top <= bottom else { return }
        for ring in 0..<max(1, thickness) where left + ring <= right - ring && top + ring <= bottom - ring {
            for x in max(0, left + ring)...max(0, min(width - 1, right - ring)) {
                set(x: x, y: top + ring, color)
                set(x: x, y: bottom - ring, color)
            }
            for y in max(0, top + ring)...max(0, min(height - 1, bottom - ring)) {
                set(x: left + ring, y: y, color)
                set(x: right - ring, y: y, color)
            }
        }
    }

    /// The picture at another size: each new pixel is the mean of the old ones that it covers, so nothing small is lost to chance.
    func scaled(width newWidth: Int, height newHeight: Int) -> Picture {
        let columns = max(1, newWidth), rows = max(1, newHeight)
        if columns == width, rows == height { return self }
        var result = [UInt8](repeating: 0, count: 3 * columns * rows)
        for row in 0..<rows {
            let top = row * height / rows, bottom = max(top + 1, (row + 1) * height / rows)
            for column in 0..<columns {
                let left = column * width / columns, right = max(left + 1, (column + 1) * width / columns)
                var red = 0, green = 0, blue = 0
                for y in top..<bottom {
                    var index = 3 * (y * width + left)
                    for _ in left..<right {
                        red += Int(bytes[index])
                        green += Int(bytes[index + 1])
                        blue += Int(bytes[index + 2])
                        index += 3
                    }
                }
                let count = (bottom - top) * (right - left)
                let place = 3 * (row * columns + column)
                result[place] = UInt8((red + count / 2) / count)
                result[place + 1] = UInt8((green + count / 2) / count)
                result[place + 2] = UInt8((blue + count / 2) / count)
            }
        }
        return Picture(width: columns, height: rows, filled: result)
    }
}

/// A box on a picture, in the picture's pixels, with a label at its upper edge.
package struct PictureBox: Equatable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
    package var label: String
    /// Gives the box its colour.
    package var role: ThemeRole

    package init(x: Double, y: Double, width: Double, height: Double, label: String = "", role: ThemeRole) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.label = label
        self.role = role
    }
}

/// A picture over cells, at the resolution in which it is sent.
package struct PlacedPicture: Equatable, Sendable {
    package let rect: Rect
    package let picture: Picture
}
