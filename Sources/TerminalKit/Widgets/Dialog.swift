/// A question over the screen. The first button cancels and has the focus, so that a hasty Enter harms nothing.
/// Where much would be lost, a name must be typed before an action is taken.
package struct Dialog: Equatable, Sendable {
    package let title: String
    package let text: String
    package let buttons: [String]
    package private(set) var focused = 0
    /// What must be typed; nil asks for nothing.
    package let requiredName: String?
    package private(set) var typed = TextField(maximumLength: 80)
    /// True after an action was asked for without the name.
    package private(set) var misses = false

    package init(title: String, text: String, actions: [String], cancel: String = "Cancel", requiredName: String? = nil) {
        self.title = title
        self.text = text
        self.requiredName = requiredName
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
        case .escape: return .cancelled
        case .enter:
            if focused == 0 { return .cancelled }
            misses = requiredName.map { $0 != typed.text } ?? false
            if !misses { return .chosen(focused - 1) }
        case .character("q") where requiredName == nil: return .cancelled
        default:
            misses = false
            if requiredName != nil { _ = typed.handle(key) }
        }
        return .open
    }

    /// Takes the button that was clicked.
    package mutating func click(_ hit: Hit) -> Outcome {
        guard case .button(let index) = hit, buttons.indices.contains(index) else { return .open }
        focused = index
        return handle(.enter)
    }

    package func draw(in buffer: inout CellBuffer, appearance: Appearance) {
        buffer.clearHits()
        let buttonWidth = buttons.reduce(0) { $0 + CharacterWidth.columns(of: $1) + 6 }
        let width = min(buffer.size.width - 2, max(50, buttonWidth + 4))
        // Buttons that do not fit beside each other stand below each other.
        let isStacked = buttonWidth + 4 > width
        let buttonRows = isStacked ? buttons.count : 1
        let extra = requiredName == nil ? 0 : 2
        let lines = text.wrapped(to: width - 4, lines: max(1, buffer.size.height - 4 - buttonRows - extra))
        let rect = buffer.bounds.centered(width: width, height: lines.count + 4 + buttonRows + extra)
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: title, appearance: appearance)
        for (index, line) in lines.enumerated() { buffer.put(line, x: rect.x + 2, y: rect.y + 1 + index, style: appearance.text) }
        if let requiredName {
            let y = rect.y + 2 + lines.count
            let ask = misses ? "Not the name. Type " : "Type "
            let x = buffer.put("\(ask)\(requiredName) ", x: rect.x + 2, y: y, style: misses ? appearance.style(.error) : appearance.muted, maximumWidth: width - 14)
            typed.draw(in: &buffer, x: x, y: y, width: rect.right - 2 - x, isFocused: true, appearance: appearance)
        }
        var x = rect.x + 2, y = rect.bottom - 1 - buttonRows
        for (index, button) in buttons.enumerated() {
            let start = x
            let isFocused = index == focused
            let label = isFocused ? " \(appearance.glyphs.pointer) \(button) " : "   \(button) "
            x = buffer.put(label, x: x, y: y, style: isFocused ? appearance.title : appearance.muted, maximumWidth: rect.right - 1 - x)
            buffer.mark(.button(index), Rect(x: start, y: y, width: x - start, height: 1))
            if isFocused {
                buffer.restyle(Rect(x: start, y: y, width: x - start, height: 1), appearance.select)
            }
            x += 1
            if isStacked { (x, y) = (rect.x + 2, y + 1) }
        }
    }
}
