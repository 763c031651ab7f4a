import Foundation
import Testing

@testable import TerminalKit

@Suite struct GraphicsTests {
    private func picture(width: Int, height: Int) throws -> Picture {
        var bytes: [UInt8] = []
        for index in 0..<width * height { bytes += [UInt8(index % 251), UInt8(index % 13 * 19), UInt8(index % 7 * 36)] }
        return try #require(Picture(width: width, height: height, bytes: bytes))
    }

    @Test func kittySendsAllBytesInPieces() throws {
        let picture = try picture(width: 90, height: 60)
        let text = KittyGraphics.show(PlacedPicture(rect: Rect(x: 2, y: 3, width: 9, height: 3), picture: picture))
        let pieces = text.components(separatedBy: "\u{1B}_G").dropFirst().map { $0.replacing("\u{1B}\\", with: "") }
        #expect(pieces.count > 1)
        #expect(pieces.first?.contains("s=90,v=60,c=9,r=3") == true)
        #expect(pieces.dropLast().allSatisfy { $0.contains("m=1;") })
        #expect(pieces.last?.contains("m=0;") == true)
        let payload = pieces.map { piece in piece.split(separator: ";").last.map { String($0) } ?? "" }
        #expect(payload.allSatisfy { $0.utf8.count <= 4096 })
        #expect(Data(base64Encoded: payload.joined()) == Data(picture.bytes))
    }

    /// Reads the sixels back and compares each pixel with the picture in six levels a channel.
    @Test func sixelsShowEveryPixel() throws {
        let picture = try picture(width: 17, height: 14)
        let text = Sixel.encode(picture)
        #expect(text.hasPrefix("\u{1B}P0;1;0q\"1;1;17;14"))
        #expect(text.hasSuffix("\u{1B}\\"))
        var pixels = [Int](repeating: -1, count: 17 * 14)
        let characters = Array(text.dropFirst("\u{1B}P0;1;0q\"1;1;17;14".count).dropLast(2))
        var index = 0, x = 0, top = 0, color = 0
        func number() -> Int {
            var value = 0
            while index < characters.count, let digit = characters[index].wholeNumberValue {
                value = value * 10 + digit
                index += 1
            }
            return value
        }
        while index < characters.count {
            let character = characters[index]
            index += 1
            var count = 1
            switch character {
            case "#":
                color = number()
                // A definition goes on with the kind and three percentages.
                while index < characters.count, characters[index] == ";" {
                    index += 1
                    _ = number()
                }
                continue
            case "$":
                x = 0
                continue
            case "-":
                x = 0
                top += 6
                continue
            case "!":
                count = number()
                index += 1
            default: break
            }
            let bits = Int(characters[index - 1].asciiValue ?? 63) - 63
            for _ in 0..<count {
                for bit in 0..<6 where bits >> bit & 1 == 1 { pixels[(top + bit) * 17 + x] = color }
                x += 1
            }
        }
        func level(_ value: UInt8) -> Int { (Int(value) * 5 + 127) / 255 }
        for place in 0..<17 * 14 {
            let wanted = picture.pixel(x: place % 17, y: place / 17)
            #expect(pixels[place] == 36 * level(wanted.red) + 6 * level(wanted.green) + level(wanted.blue))
        }
    }

    @Test func picturesAreSentOnceAndTakenAway() throws {
        let size = TerminalSize(width: 20, height: 10)
        var buffer = CellBuffer(size: size)
        let empty = buffer
        buffer.pictures = [PlacedPicture(rect: Rect(x: 1, y: 1, width: 4, height: 2), picture: try picture(width: 8, height: 8))]
        let first = PictureUpdate(from: empty, to: buffer, graphics: .kitty)
        #expect(first.sequenceBefore.isEmpty)
        #expect(first.sequenceAfter(depth: .trueColor).contains("\u{1B}[2;2H\u{1B}_Ga=T"))
        let again = PictureUpdate(from: buffer, to: buffer, graphics: .kitty)
        #expect(again.sequenceAfter(depth: .trueColor).isEmpty)
        #expect(PictureUpdate(from: buffer, to: empty, graphics: .kitty).sequenceBefore == KittyGraphics.deleteAll)
        #expect(PictureUpdate(from: buffer, to: empty, graphics: .sixel).needsCleanScreen)
        // A label over sixels is written after them.
        buffer.put("seven", x: 2, y: 1, style: Style(foreground: .palette(1)))
        let labelled = PictureUpdate(from: empty, to: buffer, graphics: .sixel).sequenceAfter(depth: .palette256)
        let sixels = try #require(labelled.range(of: "\u{1B}\\")), label = try #require(labelled.range(of: "\u{1B}[0;38;5;1ms"))
        #expect(sixels.upperBound <= label.lowerBound)
    }
}
