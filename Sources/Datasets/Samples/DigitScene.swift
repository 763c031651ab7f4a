import Foundation
import TensorEngine

/// One picture of several scans of varied size, place, contrast and slight rotation over a textured background.
struct DigitScene {
    let image: RGBImage
    let annotations: [ItemAnnotation]

    /// Draws a scene; the boxes are those of the ink that can be seen.
    static func make(side: Int, scans: [DigitScan], random source: RandomSource) -> DigitScene {
        var random = source
        var canvas = background(side: side, random: &random)
        var annotations: [ItemAnnotation] = []
        let wanted = 2 + Int(random.next() % 5)
        for _ in 0..<wanted {
            let scan = scans[Int(random.next() % UInt64(scans.count))]
            // A few attempts at a free place; a crowded scene keeps the digits it has.
            for _ in 0..<20 {
                let size = random.uniform(24, 64)
                let angle = random.uniform(-0.2, 0.2)
                let reach = size * 0.45
                let centre = (x: random.uniform(reach, Float(side) - reach), y: random.uniform(reach, Float(side) - reach))
                let mask = Mask(scan: scan, side: side, size: size, angle: angle, centre: centre)
                guard let box = mask.box, box.width >= 6, box.height >= 12 else { continue }
                let isFree = annotations.allSatisfy { other in
                    guard let taken = other.box else { return true }
                    return box.intersection(taken) < 0.05 * min(box.area, taken.area)
                }
                if !isFree { continue }
                mask.paint(on: &canvas, side: side, box: box, random: &random)
                annotations.append(ItemAnnotation(label: scan.label, box: box))
                break
            }
        }
        let pixels = canvas.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) }
        return DigitScene(image: RGBImage(width: side, height: side, pixels: pixels), annotations: annotations)
    }

    /// A smooth two-octave noise between two colours with faint stripes and grain; levels 0…1, HWC.
    private static func background(side: Int, random: inout RandomSource) -> [Float] {
        let first = (0..<3).map { _ in random.uniform(0.1, 0.9) }
        let second = first.map { min(max($0 + random.uniform(-0.35, 0.35), 0), 1) }
        let coarse = (0..<36).map { _ in random.uniform() }
        let fine = (0..<400).map { _ in random.uniform() }
        let direction = random.uniform(0, .pi)
        let frequency = random.uniform(0.05, 0.4)
        let stripes = random.uniform(0, 0.06)
        let grain = random.uniform(0.01, 0.05)
        var canvas = [Float](repeating: 0, count: side * side * 3)
        for y in 0..<side {
            for x in 0..<side {
                let blend =
                    0.7 * lattice(coarse, cells: 6, x: Float(x) / Float(side), y: Float(y) / Float(side))
                    + 0.3 * lattice(fine, cells: 20, x: Float(x) / Float(side), y: Float(y) / Float(side))
                let stripe = stripes * sin((Float(x) * cos(direction) + Float(y) * sin(direction)) * frequency * 2 * .pi)
                let noise = grain * (random.uniform() - 0.5) * 2
                for channel in 0..<3 {
                    canvas[(y * side + x) * 3 + channel] = first[channel] + (second[channel] - first[channel]) * blend + stripe + noise
                }
            }
        }
        return canvas
    }

    /// Bilinear value noise on a square lattice; x and y in [0, 1).
    private static func lattice(_ values: [Float], cells: Int, x: Float, y: Float) -> Float {
        let px = x * Float(cells - 1)
        let py = y * Float(cells - 1)
        let column = Int(px)
        let row = Int(py)
        let fx = px - Float(column)
        let fy = py - Float(row)
        let top = values[row * cells + column] * (1 - fx) + values[row * cells + column + 1] * fx
        let bottom = values[(row + 1) * cells + column] * (1 - fx) + values[(row + 1) * cells + column + 1] * fx
        return top * (1 - fy) + bottom * fy
    }
}

/// The coverage of a turned and scaled scan on a scene.
private struct Mask {
    /// Coverage 0…1 of the window, row by row.
    let coverage: [Float]
    let window: (x: Int, y: Int, width: Int, height: Int)
    /// The tight box of the visible ink, nil when there is none.
    let box: DatasetBox?

    init(scan: DigitScan, side: Int, size: Float, angle: Float, centre: (x: Float, y: Float)) {
        let reach = Int(size * 0.75) + 1
        let left = max(0, Int(centre.x) - reach)
        let top = max(0, Int(centre.y) - reach)
        let width = min(side, Int(centre.x) + reach) - left
        let height = min(side, Int(centre.y) + reach) - top
        let scale = Float(DigitScan.side) / size
        var coverage = [Float](repeating: 0, count: width * height)
        var bounds: (xMin: Int, yMin: Int, xMax: Int, yMax: Int)?
        for y in 0..<height {
            for x in 0..<width {
                let dx = Float(left + x) + 0.5 - centre.x
                let dy = Float(top + y) + 0.5 - centre.y
                let u = (dx * cos(angle) + dy * sin(angle)) * scale + 3.5
                let v = (dy * cos(angle) - dx * sin(angle)) * scale + 3.5
                let ink = Self.sample(scan.ink, u, v)
                // The scans are coarse: a soft threshold gives strokes an edge.
                let step = min(max((ink - 0.2) / 0.35, 0), 1)
                let value = step * step * (3 - 2 * step)
                coverage[y * width + x] = value
                if value > 0.5 {
                    let px = left + x
                    let py = top + y
                    let old = bounds ?? (px, py, px, py)
                    bounds = (min(old.xMin, px), min(old.yMin, py), max(old.xMax, px), max(old.yMax, py))
                }
            }
        }
        self.coverage = coverage
        window = (left, top, width, height)
        box = bounds.map { DatasetBox(xMin: Float($0.xMin), yMin: Float($0.yMin), xMax: Float($0.xMax + 1), yMax: Float($0.yMax + 1)) }
    }

    /// Bilinear ink at scan coordinates; outside the scan there is none.
    private static func sample(_ ink: [Float], _ u: Float, _ v: Float) -> Float {
        let side = DigitScan.side
        let column = Int(u.rounded(.down))
        let row = Int(v.rounded(.down))
        func at(_ x: Int, _ y: Int) -> Float { (0..<side).contains(x) && (0..<side).contains(y) ? ink[y * side + x] : 0 }
        let fx = u - Float(column)
        let fy = v - Float(row)
        return (at(column, row) * (1 - fx) + at(column + 1, row) * fx) * (1 - fy)
            + (at(column, row + 1) * (1 - fx) + at(column + 1, row + 1) * fx) * fy
    }

    /// Lays ink over the canvas, lighter or darker than what is below it by a random contrast.
    func paint(on canvas: inout [Float], side: Int, box: DatasetBox, random: inout RandomSource) {
        var below: Float = 0
        for y in Int(box.yMin)..<Int(box.yMax) {
            for x in Int(box.xMin)..<Int(box.xMax) { below += canvas[(y * side + x) * 3 + 1] }
        }
        below /= box.area
        let contrast = random.uniform(0.4, 0.9)
        let target = below > 0.5 ? below - contrast : below + contrast
        let colour = (0..<3).map { _ in min(max(target + random.uniform(-0.1, 0.1), 0), 1) }
        for y in 0..<window.height {
            for x in 0..<window.width {
                let alpha = coverage[y * window.width + x]
                let index = ((window.y + y) * side + window.x + x) * 3
                for channel in 0..<3 { canvas[index + channel] += (colour[channel] - canvas[index + channel]) * alpha }
            }
        }
    }
}
