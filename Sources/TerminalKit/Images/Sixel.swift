/// Sixels: bands of six rows, one pass for each colour of a band, equal columns run together.
enum Sixel {
    /// Six levels a channel: 216 colours, which every terminal with sixels has room for.
    private static let levels = 6

    static func encode(_ picture: Picture) -> String {
        var result = "\u{1B}P0;1;0q\"1;1;\(picture.width);\(picture.height)"
        let colors = (0..<picture.width * picture.height).map { color(of: picture, at: $0) }
        for color in Set(colors).sorted() {
            let percent = [color / 36, color / 6 % 6, color % 6].map { $0 * 100 / (levels - 1) }
            result += "#\(color);2;\(percent[0]);\(percent[1]);\(percent[2])"
        }
        for top in stride(from: 0, to: picture.height, by: 6) {
            if top > 0 { result += "-" }
            result += band(colors, width: picture.width, rows: top..<min(top + 6, picture.height))
        }
        return result + "\u{1B}\\"
    }

    private static func color(of picture: Picture, at index: Int) -> Int {
        func level(_ value: UInt8) -> Int { (Int(value) * (levels - 1) + 127) / 255 }
        return 36 * level(picture.bytes[3 * index]) + 6 * level(picture.bytes[3 * index + 1]) + level(picture.bytes[3 * index + 2])
    }

    private static func band(_ colors: [Int], width: Int, rows: Range<Int>) -> String {
        var masks: [Int: [UInt8]] = [:]
        for (bit, row) in rows.enumerated() {
            for x in 0..<width {
                masks[colors[row * width + x], default: [UInt8](repeating: 0, count: width)][x] |= 1 << UInt8(bit)
            }
        }
        return masks.sorted { $0.key < $1.key }.map { "#\($0.key)" + runs($0.value) }.joined(separator: "$")
    }

    private static func runs(_ masks: [UInt8]) -> String {
        var result = ""
        var index = 0
        while index < masks.count {
            var end = index + 1
            while end < masks.count, masks[end] == masks[index] { end += 1 }
            let character = String(Character(Unicode.Scalar(masks[index] + 63)))
            // Empty columns at a band's end need not be written.
            if !(masks[index] == 0 && end == masks.count) {
                result += end - index > 3 ? "!\(end - index)" + character : String(repeating: character, count: end - index)
            }
            index = end
        }
        return result
    }
}
