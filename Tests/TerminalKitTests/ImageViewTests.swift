import Testing

@testable import TerminalKit

@Suite struct ImageViewTests {
    /// Left half red, right half blue, and one white pixel.
    private func picture(width: Int = 16, height: Int = 16) throws -> Picture {
        var bytes: [UInt8] = []
        for _ in 0..<height {
            for x in 0..<width { bytes += x < width / 2 ? [255, 0, 0] : [0, 0, 255] }
        }
        return try #require(Picture(width: width, height: height, bytes: bytes))
    }

    private func draw(
        _ picture: Picture, boxes: [PictureBox] = [], width: Int, height: Int, capabilities: TerminalCapabilities
    ) -> (buffer: CellBuffer, area: Rect) {
        let appearance = Appearance(theme: .dark, capabilities: capabilities)
        var buffer = CellBuffer(size: TerminalSize(width: width, height: height), style: appearance.ground)
        let area = ImageView.draw(picture, boxes: boxes, in: buffer.bounds, buffer: &buffer, appearance: appearance)
        return (buffer, area)
    }

    @Test func bytesMustFitTheSize() {
        #expect(Picture(width: 2, height: 2, bytes: [0]) == nil)
        #expect(Picture(width: 0, height: 0, bytes: []) == nil)
    }

    @Test func halfBlocksShowTwoPixelsACell() throws {
        let picture = try #require(Picture(width: 2, height: 2, bytes: [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 255]))
        let (buffer, area) = draw(picture, width: 2, height: 1, capabilities: .init(colors: .trueColor, unicode: true))
        #expect(area == Rect(x: 0, y: 0, width: 2, height: 1))
        let cell = buffer[x: 0, y: 0]
        #expect(cell.character == "▀")
        #expect(cell.style.foreground == .rgb(RGBColor(red: 255, green: 0, blue: 0)))
        #expect(cell.style.background == .rgb(RGBColor(red: 0, green: 0, blue: 255)))
        #expect(buffer[x: 1, y: 0].style.foreground == .rgb(RGBColor(red: 0, green: 255, blue: 0)))
    }

    @Test func proportionsAreKeptAndThePictureIsCentred() throws {
        let (_, area) = draw(try picture(), width: 40, height: 10, capabilities: .init(colors: .palette256, unicode: true))
        #expect(area == Rect(x: 10, y: 0, width: 20, height: 10))
        let wide = draw(try picture(width: 40, height: 10), width: 20, height: 20, capabilities: .init(colors: .palette256, unicode: true))
        #expect(wide.area.width == 20)
        #expect(wide.area.height == 3)
    }

    @Test func scalingTakesTheMean() throws {
        let small = try picture().scaled(width: 1, height: 1)
        #expect(small.pixel(x: 0, y: 0) == RGBColor(red: 128, green: 0, blue: 128))
        let large = try picture().scaled(width: 64, height: 3)
        #expect(large.pixel(x: 63, y: 2) == RGBColor(red: 0, green: 0, blue: 255))
    }

    @Test func fewColoursStayInThePalette() throws {
        for depth in [ColorDepth.ansi8, .ansi16, .palette256] {
            let (buffer, area) = draw(try picture(), width: 16, height: 8, capabilities: .init(colors: depth, unicode: true))
            for x in area.x..<area.right {
                for case .palette(let index)? in [buffer[x: x, y: 1].style.foreground, buffer[x: x, y: 1].style.background] {
                    #expect(Int(index) < depth.rawValue)
                }
            }
            let left = buffer[x: 1, y: 1].style.background, right = buffer[x: 14, y: 1].style.background
            #expect(left != right)
        }
    }

    @Test func withoutColoursCharactersShowBrightness() throws {
        let bytes = (0..<8).flatMap { _ in (0..<8).flatMap { x in [UInt8](repeating: UInt8(x * 36), count: 3) } }
        let ramp = try #require(Picture(width: 8, height: 8, bytes: bytes))
        let (buffer, _) = draw(ramp, width: 8, height: 4, capabilities: .init(colors: .none, unicode: false))
        let row = buffer.lines[1]
        #expect(row.allSatisfy { $0.isASCII })
        #expect(Set(row).count >= 5)
        #expect(row.hasSuffix("@"))
    }

    @Test func boxesAndLabelsLieOverThePicture() throws {
        let box = PictureBox(x: 4, y: 6, width: 8, height: 8, label: "seven 0.93", role: .success)
        for colors in [ColorDepth.trueColor, .none] {
            let (buffer, _) = draw(try picture(), boxes: [box], width: 32, height: 16, capabilities: .init(colors: colors, unicode: true))
            #expect(buffer.text.contains("seven 0.93"))
        }
        let (plain, _) = draw(try picture(), width: 32, height: 16, capabilities: .init(colors: .trueColor, unicode: true))
        let (boxed, _) = draw(try picture(), boxes: [box], width: 32, height: 16, capabilities: .init(colors: .trueColor, unicode: true))
        #expect(plain[x: 8, y: 10] != boxed[x: 8, y: 10])
        #expect(plain[x: 12, y: 10] == boxed[x: 12, y: 10])
    }

    @Test func pixelsGoBesideTheCellsWhereTheTerminalTakesThem() throws {
        let box = PictureBox(x: 4, y: 6, width: 8, height: 8, label: "seven", role: .success)
        let (buffer, area) = draw(
            try picture(), boxes: [box], width: 20, height: 10,
            capabilities: .init(colors: .palette256, unicode: true, graphics: .kitty, cellSize: PixelSize(width: 10, height: 20)))
        let placed = try #require(buffer.pictures.first)
        #expect(placed.rect == area)
        #expect(placed.picture.width == area.width * 10)
        #expect(buffer.text.contains("seven"))
        #expect(buffer[x: area.x, y: area.y].style == Style())
    }

    @Test func strangeBoxesAndSizesDraw() throws {
        let boxes = [
            PictureBox(x: .nan, y: 0, width: 1, height: 1, role: .error), PictureBox(x: -50, y: -50, width: 500, height: 500, label: "x", role: .error),
            PictureBox(x: 15.9, y: 15.9, width: 0, height: 0, label: String(repeating: "long ", count: 30), role: .error),
        ]
        for width in [0, 1, 2, 7] {
            for colors in ColorDepth.allCases {
                _ = draw(try picture(), boxes: boxes, width: width, height: width, capabilities: .init(colors: colors, unicode: colors > .ansi8))
            }
        }
    }
}
