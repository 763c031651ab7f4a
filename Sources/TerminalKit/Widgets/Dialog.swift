/// A question over the screen. The first button cancels and has the focus, so that a hasty Enter harms nothing.
package struct Dialog: Equatable, Sendable {
    package let title: String
    package let text: String
    package let buttons: [String]
    package private(set) var focused = 0

    package init(title: String, text: String, actions: [String], cancel: String = "Cancel") {
        self.title = title
        self.text = text
        buttons = [cancel] + actions
    }

    package enum Outcome: Equatable, Sendable {
        case open, cancelled
        /// The index among the actions.
        case chosen(Int)
    }

    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .left, .backTab, .up: focused = (focused + buttons.count - 1) % buttons.count
        case .right, .tab, .down: focused = (focused + 1) % buttons.count
        case .escape, .control("c"), .character("q"): return .cancelled
        case .enter: return focused == 0 ? .cancelled : .chosen(focused - 1)
        default: break
        }
        return .open
    }

    package func draw(in buffer: inout CellBuffer, appearance: Appearance) {
        let buttonWidth = buttons.reduce(0) { $0 + CharacterWidth.columns(of: $1) + 6 }
        let width = min(buffer.size.width - 2, max(50, buttonWidth + 4))
        let lines = text.wrapped(to: width - 4)
        let rect = buffer.bounds.centered(width: width, height: lines.count + 5)
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: title, appearance: appearance)
        for (index, line) in lines.enumerated() { buffer.put(line, x: rect.x + 2, y: rect.y + 1 + index, style: appearance.text) }
        var x = rect.x + 2
        for (index, button) in buttons.enumerated() {
            let start = x
            let isFocused = index == focused
            let label = isFocused ? " \(appearance.glyphs.pointer) \(button) " : "   \(button) "
            x = buffer.put(label, x: x, y: rect.bottom - 2, style: isFocused ? appearance.title : appearance.muted)
            if isFocused {
                buffer.restyle(Rect(x: start, y: rect.bottom - 2, width: x - start, height: 1), appearance.select)
            }
            x += 1
        }
    }
}
