import CKernels

/// Operations that change levels and leave every pixel where it is. They equal torchvision's on PIL images to one grey level.
extension RGBImage {
    // MARK: Through a table of 256 levels

    /// Each level `v` becomes `255 - v`.
    package func inverted() -> RGBImage { mapped { UInt8(255 - $0) } }

    /// Keeps the highest `bits` bits of each level; 0…8, 0 is black.
    package func posterized(bits: Int) -> RGBImage {
        let kept = min(max(bits, 0), 8)
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - kept))
        return mapped { UInt8($0) & mask }
    }

    /// Inverts the levels that are not below the threshold; 0 inverts all, 256 none.
    package func solarized(threshold: Float) -> RGBImage {
        mapped { Float($0) < threshold ? UInt8($0) : UInt8(255 - $0) }
    }

    /// Blends with black: 0 is black, 1 leaves the picture, above 1 brightens.
    package func brightness(_ factor: Float) -> RGBImage { mapped { Self.blend(0, $0, factor) } }

    /// Blends with the mean grey of the whole picture: 0 is that grey, 1 leaves the picture.
    package func contrast(_ factor: Float) -> RGBImage {
        guard !pixels.isEmpty else { return self }
        let luma = grey(isRepeated: false)
        let sum = luma.reduce(0) { $0 + Int($1) }
        let mean = Int(Double(sum) / Double(luma.count) + 0.5)
        return mapped { Self.blend(mean, $0, factor) }
    }

    /// Stretches each channel so that its darkest level becomes 0 and its lightest 255; a channel of one level stays.
    package func autoContrasted() -> RGBImage {
        mapped(channelTables: histograms().map { counts in
            guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 }), high > low else {
                return Array(0...255)
            }
            let scale = 255 / Double(high - low)
            return (0..<256).map { UInt8(min(max(Double($0) * scale - Double(low) * scale, 0), 255)) }
        })
    }

    /// Spreads each channel's levels so that they occur about equally often; a channel of one level stays.
    package func equalized() -> RGBImage {
        mapped(channelTables: histograms().map { counts in
            guard let last = counts.last(where: { $0 > 0 }) else { return Array(0...255) }
            let step = (counts.reduce(0, +) - last) / 255
            guard step > 0 else { return Array(0...255) }
            var before = step / 2
            return counts.map { count in
                defer { before += count }
                return UInt8(min(before / step, 255))
            }
        })
    }

    // MARK: Through a second picture

    /// Blends with the grey picture: 0 is grey, 1 leaves the picture, above 1 deepens the colours.
    package func saturation(_ factor: Float) -> RGBImage {
        blended(from: RGBImage(width: width, height: height, pixels: grey(isRepeated: true)), factor: factor)
    }

    /// Blends with the smoothed picture: 0 is smooth, 1 leaves the picture, above 1 sharpens; the border stays.
    package func sharpness(_ factor: Float) -> RGBImage {
        guard width >= 3, height >= 3 else { return self }
        var smooth = self
        let stride = width * 3
        pixels.withUnsafeBufferPointer { source in
            smooth.pixels.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                for row in 1..<(height - 1) {
                    let middle = from + row * stride
                    ty_image_smooth_row(middle - stride, middle, middle + stride, width, to + row * stride)
                }
            }
        }
        return blended(from: smooth, factor: factor)
    }

    /// Turns the hue by a share of the colour circle, -0.5…0.5, in 8-bit hue, saturation and value as PIL keeps them.
    package func hue(_ turn: Float) -> RGBImage {
        let shift = UInt8(truncatingIfNeeded: Int(min(max(turn, -0.5), 0.5) * 255))
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { levels in
            for place in stride(from: 0, to: levels.count, by: 3) {
                var colour = ByteHSV(red: levels[place], green: levels[place + 1], blue: levels[place + 2])
                colour.hue &+= shift
                (levels[place], levels[place + 1], levels[place + 2]) = colour.rgb
            }
        }
        return result
    }

    // MARK: Tools

    /// `base + factor * (level - base)`, cut off towards zero and limited to a byte.
    static func blend(_ base: Int, _ level: Int, _ factor: Float) -> UInt8 {
        UInt8(min(max(Float(base) + factor * (Float(level) - Float(base)), 0), 255))
    }

    /// How often each level occurs, by channel.
    func histograms() -> [[Int]] {
        var counts = [Int](repeating: 0, count: 768)
        counts.withUnsafeMutableBufferPointer { counts in
            pixels.withUnsafeBufferPointer { levels in
                for place in stride(from: 0, to: levels.count, by: 3) {
                    counts[Int(levels[place])] &+= 1
                    counts[256 &+ Int(levels[place &+ 1])] &+= 1
                    counts[512 &+ Int(levels[place &+ 2])] &+= 1
                }
            }
        }
        return (0..<3).map { Array(counts[$0 * 256..<($0 + 1) * 256]) }
    }

    func mapped(_ level: (Int) -> UInt8) -> RGBImage {
        let table = (0..<256).map(level)
        return mapped(channelTables: [table, table, table])
    }

    /// Every level looked up in its channel's table of 256.
    func mapped(channelTables: [[UInt8]]) -> RGBImage {
        let table = channelTables.flatMap { $0 }
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { levels in
            table.withUnsafeBufferPointer { table in
                for place in stride(from: 0, to: levels.count, by: 3) {
                    levels[place] = table[Int(levels[place])]
                    levels[place &+ 1] = table[256 &+ Int(levels[place &+ 1])]
                    levels[place &+ 2] = table[512 &+ Int(levels[place &+ 2])]
                }
            }
        }
        return result
    }

    /// Luma of each pixel, once or three times.
    func grey(isRepeated: Bool) -> [UInt8] {
        let count = width * height
        return [UInt8](unsafeUninitializedCapacity: count * (isRepeated ? 3 : 1)) { target, initialized in
            initialized = count * (isRepeated ? 3 : 1)
            guard let to = target.baseAddress else { return }
            ty_image_grey(pixels, count, isRepeated ? 1 : 0, to)
        }
    }

    private func blended(from base: RGBImage, factor: Float) -> RGBImage {
        var result = base
        let count = pixels.count
        result.pixels.withUnsafeMutableBufferPointer { target in
            guard let to = target.baseAddress else { return }
            ty_image_blend(to, pixels, factor, count, to)
        }
        return result
    }
}

/// A colour as 8-bit hue, saturation and value (Smith: Color gamut transform pairs, 1978), cut off as PIL does: what is kept
/// in single precision there is kept so here, since a hue that falls on the other side of a whole number shows.
private struct ByteHSV {
    var hue: UInt8 = 0
    var saturation: UInt8 = 0
    var value: UInt8

    init(red: UInt8, green: UInt8, blue: UInt8) {
        value = max(red, green, blue)
        let chroma = Float(value) - Float(min(red, green, blue))
        guard chroma > 0 else { return }
        saturation = UInt8(Double(chroma / Float(value)) * 255)
        let lackOfRed = (Float(value) - Float(red)) / chroma
        let lackOfGreen = (Float(value) - Float(green)) / chroma
        let lackOfBlue = (Float(value) - Float(blue)) / chroma
        let sixths: Float =
            value == red ? lackOfBlue - lackOfGreen
            : Float(value == green ? 2 + Double(lackOfRed) - Double(lackOfBlue) : 4 + Double(lackOfGreen) - Double(lackOfRed))
        let turns = Double(sixths) / 6 + 1
        hue = UInt8(Double(Float(turns - turns.rounded(.down))) * 255)
    }

    var rgb: (UInt8, UInt8, UInt8) {
        guard saturation > 0 else { return (value, value, value) }
        let sixths = Double(hue) * 6 / 255
        let sector = Int(sixths)
        let part = Double(Float(sixths - Double(sector)))
        let strength = Double(Float(Double(saturation) / 255))
        func level(_ lack: Double) -> UInt8 { UInt8(min(max((Double(value) * (1 - strength * lack)).rounded(), 0), 255)) }
        let low = level(1), falling = level(part), rising = level(1 - part)
        return switch sector % 6 {
        case 0: (value, rising, low)
        case 1: (falling, value, low)
        case 2: (low, value, rising)
        case 3: (low, falling, value)
        case 4: (rising, low, value)
        default: (value, low, falling)
        }
    }
}
