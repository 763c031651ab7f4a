import Foundation

/// A colour in Oklab, where equal distances look equally different: what quantising and blending measure with.
struct PerceivedColor: Equatable, Sendable {
    var lightness: Double
    /// From green to red.
    var a: Double
    /// From blue to yellow.
    var b: Double

    init(lightness: Double, a: Double, b: Double) {
        self.lightness = lightness
        self.a = a
        self.b = b
    }

    init(_ color: RGBColor) {
        let red = Self.linear(color.red), green = Self.linear(color.green), blue = Self.linear(color.blue)
        let long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        let medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        let short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    }

    /// The nearest displayable colour.
    var rgb: RGBColor {
        func cube(_ value: Double) -> Double { value * value * value }
        let long = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
        let medium = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
        let short = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
        return RGBColor(
            red: Self.encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
            green: Self.encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
            blue: Self.encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short))
    }

    /// How far from grey.
    var chroma: Double { (a * a + b * b).squareRoot() }

    func distance(to other: PerceivedColor) -> Double {
        let deltaL = lightness - other.lightness, deltaA = a - other.a, deltaB = b - other.b
        return (deltaL * deltaL + deltaA * deltaA + deltaB * deltaB).squareRoot()
    }

    static func mix(_ start: PerceivedColor, _ end: PerceivedColor, _ fraction: Double) -> PerceivedColor {
        PerceivedColor(
            lightness: start.lightness + (end.lightness - start.lightness) * fraction, a: start.a + (end.a - start.a) * fraction,
            b: start.b + (end.b - start.b) * fraction)
    }

    /// Light that a channel gives, from sRGB's curve.
    private static let linearValues: [Double] = (0..<256).map { index in
        let value = Double(index) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func linear(_ channel: UInt8) -> Double { linearValues[Int(channel)] }

    private static func encoded(_ light: Double) -> UInt8 {
        let bounded = min(1, max(0, light))
        let value = bounded <= 0.0031308 ? bounded * 12.92 : 1.055 * pow(bounded, 1 / 2.4) - 0.055
        return UInt8((value * 255).rounded())
    }

    /// The luminance that WCAG's contrast is made of.
    static func luminance(_ color: RGBColor) -> Double {
        0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    }

    /// WCAG's contrast of two colours, 1…21.
    static func contrast(_ left: RGBColor, _ right: RGBColor) -> Double {
        let first = luminance(left) + 0.05, second = luminance(right) + 0.05
        return max(first, second) / min(first, second)
    }
}
