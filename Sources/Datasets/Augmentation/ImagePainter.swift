/// Draws images into square float pictures, levels 0…255, HWC.
enum ImagePainter {
    /// One axis of a placement: the target range, and for each position the two source positions and the blend.
    private struct Axis {
        let range: Range<Int>
        let low: [Int]
        let high: [Int]
        let blend: [Float]

        init(frameStart: Float, frameEnd: Float, clipStart: Float, clipEnd: Float, count: Int, side: Int) {
            let first = min(max(0, Int(clipStart.rounded())), side)
            let last = min(max(first, Int(clipEnd.rounded())), side)
            let scale = Float(count) / max(frameEnd - frameStart, 1e-6)
            range = first..<last
            var low: [Int] = []
            var high: [Int] = []
            var blend: [Float] = []
            for position in range {
                let source = min(max((Float(position) + 0.5 - frameStart) * scale - 0.5, 0), Float(count - 1))
                let index = Int(source)
                low.append(index)
                high.append(min(index + 1, count - 1))
                blend.append(source - Float(index))
            }
            self.low = low
            self.high = high
            self.blend = blend
        }
    }

    /// Draws the whole image stretched over `frame`, only where `clip` is, bilinearly.
    static func paint(_ image: RGBImage, frame: DatasetBox, clip: DatasetBox, side: Int, into target: UnsafeMutableBufferPointer<Float>) {
        let columns = Axis(
            frameStart: frame.xMin, frameEnd: frame.xMax, clipStart: clip.xMin, clipEnd: clip.xMax, count: image.width, side: side)
        let rows = Axis(
            frameStart: frame.yMin, frameEnd: frame.yMax, clipStart: clip.yMin, clipEnd: clip.yMax, count: image.height, side: side)
        if columns.range.isEmpty || rows.range.isEmpty { return }
        image.pixels.withUnsafeBufferPointer { source in
            for (row, y) in rows.range.enumerated() {
                let top = rows.low[row] * image.width
                let bottom = rows.high[row] * image.width
                let down = rows.blend[row]
                for (column, x) in columns.range.enumerated() {
                    let across = columns.blend[column]
                    let topLeft = (top + columns.low[column]) * 3
                    let topRight = (top + columns.high[column]) * 3
                    let bottomLeft = (bottom + columns.low[column]) * 3
                    let bottomRight = (bottom + columns.high[column]) * 3
                    let to = (y * side + x) * 3
                    for channel in 0..<3 {
                        let upper = Float(source[topLeft &+ channel])
                        let lower = Float(source[bottomLeft &+ channel])
                        let first = upper + (Float(source[topRight &+ channel]) - upper) * across
                        let second = lower + (Float(source[bottomRight &+ channel]) - lower) * across
                        target[to &+ channel] = first + (second - first) * down
                    }
                }
            }
        }
    }
}
