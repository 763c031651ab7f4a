import Glibc

/// A picture in CIE L*a*b* under D65, from sRGB (IEC 61966-2-1): what CLAHE changes the lightness of.
struct LabPicture {
    private let width: Int
    private let height: Int
    /// L* of each pixel in 8 bits, 255 for white.
    let lightnessLevels: [UInt8]
    /// The cube-root coordinates' differences from lightness: `fx - fy` and `fy - fz`, which a change of lightness keeps.
    private let red: [Float]
    private let blue: [Float]

    init(_ image: RGBImage) {
        width = image.width
        height = image.height
        let count = width * height
        var levels = [UInt8](repeating: 0, count: count)
        var red = [Float](repeating: 0, count: count), blue = red
        let tables = Self.tables
        for index in 0..<count {
            let r = tables.linear[Int(image.pixels[index * 3])], g = tables.linear[Int(image.pixels[index * 3 + 1])]
            let b = tables.linear[Int(image.pixels[index * 3 + 2])]
            let fx = tables.root((0.412453 * r + 0.357580 * g + 0.180423 * b) / Self.whiteX)
            let fy = tables.root(0.212671 * r + 0.715160 * g + 0.072169 * b)
            let fz = tables.root((0.019334 * r + 0.119193 * g + 0.950227 * b) / Self.whiteZ)
            red[index] = fx - fy
            blue[index] = fy - fz
            levels[index] = UInt8(min(max((116 * fy - 16) * 2.55 + 0.5, 0), 255))
        }
        lightnessLevels = levels
        self.red = red
        self.blue = blue
    }

    /// The picture with other lightness and the same a* and b*; colours beyond sRGB are cut off.
    func rgb(lightnessLevels: [UInt8]) -> RGBImage {
        let tables = Self.tables
        return RGBImage(width: width, height: height) { target in
            for index in 0..<lightnessLevels.count {
                let fy = (Float(lightnessLevels[index]) / 2.55 + 16) / 116
                let x = Self.cube(fy + red[index]) * Self.whiteX, y = Self.cube(fy), z = Self.cube(fy - blue[index]) * Self.whiteZ
                target[index * 3] = tables.level(3.240479 * x - 1.53715 * y - 0.498535 * z)
                target[index * 3 + 1] = tables.level(-0.969256 * x + 1.875991 * y + 0.041556 * z)
                target[index * 3 + 2] = tables.level(0.055648 * x - 0.204043 * y + 1.057311 * z)
            }
        }
    }

    private static let whiteX: Float = 0.950456
    private static let whiteZ: Float = 1.088754

    /// The inverse of the cube-root coordinate, whose part near black is straight.
    private static func cube(_ f: Float) -> Float { f > 6 / 29 ? f * f * f : (f - 16 / 116) / 7.787 }

    private static let tables = Tables()

    /// Curves as tables: exact for 256 levels, blended between 16385 points of 0…1 otherwise (errors below 0.002 levels).
    private struct Tables {
        let linear: [Float]
        private let roots: [Float]
        private let encoded: [Float]
        private static let points = 16384

        init() {
            linear = (0..<256).map { level in
                let value = Double(level) / 255
                return Float(value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4))
            }
            let steps = (0...Self.points + 1).map { Double($0) / Double(Self.points) }
            roots = steps.map { Float($0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16.0 / 116) }
            encoded = steps.map { Float($0 <= 0.0031308 ? 12.92 * $0 : 1.055 * pow($0, 1 / 2.4) - 0.055) }
        }

        func root(_ value: Float) -> Float { Self.blend(roots, value) }

        func level(_ value: Float) -> UInt8 { UInt8(min(max(Self.blend(encoded, value) * 255 + 0.5, 0), 255)) }

        private static func blend(_ table: [Float], _ value: Float) -> Float {
            let place = min(max(value, 0), 1) * Float(points)
            let index = Int(place)
            return table[index] + (table[index + 1] - table[index]) * (place - Float(index))
        }
    }
}
