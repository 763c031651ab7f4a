/// A raster finer than cells: 2×4 braille dots in a cell, or 1×2 in ASCII. A cell shows one series; the last to draw wins it.
struct PixelCanvas {
    let columns: Int
    let rows: Int
    let unicode: Bool
    private var bits: [UInt8]
    private var owners: [Int]

    init(columns: Int, rows: Int, unicode: Bool) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
        self.unicode = unicode
        bits = Array(repeating: 0, count: self.columns * self.rows)
        owners = Array(repeating: 0, count: self.columns * self.rows)
    }

    var width: Int { columns * (unicode ? 2 : 1) }
    var height: Int { rows * (unicode ? 4 : 2) }

    mutating func set(x: Int, y: Int, owner: Int) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let cell: Int
        let bit: UInt8
        if unicode {
            cell = y / 4 * columns + x / 2
            // Braille numbers its dots 1-2-3-7 down the left and 4-5-6-8 down the right.
            let left: [UInt8] = [0x01, 0x02, 0x04, 0x40], right: [UInt8] = [0x08, 0x10, 0x20, 0x80]
            bit = x % 2 == 0 ? left[y % 4] : right[y % 4]
        } else {
            cell = y / 2 * columns + x
            bit = y % 2 == 0 ? 1 : 2
        }
        if owners[cell] != owner { bits[cell] = 0 }
        owners[cell] = owner
        bits[cell] |= bit
    }

    /// A line between two pixels, by Bresenham's rule.
    mutating func line(fromX: Int, fromY: Int, toX: Int, toY: Int, owner: Int) {
        var x = fromX, y = fromY
        let deltaX = abs(toX - fromX), deltaY = -abs(toY - fromY)
        let stepX = fromX < toX ? 1 : -1, stepY = fromY < toY ? 1 : -1
        var error = deltaX + deltaY
        while true {
            set(x: x, y: y, owner: owner)
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

    func draw(in buffer: inout CellBuffer, x: Int, y: Int, appearance: Appearance) {
        for row in 0..<rows {
            for column in 0..<columns where bits[row * columns + column] != 0 {
                let index = row * columns + column
                buffer.put(glyph(bits[index], owner: owners[index]), x: x + column, y: y + row, style: appearance.series(owners[index]))
            }
        }
    }

    private func glyph(_ bits: UInt8, owner: Int) -> String {
        if unicode { return Unicode.Scalar(0x2800 + UInt32(bits)).map { String(Character($0)) } ?? " " }
        let shapes = [["'", ".", ":"], ["\"", ",", ";"], ["^", "_", "|"], ["`", "-", "!"]][owner % 4]
        return shapes[Int(bits & 3) - 1]
    }
}
