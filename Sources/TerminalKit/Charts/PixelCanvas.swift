/// A raster of dots finer than cells. A cell shows one ink; the last to draw wins the whole cell.
struct PixelCanvas {
    let columns: Int
    let rows: Int
    let glyphs: ChartGlyphSet
    let width: Int
    let height: Int
    private let across: Int
    private let down: Int
    /// For each dot column of a cell, the bits from its top down to each row: differences give any span.
    private let masks: [[UInt8]]
    private var bits: [UInt8]
    private var inks: [UInt8]

    init(columns: Int, rows: Int, glyphs: ChartGlyphSet) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
        self.glyphs = glyphs
        across = glyphs.dotsAcross
        down = glyphs.dotsDown
        width = self.columns * across
        height = self.rows * down
        masks = (0..<across).map { x in
            (0...glyphs.dotsDown).map { end in (0..<end).reduce(UInt8(0)) { $0 | glyphs.bit(x: x, y: $1) } }
        }
        bits = Array(repeating: 0, count: self.columns * self.rows)
        inks = Array(repeating: 0, count: self.columns * self.rows)
    }

    mutating func set(x: Int, y: Int, ink: UInt8) {
        fill(x: x, from: y, through: y, ink: ink)
    }

    /// Fills dots of one column, a cell at a time; what lies outside is cut off.
    mutating func fill(x: Int, from top: Int, through bottom: Int, ink: UInt8) {
        guard x >= 0, x < width else { return }
        let first = max(0, top), end = min(height, bottom + 1)
        guard first < end else { return }
        let column = x / across, mask = masks[x % across]
        var row = first / down
        while row * down < end {
            let low = max(0, first - row * down), high = min(down, end - row * down)
            let cell = row * columns + column
            if inks[cell] != ink {
                bits[cell] = 0
                inks[cell] = ink
            }
            bits[cell] |= mask[high] & ~mask[low]
            row += 1
        }
    }

    /// The part of a line that lies on the canvas. Its ends may lie anywhere.
    mutating func line(fromX: Double, fromY: Double, toX: Double, toY: Double, ink: UInt8) {
        guard width > 0, height > 0,
            let part = Self.clipped(
                (fromX, fromY), (toX, toY), maximumX: Double(width - 1), maximumY: Double(height - 1))
        else { return }
        line(
            fromX: Int(part.from.x.rounded()), fromY: Int(part.from.y.rounded()), toX: Int(part.to.x.rounded()),
            toY: Int(part.to.y.rounded()), ink: ink)
    }

    /// Liang and Barsky's rule: the stretch of the segment where all four edges let it pass.
    static func clipped(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), maximumX: Double, maximumY: Double
    ) -> (from: (x: Double, y: Double), to: (x: Double, y: Double))? {
        let deltaX = to.x - from.x, deltaY = to.y - from.y
        var enter = 0.0, leave = 1.0
        for (direction, room) in [(-deltaX, from.x), (deltaX, maximumX - from.x), (-deltaY, from.y), (deltaY, maximumY - from.y)] {
            if direction == 0 {
                if room < 0 { return nil }
                continue
            }
            let share = room / direction
            if direction < 0 { enter = max(enter, share) } else { leave = min(leave, share) }
        }
        guard enter <= leave else { return nil }
        return (
            (from.x + enter * deltaX, from.y + enter * deltaY), (from.x + leave * deltaX, from.y + leave * deltaY)
        )
    }

    /// A line between two dots, by Bresenham's rule; vertical runs are filled at once.
    private mutating func line(fromX: Int, fromY: Int, toX: Int, toY: Int, ink: UInt8) {
        if fromX == toX { return fill(x: fromX, from: min(fromY, toY), through: max(fromY, toY), ink: ink) }
        var x = fromX, y = fromY
        let deltaX = abs(toX - fromX), deltaY = -abs(toY - fromY)
        let stepX = fromX < toX ? 1 : -1, stepY = fromY < toY ? 1 : -1
        var error = deltaX + deltaY
        while true {
            set(x: x, y: y, ink: ink)
            if x == toX, y == toY { break }
            let doubled = 2 * error
            if doubled >= deltaY {
                error += deltaY
                x += stepX
            }
            if doubled <= deltaX {
                error += deltaX
                y += stepY
            }
        }
    }

    /// Copies the dots into a buffer; each series has two inks, its raw line and its smoothed one.
    func draw(in buffer: inout CellBuffer, x: Int, y: Int, style: (UInt8) -> Style) {
        var styles: [UInt8: Style] = [:]
        for row in 0..<rows {
            for column in 0..<columns where bits[row * columns + column] != 0 {
                let index = row * columns + column, ink = inks[index]
                let known = styles[ink] ?? style(ink)
                styles[ink] = known
                buffer.putNarrow(glyphs.character(bits[index], series: Int(ink) / 2), x: x + column, y: y + row, style: known)
            }
        }
    }
}
