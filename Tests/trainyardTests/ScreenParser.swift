/// A terminal as far as the program uses one: what stands where, and which private modes are on.
struct ScreenParser {
    private(set) var width: Int
    private(set) var height: Int
    private(set) var rows: [[Character]]
    /// The private modes that are on now, such as 1049 for the alternate screen.
    private(set) var modes: Set<Int> = [25]
    private(set) var synchronizedFrames = 0
    private var x = 0, y = 0
    private var saved = (x: 0, y: 0)
    private var top = 0, bottom: Int
    private var last: Character = " "
    private var pending: [UInt8] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bottom = height - 1
        rows = Array(repeating: Array(repeating: " ", count: width), count: height)
    }

    var text: String { rows.map { String($0) }.joined(separator: "\n") }

    mutating func resize(width: Int, height: Int) {
        self = ScreenParser(copying: self, width: width, height: height)
    }

    private init(copying other: ScreenParser, width: Int, height: Int) {
        self.init(width: width, height: height)
        modes = other.modes
        pending = other.pending
        synchronizedFrames = other.synchronizedFrames
        for y in 0..<min(height, other.height) {
            for x in 0..<min(width, other.width) { rows[y][x] = other.rows[y][x] }
        }
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var index = 0
        while index < pending.count, let next = step(index) { index = next }
        pending.removeFirst(index)
    }

    /// Takes one character or sequence; nil when it is not complete.
    private mutating func step(_ start: Int) -> Int? {
        let byte = pending[start]
        switch byte {
        case 0x1B: return escape(start)
        case 8: x = max(0, x - 1)
        case 9: x = min(width - 1, (x / 8 + 1) * 8)
        case 10, 11, 12: lineFeed()
        case 13: x = 0
        case 0..<32, 127: break
        case 0..<0x80: put(Character(Unicode.Scalar(byte)))
        default:
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            guard start + length <= pending.count else { return nil }
            put(String(decoding: pending[start..<start + length], as: UTF8.self).first ?? "?")
            return start + length
        }
        return start + 1
    }

    private mutating func put(_ character: Character) {
        if x >= width {
            x = 0
            lineFeed()
        }
        guard y < height, x < width else { return }
        rows[y][x] = character
        last = character
        x += 1
    }

    private mutating func lineFeed() {
        if y == bottom { scroll(1) } else { y = min(height - 1, y + 1) }
    }

    /// Moves the region's lines up, or down for a negative count.
    private mutating func scroll(_ count: Int) {
        guard top < bottom else { return }
        for _ in 0..<min(abs(count), bottom - top + 1) {
            let blank = [Character](repeating: " ", count: width)
            if count > 0 {
                rows.remove(at: top)
                rows.insert(blank, at: bottom)
            } else {
                rows.remove(at: bottom)
                rows.insert(blank, at: top)
            }
        }
    }

    private mutating func escape(_ start: Int) -> Int? {
        guard start + 1 < pending.count else { return nil }
        switch pending[start + 1] {
        case UInt8(ascii: "["): return control(start)
        case UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "P"):
            var index = start + 2
            while index < pending.count {
                if pending[index] == 7 { return index + 1 }
                if pending[index] == 0x1B { return index + 1 < pending.count ? index + 2 : nil }
                index += 1
            }
            return nil
        case UInt8(ascii: "("), UInt8(ascii: ")"): return start + 2 < pending.count ? start + 3 : nil
        case UInt8(ascii: "7"): saved = (x, y)
        case UInt8(ascii: "8"): (x, y) = saved
        case UInt8(ascii: "M"): if y == top { scroll(-1) } else { y = max(0, y - 1) }
        default: break
        }
        return start + 2
    }

    private mutating func control(_ start: Int) -> Int? {
        var end = start + 2
        while end < pending.count, (0x20...0x3F).contains(pending[end]) { end += 1 }
        guard end < pending.count else { return nil }
        let body = String(decoding: pending[(start + 2)..<end], as: UTF8.self)
        let final = Character(Unicode.Scalar(pending[end]))
        if body.hasPrefix("?") {
            for mode in body.dropFirst().split(separator: ";").compactMap({ Int($0) }) { setMode(mode, final) }
        } else if !body.hasPrefix(">"), !body.contains("$") {
            act(body.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }, final)
        }
        return end + 1
    }

    private mutating func setMode(_ mode: Int, _ final: Character) {
        if final == "h" {
            modes.insert(mode)
            if mode == 2026 { synchronizedFrames += 1 }
        }
        if final == "l" { modes.remove(mode) }
    }

    private mutating func act(_ values: [Int?], _ final: Character) {
        let first = values.first ?? nil
        let count = max(1, first ?? 1)
        switch final {
        case "A": y = max(0, y - count)
        case "B": y = min(height - 1, y + count)
        case "C": x = min(width - 1, x + count)
        case "D": x = max(0, x - count)
        case "G": x = min(width - 1, count - 1)
        case "d": y = min(height - 1, count - 1)
        case "H", "f":
            y = min(height - 1, count - 1)
            x = min(width - 1, max(1, values.count > 1 ? values[1] ?? 1 : 1) - 1)
        case "J": eraseScreen(first ?? 0)
        case "K": eraseLine(first ?? 0)
        case "X": for column in x..<min(width, x + count) { rows[y][column] = " " }
        case "P":
            for _ in 0..<min(count, width - x) {
                rows[y].remove(at: x)
                rows[y].append(" ")
            }
        case "@":
            for _ in 0..<min(count, width - x) {
                rows[y].removeLast()
                rows[y].insert(" ", at: x)
            }
        case "b": for _ in 0..<count { put(last) }
        case "L", "M":
            let kept = top
            top = y
            scroll(final == "M" ? count : -count)
            top = kept
        case "S": scroll(count)
        case "T": scroll(-count)
        case "r":
            top = min(height - 1, count - 1)
            bottom = min(height - 1, (values.count > 1 ? values[1] ?? height : height) - 1)
            (x, y) = (0, 0)
        default: break
        }
    }

    private mutating func eraseScreen(_ kind: Int) {
        let cursor = y * width + min(x, width - 1)
        for place in 0..<width * height where kind == 2 || (kind == 0 && place >= cursor) || (kind == 1 && place <= cursor) {
            rows[place / width][place % width] = " "
        }
    }

    private mutating func eraseLine(_ kind: Int) {
        let cursor = min(x, width - 1)
        for column in 0..<width where kind == 2 || (kind == 0 && column >= cursor) || (kind == 1 && column <= cursor) { rows[y][column] = " " }
    }
}
