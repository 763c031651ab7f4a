/// What has to be sent, beside the cells, for the pictures of a frame to be seen.
struct PictureUpdate {
    private let old: [PlacedPicture]
    private let new: [PlacedPicture]
    private let buffer: CellBuffer
    private let graphics: GraphicsProtocol?
    private let isNeeded: Bool

    init(from shown: CellBuffer?, to buffer: CellBuffer, graphics: GraphicsProtocol?) {
        self.buffer = buffer
        self.graphics = graphics
        old = shown?.pictures ?? []
        new = graphics == nil ? [] : buffer.pictures
        let moved = old != new || (shown == nil && !new.isEmpty)
        // Cells that are written over sixels take them away.
        let overwritten = graphics == .sixel && new.contains { placed in
            (placed.rect.y..<placed.rect.bottom).contains { y in
                (placed.rect.x..<placed.rect.right).contains { x in shown.map { $0[x: x, y: y] != buffer[x: x, y: y] } ?? true }
            }
        }
        isNeeded = moved || overwritten
    }

    /// Sixels lie in the screen itself: only drawing it anew takes one away.
    var needsCleanScreen: Bool { isNeeded && graphics == .sixel && !old.isEmpty && old != new }

    var sequenceBefore: String {
        isNeeded && graphics == .kitty && !old.isEmpty ? KittyGraphics.deleteAll : ""
    }

    func sequenceAfter(depth: ColorDepth) -> String {
        guard isNeeded, let graphics, !new.isEmpty else { return "" }
        var result = "\u{1B}7"
        for placed in new {
            result += Self.move(x: placed.rect.x, y: placed.rect.y)
            switch graphics {
            case .kitty: result += KittyGraphics.show(placed)
            case .sixel: result += Sixel.encode(placed.picture) + labels(over: placed.rect, depth: depth)
            }
        }
        return result + "\u{1B}8"
    }

    private static func move(x: Int, y: Int) -> String { "\u{1B}[\(y + 1);\(x + 1)H" }

    /// The cells over sixels, written once more: ncurses has drawn them already, below the picture.
    private func labels(over rect: Rect, depth: ColorDepth) -> String {
        var result = ""
        for y in rect.y..<rect.bottom {
            for x in rect.x..<rect.right {
                let cell = buffer[x: x, y: y]
                guard cell.width > 0, cell != Cell() else { continue }
                result += Self.move(x: x, y: y) + Self.rendition(cell.style, depth: depth) + String(cell.character)
            }
        }
        return result
    }

    private static func rendition(_ style: Style, depth: ColorDepth) -> String {
        var codes = ["0"]
        if style.attributes.contains(.bold) { codes.append("1") }
        if style.attributes.contains(.reverse) { codes.append("7") }
        func code(_ color: TerminalColor?, base: Int) {
            guard let color, let number = depth.index(of: color) else { return }
            codes.append(number < 256 ? "\(base);5;\(number)" : "\(base);2;\(number >> 16);\(number >> 8 & 255);\(number & 255)")
        }
        code(style.foreground, base: 38)
        code(style.background, base: 48)
        return "\u{1B}[" + codes.joined(separator: ";") + "m"
    }
}
