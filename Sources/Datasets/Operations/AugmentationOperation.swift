import TensorEngine

/// The picture operations that random augmentation draws from, under torchvision's names
/// (Cubuk et al.: RandAugment, 2019).
package enum AugmentationOperation: String, Codable, Sendable, CaseIterable {
    case identity = "Identity"
    case shearX = "ShearX"
    case shearY = "ShearY"
    case translateX = "TranslateX"
    case translateY = "TranslateY"
    case rotate = "Rotate"
    case brightness = "Brightness"
    case color = "Color"
    case contrast = "Contrast"
    case sharpness = "Sharpness"
    case posterize = "Posterize"
    case solarize = "Solarize"
    case autoContrast = "AutoContrast"
    case equalize = "Equalize"
    case invert = "Invert"

    /// The fourteen of RandAugment; Invert is a fifteenth that must be asked for.
    package static let randAugment = allCases.filter { $0 != .invert }

    /// The nine that change colours only.
    package static let colour: [AugmentationOperation] = [
        .autoContrast, .brightness, .color, .contrast, .equalize, .posterize, .sharpness, .solarize, .invert,
    ]

    /// Strengths go from 0 to 30.
    package static let magnitudes = 0...30

    /// Whether the strength is turned round in half of the cases.
    package var isSigned: Bool {
        switch self {
        case .shearX, .shearY, .translateX, .translateY, .rotate, .brightness, .color, .contrast, .sharpness: true
        case .identity, .posterize, .solarize, .autoContrast, .equalize, .invert: false
        }
    }

    /// The operation's own measure of a strength 0…30, evenly spaced over its range: slope 0…0.3, pixels 0…150/331 of the
    /// side, degrees 0…30, change of the factor 0…0.9, bits 8…4, threshold 255…0; 0 where there is none.
    package func measure(magnitude: Int, width: Int, height: Int) -> Double {
        let bin = min(max(magnitude, 0), 30)
        // In single precision and from the nearer end, so that every bin is the number that torch.linspace gives.
        func spaced(_ start: Double, _ end: Double) -> Double {
            let first = Float(start), last = Float(end)
            let step = (last - first) / 30
            return Double(bin < 15 ? first + step * Float(bin) : last - step * Float(30 - bin))
        }
        return switch self {
        case .shearX, .shearY: spaced(0, 0.3)
        case .translateX: spaced(0, 150.0 / 331.0 * Double(width))
        case .translateY: spaced(0, 150.0 / 331.0 * Double(height))
        case .rotate: spaced(0, 30)
        case .brightness, .color, .contrast, .sharpness: spaced(0, 0.9)
        case .posterize: 8 - (Double(bin) / 7.5).rounded(.toNearestOrEven)
        case .solarize: spaced(255, 0)
        case .identity, .autoContrast, .equalize, .invert: 0
        }
    }

    /// The picture after the operation at a strength 0…30, the other way round when `isNegative` (signed operations only).
    package func apply(to image: RGBImage, magnitude: Int, isNegative: Bool = false) -> RGBImage {
        let size = measure(magnitude: magnitude, width: image.width, height: image.height)
        let value = isNegative && isSigned ? -size : size
        return switch self {
        case .identity: image
        case .shearX: image.shearedX(value)
        case .shearY: image.shearedY(value)
        case .translateX: image.translated(x: Int(value), y: 0)
        case .translateY: image.translated(x: 0, y: Int(value))
        case .rotate: image.rotated(degrees: value)
        case .brightness: image.brightness(Float(1 + value))
        case .color: image.saturation(Float(1 + value))
        case .contrast: image.contrast(Float(1 + value))
        case .sharpness: image.sharpness(Float(1 + value))
        case .posterize: image.posterized(bits: Int(value))
        case .solarize: image.solarized(threshold: Float(value))
        case .autoContrast: image.autoContrasted()
        case .equalize: image.equalized()
        case .invert: image.inverted()
        }
    }
}

extension RandomSource {
    /// A whole number in `0..<count`, 0 when there is none.
    mutating func index(below count: Int) -> Int { count > 0 ? Int(next() % UInt64(count)) : 0 }
}
