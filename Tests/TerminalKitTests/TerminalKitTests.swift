import Foundation
import TerminalKit
import Testing

@Suite struct CellTests {
    let style = Style()

    @Test func wideCharactersTakeTwoColumns() {
        #expect(CharacterWidth.columns(of: "a漢é🙂e\u{301}") == 1 + 2 + 1 + 2 + 1)
        var buffer = CellBuffer(size: TerminalSize(width: 6, height: 1))
        buffer.put("漢字x", x: 0, y: 0, style: style)
        #expect(buffer.lines == ["漢字x"])
        #expect(buffer[x: 1, y: 0].width == 0)
        buffer.put("a", x: 1, y: 0, style: style)
        #expect(buffer.lines == [" a字x"])
    }

    @Test func drawingOutsideIsCutOff() {
        var buffer = CellBuffer(size: TerminalSize(width: 3, height: 1))
        buffer.put("abcdef", x: -2, y: 0, style: style)
        buffer.put("x", x: 0, y: 5, style: style)
        buffer.put("漢", x: 2, y: 0, style: style)
        #expect(buffer.lines == ["cde"])
    }

    @Test func textIsCutByColumns() {
        #expect("漢字漢字".truncated(to: 5) == "漢字…")
        #expect("abc".padded(to: 5, alignRight: true) == "  abc")
        #expect("one two three".wrapped(to: 7) == ["one two", "three"])
    }
}

@Suite struct StyleTests {
    @Test func coloursAreQuantisedToTheNearest() throws {
        let red = try #require(RGBColor(hex: "#ff0000")), grey = try #require(RGBColor(hex: "#808080"))
        func index(_ depth: ColorDepth, _ color: RGBColor) -> Int? { depth.index(of: .rgb(color)) }
        #expect(index(.trueColor, red) == 0xFF0000)
        #expect(index(.palette256, red) == 196)
        #expect(index(.palette256, grey) == 244)
        #expect(index(.ansi16, red) == 9)
        #expect(index(.ansi8, red) == 1)
        #expect(index(.none, red) == nil)
    }

    @Test func withoutColoursNoStyleHasAny() {
        let appearance = Appearance(theme: .dark, capabilities: TerminalCapabilities(colors: .none, unicode: true))
        for role in ThemeRole.allCases { #expect(appearance.style(role).foreground == nil) }
        #expect(appearance.ground.background == nil)
    }
}

@Suite struct WidgetTests {
    @Test func textFieldEdits() {
        var field = TextField(text: "ab")
        for key in [Key.left, .character("x"), .home, .delete, .end, .backspace, .character("é")] { _ = field.handle(key) }
        #expect(field.text == "xé")
        #expect(field.cursor == 2)
        let enterIsNotEditing = field.handle(.enter)
        #expect(!enterIsNotEditing)
    }

    @Test func numberFieldKeepsItsRange() {
        var field = NumberField(value: 2, range: 1...3)
        for _ in 0..<5 { _ = field.handle(.right) }
        #expect(field.value == 3)
        _ = field.handle(.character("0"))
        #expect(field.value == nil)
        #expect(field.problem == "a whole number from 1 to 3")
        #expect(NumberField(value: 4, range: 0.1...8, step: 0.5, decimals: 1).field.text == "4.0")
    }

    @Test func dialogCancelsByDefault() {
        var dialog = Dialog(title: "t", text: "x", actions: ["Do"])
        #expect(dialog.handle(.enter) == .cancelled)
        _ = dialog.handle(.right)
        #expect(dialog.handle(.enter) == .chosen(0))
    }

    @Test func pickerFilters() {
        var picker = Picker(title: "t", items: [.init(id: "1", title: "Alpha"), .init(id: "2", title: "Beta")], selected: "1")
        _ = picker.handle(.character("b"))
        #expect(picker.handle(.enter) == .chosen("2"))
        _ = picker.handle(.character("z"))
        #expect(picker.handle(.enter) == .open)
    }
}
