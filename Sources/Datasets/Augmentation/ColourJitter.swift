import TensorEngine

/// A random change of hue, saturation and value of a whole image; also brings levels from 0…255 to 0…1.
struct ColourJitter {
    /// Turns of the colour circle.
    private let hueShift: Float
    private let saturationGain: Float
    private let valueGain: Float

    init(_ augmentation: DetectionAugmentation, random: inout RandomSource) {
        hueShift = random.uniform(-1, 1) * augmentation.hue
        saturationGain = 1 + random.uniform(-1, 1) * augmentation.saturation
        valueGain = 1 + random.uniform(-1, 1) * augmentation.value
    }

    func apply(to target: UnsafeMutableBufferPointer<Float>) {
        if hueShift == 0 && saturationGain == 1 && valueGain == 1 {
            for index in target.indices { target[index] *= 1 / 255 }
            return
        }
        for index in stride(from: 0, to: target.count, by: 3) {
            let red = target[index]
            let green = target[index + 1]
            let blue = target[index + 2]
            let value = max(red, green, blue)
            let chroma = value - min(red, green, blue)
            let newValue = min(value * valueGain, 255) * (1 / 255)
            if chroma <= 0 {
                target[index] = newValue
                target[index + 1] = newValue
                target[index + 2] = newValue
                continue
            }
            // Sixths of the colour circle, 0 at red.
            var hue: Float
            if value == red {
                hue = (green - blue) / chroma
            } else if value == green {
                hue = (blue - red) / chroma + 2
            } else {
                hue = (red - green) / chroma + 4
            }
            hue += hueShift * 6
            if hue < 0 { hue += 6 }
            if hue >= 6 { hue -= 6 }
            let newChroma = newValue * min(chroma / value * saturationGain, 1)
            target[index] = newValue - newChroma * Self.lack(hue, 5)
            target[index + 1] = newValue - newChroma * Self.lack(hue, 3)
            target[index + 2] = newValue - newChroma * Self.lack(hue, 1)
        }
    }

    /// How much of the chroma a channel lacks at a hue (Smith, Color gamut transform pairs, 1978, as one expression).
    private static func lack(_ hue: Float, _ offset: Float) -> Float {
        var k = offset + hue
        if k >= 6 { k -= 6 }
        return max(0, min(k, 4 - k, 1))
    }
}
