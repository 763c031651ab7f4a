import Testing

@testable import TerminalKit

@Suite struct EditorTests {
    private let appearance = Appearance(theme: .dark, capabilities: TerminalCapabilities(colors: .palette256, unicode: true))

    @Test func linesAreBrokenJoinedAndUndone() {
        var editor = TextEditor(text: "{\n  \"a\": 1\n}")
        _ = editor.handle(.end)
        _ = editor.handle(.enter)
        for character in "\"b\": 2," { _ = editor.handle(.character(character)) }
        #expect(editor.text == "{\n  \"b\": 2,\n  \"a\": 1\n}")
        _ = editor.handle(.control("u"))
        #expect(editor.text == "{\n  \n  \"a\": 1\n}")
        _ = editor.handle(.control("u"))
        #expect(editor.text == "{\n  \"a\": 1\n}")
        _ = editor.handle(.control("y"))
        _ = editor.handle(.control("y"))
        #expect(editor.lines[1] == "  \"b\": 2,")
        _ = editor.handle(.home)
        _ = editor.handle(.backspace)
        #expect(editor.lines[0] == "{  \"b\": 2,")
    }

    @Test func longLinesScrollWithTheCursor() {
        var editor = TextEditor(text: String(repeating: "abcdefghij", count: 10))
        var buffer = CellBuffer(size: TerminalSize(width: 30, height: 3))
        editor.draw(in: &buffer, rect: buffer.bounds, marks: [0], isFocused: true, appearance: appearance)
        #expect(buffer.lines[0].contains("1 abcdefghij"))
        _ = editor.handle(.end)
        var scrolled = CellBuffer(size: TerminalSize(width: 30, height: 3))
        editor.draw(in: &scrolled, rect: scrolled.bounds, marks: [], isFocused: true, appearance: appearance)
        #expect(scrolled.lines[0].hasSuffix("ghij") && scrolled.cursor?.x == 29)
    }

    @Test func randomKeysNeverTrap() {
        let keys: [Key] = [
            .enter, .backspace, .delete, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .tab, .control("u"), .control("y"), .control("k"),
            .character("é"), .character("漢"), .character("{"), .character(" "),
        ]
        var editor = TextEditor(text: "{\n  \"a\": [1, 2]\n}"), state: UInt64 = 7
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            _ = editor.handle(keys[Int(state >> 33) % keys.count])
            #expect(editor.row < editor.lines.count && editor.column <= editor.lines[editor.row].count)
        }
    }

    @Test func aMultiPickerMarksWhatPassesTheFilter() {
        var picker = MultiPicker(title: "Operations", items: ["Rotate", "Equalize", "Invert"].map { .init(id: $0, title: $0) }, chosen: ["Invert"])
        for character in "equ" { _ = picker.handle(.character(character)) }
        _ = picker.handle(.character(" "))
        #expect(picker.handle(.enter) == .chosen(["Equalize", "Invert"]))
    }
}
