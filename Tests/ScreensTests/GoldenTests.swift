import TerminalKit
import Testing

@testable import Screens

/// What goldens promise of themselves.
@Suite struct GoldenTests {
    private func text(_ change: (inout CellBuffer) -> Void) -> String {
        var buffer = CellBuffer(size: TerminalSize(width: 10, height: 4))
        buffer.put("a word", x: 1, y: 1, style: Style(foreground: .palette(117), attributes: .bold))
        change(&buffer)
        var text = GoldenText(title: "t")
        text.add(buffer, of: GoldenVariant(size: buffer.size, isUnicode: true, isColored: true))
        return text.whole
    }

    @Test func stylesAreHeldAsWellAsText() {
        let plain = text { _ in }
        #expect(plain.contains("a10\na b6 a3\na10\n=1\n") && plain.contains("b fg 117 bold"))
        #expect(Golden.difference(of: plain, from: plain) == nil)
        let changes: [(inout CellBuffer) -> Void] = [
            { $0.restyle(Rect(x: 3, y: 1, width: 1, height: 1)) { $0.attributes = [] } },
            { $0.restyle(Rect(x: 3, y: 1, width: 1, height: 1)) { $0.foreground = .palette(118) } },
            { $0.restyle(Rect(x: 9, y: 3, width: 1, height: 1)) { $0.background = .rgb(RGBColor(red: 1, green: 2, blue: 3)) } },
            { $0.cursor = .init(x: 2, y: 1) },
            { $0.put("b", x: 3, y: 1, style: Style(foreground: .palette(117), attributes: .bold)) },
        ]
        for (index, change) in changes.enumerated() { #expect(Golden.difference(of: text(change), from: plain) != nil, "change \(index)") }
    }
}
