/// Contrast limited adaptive histogram equalisation (Zuiderveld, Graphics Gems IV, 1994) of the lightness of CIE L*a*b*.
///
/// The picture is divided into tiles; each tile's histogram is cut off at a limit, what is cut off is spread over all levels,
/// and each pixel is mapped by the four nearest tiles' tables, blended. The tables and the blending are those of OpenCV's
/// `createCLAHE` on an 8-bit plane; a* and b* are kept unrounded.
package struct CLAHE: Codable, Sendable, Equatable {
    package var apply = false
    /// How often a level may occur, in multiples of the mean, above 0; the larger, the more contrast.
    package var clipLimit = 2.0
    /// Tiles along each side, 1…64.
    package var tiles = 8

    enum CodingKeys: String, CodingKey {
        case apply, tiles
        case clipLimit = "clip_limit"
    }

    package init() {}

    package func apply(to image: RGBImage) -> RGBImage {
        guard apply, !image.pixels.isEmpty else { return image }
        let lab = LabPicture(image)
        let equalized = equalize(lab.lightnessLevels, width: image.width, height: image.height)
        return lab.rgb(lightnessLevels: equalized)
    }

    /// One 8-bit plane equalised.
    package func equalize(_ plane: [UInt8], width: Int, height: Int) -> [UInt8] {
        let tiles = min(max(self.tiles, 1), 64)
        // A plane that does not divide evenly is continued by mirroring, by a whole tile count where it divides already.
        let isEven = width % tiles == 0 && height % tiles == 0
        let tileWidth = (width + (isEven ? 0 : tiles - width % tiles)) / tiles
        let tileHeight = (height + (isEven ? 0 : tiles - height % tiles)) / tiles
        let columns = (0..<tileWidth * tiles).map { Self.mirrored($0, count: width) }
        let rows = (0..<tileHeight * tiles).map { Self.mirrored($0, count: height) }
        var tables = [Float](repeating: 0, count: tiles * tiles * 256)
        for tileY in 0..<tiles {
            for tileX in 0..<tiles {
                var counts = [Int](repeating: 0, count: 256)
                for y in tileY * tileHeight..<(tileY + 1) * tileHeight {
                    let base = rows[y] * width
                    for x in tileX * tileWidth..<(tileX + 1) * tileWidth { counts[Int(plane[base + columns[x]])] += 1 }
                }
                let table = self.table(of: counts, area: tileWidth * tileHeight)
                for level in 0..<256 { tables[(tileY * tiles + tileX) * 256 + level] = table[level] }
            }
        }
        let across = Blend(count: width, tile: tileWidth, tiles: tiles), down = Blend(count: height, tile: tileHeight, tiles: tiles)
        var result = plane
        result.withUnsafeMutableBufferPointer { levels in
            tables.withUnsafeBufferPointer { tables in
                for y in 0..<height {
                    let top = down.first[y] * tiles, bottom = down.second[y] * tiles, lower = down.weight[y]
                    for x in 0..<width {
                        let level = Int(levels[y &* width &+ x])
                        let left = across.first[x], right = across.second[x], weight = across.weight[x]
                        let upper = tables[(top &+ left) &* 256 &+ level] * (1 - weight) + tables[(top &+ right) &* 256 &+ level] * weight
                        let under =
                            tables[(bottom &+ left) &* 256 &+ level] * (1 - weight) + tables[(bottom &+ right) &* 256 &+ level] * weight
                        let value = (upper * (1 - lower) + under * lower).rounded(.toNearestOrEven)
                        levels[y &* width &+ x] = UInt8(min(max(value, 0), 255))
                    }
                }
            }
        }
        return result
    }

    /// A tile's table: the share of pixels up to each level, of the histogram cut off at the limit.
    private func table(of histogram: [Int], area: Int) -> [Float] {
        var counts = histogram
        let limit = max(1, Int(min(max(clipLimit, 0), 256) * Double(area) / 256))
        var excess = 0
        for level in 0..<256 where counts[level] > limit {
            excess += counts[level] - limit
            counts[level] = limit
        }
        let share = excess / 256
        for level in 0..<256 { counts[level] += share }
        // What 256 does not divide goes to levels at even distances.
        var rest = excess - share * 256
        let step = rest > 0 ? max(256 / rest, 1) : 256
        for level in Swift.stride(from: 0, to: 256, by: step) where rest > 0 {
            counts[level] += 1
            rest -= 1
        }
        let scale = 255 / Float(area)
        var sum = 0
        return counts.map { count in
            sum += count
            return min((Float(sum) * scale).rounded(.toNearestOrEven), 255)
        }
    }

    /// A place beyond the end reflected at the last pixel, which is not repeated.
    private static func mirrored(_ place: Int, count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let inside = place % period
        return inside < count ? inside : period - inside
    }

    /// For each position of an axis the two tiles whose middles it lies between, and the second one's weight.
    private struct Blend {
        var first: [Int] = []
        var second: [Int] = []
        var weight: [Float] = []

        init(count: Int, tile: Int, tiles: Int) {
            let inverse = 1 / Float(tile)
            for position in 0..<count {
                let place = Float(position) * inverse - 0.5
                let low = Int(place.rounded(.down))
                first.append(min(max(low, 0), tiles - 1))
                second.append(min(max(low + 1, 0), tiles - 1))
                weight.append(place - Float(low))
            }
        }
    }
}
