/// Draws a picture with boxes and labels as finely as the terminal can: kitty's or sixel's pixels, half blocks in its
/// colours, or a ramp of characters where it has none.
package enum ImageView {
    /// Draws the picture as large as it fits into the rectangle, in its proportions, centred, and returns the cells it takes.
    @discardableResult
    package static func draw(
        _ picture: Picture, boxes: [PictureBox] = [], in rect: Rect, buffer: inout CellBuffer, appearance: Appearance
    ) -> Rect {
        let area = placed(picture, in: rect, cell: cell(appearance.capabilities))
        guard !area.isEmpty else { return area }
        let capabilities = appearance.capabilities
        let visible = area.x >= 0 && area.y >= 0 && area.right <= buffer.size.width && area.bottom <= buffer.size.height
        if capabilities.graphics != nil, visible {
            placePixels(picture, boxes: boxes, area: area, buffer: &buffer, appearance: appearance)
        } else if capabilities.colors > .none {
            drawBlocks(picture, boxes: boxes, area: area, buffer: &buffer, appearance: appearance)
        } else {
            drawCharacters(picture, boxes: boxes, area: area, buffer: &buffer, appearance: appearance)
        }
        drawLabels(picture, boxes: boxes, area: area, buffer: &buffer, appearance: appearance)
        return area
    }

    /// A cell's proportions: known where pictures are sent as pixels, else taken as one to two, as half blocks are.
    private static func cell(_ capabilities: TerminalCapabilities) -> PixelSize {
        capabilities.graphics == nil ? PixelSize(width: 1, height: 2) : capabilities.cellSize
    }

    private static func placed(_ picture: Picture, in rect: Rect, cell: PixelSize) -> Rect {
        guard !rect.isEmpty else { return Rect(x: rect.x, y: rect.y, width: 0, height: 0) }
        let available = (width: Double(rect.width * cell.width), height: Double(rect.height * cell.height))
        let scale = min(available.width / Double(picture.width), available.height / Double(picture.height))
        let columns = Int((Double(picture.width) * scale / Double(cell.width)).rounded())
        let rows = Int((Double(picture.height) * scale / Double(cell.height)).rounded(.up))
        return rect.centered(width: min(rect.width, max(1, columns)), height: min(rect.height, max(1, rows)))
    }

    /// Where a box lies on a raster of the picture.
    private static func edges(
        _ box: PictureBox, picture: Picture, width: Int, height: Int
    ) -> (left: Int, top: Int, right: Int, bottom: Int)? {
        let values = [box.x, box.y, box.x + box.width, box.y + box.height]
        guard values.allSatisfy(\.isFinite), box.width >= 0, box.height >= 0 else { return nil }
        func place(_ value: Double, _ size: Int, _ raster: Int) -> Int {
            Int(min(1, max(0, value / Double(size))) * Double(raster - 1) + 0.5)
        }
        return (
            place(values[0], picture.width, width), place(values[1], picture.height, height), place(values[2], picture.width, width),
            place(values[3], picture.height, height)
        )
    }

    private static func withBoxes(
        _ raster: Picture, of picture: Picture, boxes: [PictureBox], thickness: Int, appearance: Appearance
    ) -> Picture {
        var result = raster
        for box in boxes {
            guard let edges = edges(box, picture: picture, width: raster.width, height: raster.height) else { continue }
            let color = color(of: box, appearance: appearance)
            result.drawFrame(
                left: edges.left, top: edges.top, right: edges.right, bottom: edges.bottom, thickness: thickness, color: color)
        }
        return result
    }

    private static func color(of box: PictureBox, appearance: Appearance) -> RGBColor {
        appearance.theme.colors[box.role].map(ColorDepth.rgb) ?? RGBColor(red: 255, green: 255, blue: 255)
    }

    // MARK: Pixels

    private static func placePixels(
        _ picture: Picture, boxes: [PictureBox], area: Rect, buffer: inout CellBuffer, appearance: Appearance
    ) {
        let cell = appearance.capabilities.cellSize
        let raster = picture.scaled(width: area.width * cell.width, height: area.height * cell.height)
        let drawn = withBoxes(raster, of: picture, boxes: boxes, thickness: 2, appearance: appearance)
        // Cells with the terminal's own ground let what lies below them through.
        buffer.clear(area)
        buffer.pictures.append(PlacedPicture(rect: area, picture: drawn))
    }

    // MARK: Half blocks

    private static func drawBlocks(
        _ picture: Picture, boxes: [PictureBox], area: Rect, buffer: inout CellBuffer, appearance: Appearance
    ) {
        let depth = appearance.capabilities.colors, unicode = appearance.capabilities.unicode
        let rows = unicode ? area.height * 2 : area.height
        let raster = withBoxes(
            picture.scaled(width: area.width, height: rows), of: picture, boxes: boxes, thickness: 1, appearance: appearance)
        for y in 0..<area.height {
            for x in 0..<area.width {
                let upper = shade(raster.pixel(x: x, y: unicode ? 2 * y : y), x: x, y: unicode ? 2 * y : y, depth: depth)
                guard unicode else {
                    buffer.put(" ", x: area.x + x, y: area.y + y, style: Style(background: upper))
                    continue
                }
                let lower = shade(raster.pixel(x: x, y: 2 * y + 1), x: x, y: 2 * y + 1, depth: depth)
                let style = Style(foreground: upper, background: lower)
                buffer.put(upper == lower ? " " : "▀", x: area.x + x, y: area.y + y, style: style)
            }
        }
    }

    /// A pixel's colour in what the terminal has. With few colours an ordered pattern of two near ones stands for those between.
    private static func shade(_ color: RGBColor, x: Int, y: Int, depth: ColorDepth) -> TerminalColor {
        let wanted: TerminalColor
        switch depth {
        case .none, .trueColor: return .rgb(color)
        case .palette256: wanted = .rgb(color)
        case .ansi16, .ansi8:
            let pattern = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
            let offset = (pattern[(y & 3) * 4 + (x & 3)] - 8) * 7
            func moved(_ channel: UInt8) -> UInt8 { UInt8(min(255, max(0, Int(channel) + offset))) }
            wanted = .rgb(RGBColor(red: moved(color.red), green: moved(color.green), blue: moved(color.blue)))
        }
        return depth.index(of: wanted).map { .palette(UInt8($0)) } ?? .rgb(color)
    }

    // MARK: Characters

    private static func drawCharacters(
        _ picture: Picture, boxes: [PictureBox], area: Rect, buffer: inout CellBuffer, appearance: Appearance
    ) {
        let ramp: [String] = appearance.capabilities.unicode ? [" ", "░", "▒", "▓", "█"] : [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"]
        let raster = picture.scaled(width: area.width, height: area.height)
        for y in 0..<area.height {
            for x in 0..<area.width {
                let light = PerceivedColor(raster.pixel(x: x, y: y)).lightness
                let step = min(ramp.count - 1, max(0, Int(light * Double(ramp.count))))
                buffer.put(ramp[step], x: area.x + x, y: area.y + y, style: appearance.ground)
            }
        }
        for box in boxes {
            guard let edges = edges(box, picture: picture, width: area.width, height: area.height) else { continue }
            let frame = Rect(
                x: area.x + edges.left, y: area.y + edges.top, width: edges.right - edges.left + 1, height: edges.bottom - edges.top + 1)
            buffer.drawFrame(frame, appearance: appearance)
        }
    }

    // MARK: Labels

    /// Labels stand in the row above their box, or inside it at the picture's top; later ones give way to earlier ones.
    private static func drawLabels(
        _ picture: Picture, boxes: [PictureBox], area: Rect, buffer: inout CellBuffer, appearance: Appearance
    ) {
        var taken = Set<Int>()
        for box in boxes where !box.label.isEmpty {
            guard let edges = edges(box, picture: picture, width: area.width, height: area.height) else { continue }
            let text = box.label.truncated(to: area.width, mark: Character(appearance.glyphs.ellipsis))
            let width = CharacterWidth.columns(of: text)
            let x = area.x + min(edges.left, area.width - width)
            let rows = [edges.top - 1, edges.top, edges.bottom, edges.top + 1].filter { $0 >= 0 && $0 < area.height }
            func cells(_ row: Int) -> [Int] { (x..<x + width).map { (area.y + row) * buffer.size.width + $0 } }
            guard let row = rows.first(where: { taken.isDisjoint(with: cells($0)) }) ?? rows.first else { continue }
            taken.formUnion(cells(row))
            var style = Style(attributes: [.reverse, .bold])
            if let color = appearance.theme.colors[box.role] {
                style = Style(foreground: appearance.readable(on: color), background: color)
            }
            buffer.put(text, x: x, y: area.y + row, style: style)
        }
    }
}
