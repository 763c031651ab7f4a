import Testing

@testable import TerminalKit

@Suite struct KeyDecoderTests {
    private func keys(_ text: String) -> [Key] { keys(Array(text.utf8)) }

    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        return (decoder.feed(bytes) + decoder.giveUp()).compactMap { if case .key(let key) = $0 { key } else { nil } }
    }

    static let table: [(String, [Key])] = [
        ("aß漢🙂", [.character("a"), .character("ß"), .character("漢"), .character("🙂")]),
        ("e\u{301}x", [.character("e\u{301}"), .character("x")]),
        ("\u{1}\t\r\u{7F}\u{8}", [.control("a"), .tab, .enter, .backspace, .backspace]),
        ("\u{1B}", [.escape]), ("\u{1B}\u{1B}", [.escape, .escape]), ("\u{1B}x", [.alt("x")]), ("\u{1B}ß", [.alt("ß")]),
        ("\u{1B}[", [.alt("[")]), ("\u{1B}O", [.alt("O")]),
        ("\u{1B}[A\u{1B}OB", [.up, .down]), ("\u{1B}[1;5C", [.modified(.control, .right)]),
        ("\u{1B}[1;2D", [.modified(.shift, .left)]), ("\u{1B}[1;3A", [.modified(.alt, .up)]),
        ("\u{1B}[1;6H", [.modified([.shift, .control], .home)]), ("\u{1B}[3;5~", [.modified(.control, .delete)]),
        ("\u{1B}[a\u{1B}Od", [.modified(.shift, .up), .modified(.control, .left)]),
        ("\u{1B}[H\u{1B}[1~\u{1B}[7~\u{1B}OF\u{1B}[8~", [.home, .home, .home, .end, .end]),
        ("\u{1B}[2~\u{1B}[3~\u{1B}[5~\u{1B}[6~\u{1B}[Z", [.insert, .delete, .pageUp, .pageDown, .backTab]),
        ("\u{1B}OP\u{1B}[11~\u{1B}[[A\u{1B}[1;2P", [.function(1), .function(1), .function(1), .function(1)]),
        ("\u{1B}[15~\u{1B}[17~\u{1B}[21~\u{1B}[24~", [.function(5), .function(6), .function(10), .function(12)]),
        ("\u{1B}[27u\u{1B}[97;5u\u{1B}[9;2u", [.escape, .control("a"), .backTab]),
        ("\u{1B}[27;5;105~", [.control("i")]),
        ("\u{1B}[<0;5;3M\u{1B}[<0;5;3m", [.mouse(.init(.press(.left), x: 4, y: 2)), .mouse(.init(.release(.left), x: 4, y: 2))]),
        ("\u{1B}[<34;1;1M", [.mouse(.init(.drag(.right), x: 0, y: 0))]),
        ("\u{1B}[<80;300;200M", [.mouse(.init(.wheelUp, x: 299, y: 199, modifiers: .control))]),
        ("\u{1B}[<65;1;1M\u{1B}[<35;1;1M\u{1B}[<0;0;0M", [.mouse(.init(.wheelDown, x: 0, y: 0))]),
        ("\u{1B}[M !!", [.mouse(.init(.press(.left), x: 0, y: 0))]),
        ("\u{1B}[200~a\rb\u{1B}[A\u{1B}[201~q", [.paste("a\nb[A"), .character("q")]),
        ("\u{1B}[I\u{1B}[O\u{1B}[99Xa", [.character("a")]),
    ]

    @Test(arguments: table) func sequencesAreKeys(text: String, wanted: [Key]) {
        #expect(keys(text) == wanted)
    }

    /// The same keys come out wherever the bytes are cut, as they are on a slow line.
    @Test(arguments: table) func piecesDoNotMatter(text: String, wanted: [Key]) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count where keys(text) == wanted && wanted != [.character("e\u{301}"), .character("x")] {
            var decoder = KeyDecoder()
            let inputs = decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...]) + decoder.giveUp()
            #expect(inputs == wanted.map { .key($0) }, "cut at \(cut)")
        }
    }

    /// Keys that are typed while the terminal answers come through, in order; no answer becomes a key, however it is cut.
    @Test func answersAreNeverKeys() {
        let answers = "\u{1B}]11;rgb:1515/1818/1d1d\u{1B}\\\u{1B}_Gi=31;OK\u{1B}\\\u{1B}[?2026;2$y\u{1B}[6;18;9t\u{1B}[?62;4;22c"
        let text = "a" + answers.replacing("\u{1B}[?2026", with: "b\u{1B}[?2026") + "c"
        let bytes = Array(text.utf8)
        let wanted: [TerminalInput] = [
            .key(.character("a")), .report(.background(RGBColor(red: 0x15, green: 0x18, blue: 0x1D))),
            .report(.kittyGraphics(isSupported: true)), .key(.character("b")), .report(.mode(2026, isKnown: true)),
            .report(.cellSize(width: 9, height: 18)), .report(.attributes([62, 4, 22])), .key(.character("c")),
        ]
        for cut in 0...bytes.count {
            var decoder = KeyDecoder()
            #expect(decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...]) == wanted, "cut at \(cut)")
        }
        var decoder = KeyDecoder()
        #expect(decoder.feed(Array("\u{1B}]11;rgb:f/8/0\u{7}".utf8)) == [.report(.background(RGBColor(red: 255, green: 136, blue: 0)))])
        #expect(decoder.feed(Array("\u{1B}]11;nonsense\u{7}\u{1B}_Gi=31;EINVAL\u{1B}\\".utf8)) == [.report(.kittyGraphics(isSupported: false))])
    }

    @Test func aLoneEscapeIsDecidedWithinMilliseconds() {
        var decoder = KeyDecoder()
        #expect(decoder.patience == nil)
        #expect(decoder.feed([0x1B]).isEmpty)
        #expect((decoder.patience ?? 1000) <= 20)
        #expect(decoder.giveUp() == [.key(.escape)])
        #expect(decoder.patience == nil)
    }

    @Test func aPasteThatIsCutOffIsNotLost() {
        var decoder = KeyDecoder()
        #expect(decoder.feed(Array("\u{1B}[200~half".utf8)).isEmpty)
        #expect(decoder.giveUp() == [.key(.paste("half"))])
    }

    @Test func withoutUTF8EachByteIsALetter() {
        var decoder = KeyDecoder(isUTF8: false)
        #expect(decoder.feed([0xE9, 0x61]) == [.key(.character("é")), .key(.character("a"))])
    }

    @Test func randomBytesNeverTrapAndNeverStick() {
        var generator = SystemRandom(state: 7)
        var decoder = KeyDecoder()
        for _ in 0..<3000 {
            let bytes = (0..<Int(generator.next() % 12)).map { _ -> UInt8 in
                let value = generator.next()
                return value % 3 == 0 ? 0x1B : value % 3 == 1 ? UInt8(truncatingIfNeeded: value >> 8) : Array("[]OP_\\<;0129~Mu".utf8)[Int(value >> 16) % 15]
            }
            _ = decoder.feed(bytes)
            if generator.next() % 4 == 0 { _ = decoder.giveUp() }
        }
        _ = decoder.giveUp()
        #expect(decoder.feed(Array("x".utf8)) == [.key(.character("x"))])
    }

    private struct SystemRandom {
        var state: UInt64

        mutating func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
    }
}
