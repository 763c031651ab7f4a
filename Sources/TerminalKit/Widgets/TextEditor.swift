/// Text of several lines with a cursor and a way back. Long lines scroll sideways with the cursor.
package struct TextEditor: Equatable, Sendable {
    /// What an edit changes.
    private struct State: Equatable, Sendable {
        var lines: [String]
        var row: Int
        var column: Int
    }

    private var state: State
    private var before: [State] = []
    private var after: [State] = []
    /// Letters typed one after the other are one step of the way back.
    private var isTyping = false
    private static let steps = 300

    package init(text: String = "") {
        state = State(lines: Self.split(text), row: 0, column: 0)
    }

    package var text: String { state.lines.joined(separator: "\n") }
    package var lines: [String] { state.lines }
    /// The line of the cursor, from 0.
    package var row: Int { state.row }
    /// How many characters of the line stand before the cursor.
    package var column: Int { state.column }

    /// Takes another text in place of this one; undo brings this one back.
    package mutating func replace(with text: String) {
        remember()
        state.lines = Self.split(text)
        move(to: state.row, state.column)
    }

    /// Moves the cursor to the first character of a line that is no space.
    package mutating func go(to row: Int) {
        move(to: row, 0)
        state.column = line.prefix { $0 == " " }.count
    }

    /// Edits the text or moves the cursor; false when the key is none of an editor's.
    package mutating func handle(_ key: Key, page: Int = 10) -> Bool {
        let wasTyping = isTyping
        isTyping = false
        switch key {
        case .character(let character):
            guard CharacterWidth.columns(of: character) > 0, line.count < 10_000 else { return true }
            if !wasTyping { remember() }
            isTyping = true
            state.lines[row].insert(character, at: index(column))
            state.column += 1
        case .tab:
            remember()
            state.lines[row].insert(contentsOf: "  ", at: index(column))
            state.column += 2
        case .enter: breakLine()
        case .paste(let text): insert(text)
        case .backspace: eraseBefore()
        case .delete: eraseAfter()
        case .control("k"):
            remember()
            if column < line.count { state.lines[row].removeSubrange(index(column)...) } else { joinNext() }
        case .control("u"): undo()
        case .control("y"): redo()
        case .up: move(to: row - 1, column)
        case .down: move(to: row + 1, column)
        case .pageUp: move(to: row - page, column)
        case .pageDown: move(to: row + page, column)
        case .left: if column > 0 { state.column -= 1 } else if row > 0 { move(to: row - 1, .max) }
        case .right: if column < line.count { state.column += 1 } else if row + 1 < lines.count { move(to: row + 1, 0) }
        case .home, .control("a"): state.column = 0
        case .end, .control("e"): state.column = line.count
        default: return false
        }
        return true
    }

    private var line: String { state.lines[state.row] }

    private static func split(_ text: String) -> [String] {
        text.replacing("\r\n", with: "\n").replacing("\t", with: "  ").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func index(_ offset: Int) -> String.Index { line.index(line.startIndex, offsetBy: min(offset, line.count)) }

    private mutating func move(to row: Int, _ column: Int) {
        state.row = min(max(0, row), state.lines.count - 1)
        state.column = min(max(0, column), line.count)
    }

    // MARK: Edits

    private mutating func breakLine() {
        remember()
        // The next line begins below this one's text, a step further in after an opening bracket.
        let indent = line.prefix { $0 == " " }.count
        let head = String(line[..<index(column)]), tail = String(line[index(column)...])
        let opens = head.last == "{" || head.last == "["
        let margin = min(indent, column) + (opens ? 2 : 0)
        state.lines[row] = head
        state.lines.insert(String(repeating: " ", count: margin) + tail, at: row + 1)
        move(to: row + 1, margin)
    }

    private mutating func insert(_ text: String) {
        remember()
        let pasted = Self.split(text), tail = String(line[index(column)...]), head = String(line[..<index(column)])
        let end = column + (pasted.first?.count ?? 0)
        guard let first = pasted.first, let last = pasted.last, pasted.count > 1 else {
            state.lines[row] = head + (pasted.first ?? "") + tail
            return move(to: row, end)
        }
        state.lines.replaceSubrange(row...row, with: [head + first] + pasted.dropFirst().dropLast() + [last + tail])
        move(to: row + pasted.count - 1, last.count)
    }

    private mutating func eraseBefore() {
        if column > 0 {
            remember()
            state.lines[row].remove(at: index(column - 1))
            state.column = min(column - 1, line.count)
        } else if row > 0 {
            remember()
            let end = state.lines[row - 1].count
            state.lines[row - 1] += state.lines.remove(at: row)
            move(to: row - 1, end)
        }
    }

    private mutating func eraseAfter() {
        if column < line.count {
            remember()
            state.lines[row].remove(at: index(column))
        } else if row + 1 < lines.count {
            remember()
            joinNext()
        }
    }

    private mutating func joinNext() {
        guard row + 1 < lines.count else { return }
        state.lines[row] += state.lines.remove(at: row + 1)
    }

    // MARK: The way back

    private mutating func remember() {
        before.append(state)
        if before.count > Self.steps { before.removeFirst() }
        after = []
    }

    private mutating func undo() {
        guard let last = before.popLast() else { return }
        after.append(state)
        state = last
    }

    private mutating func redo() {
        guard let next = after.popLast() else { return }
        before.append(state)
        state = next
    }

    // MARK: Drawing

    /// Draws lines with their numbers; lines in `marks` are marked as wrong.
    package func draw(in buffer: inout CellBuffer, rect: Rect, marks: Set<Int>, isFocused: Bool, appearance: Appearance) {
        let digits = String(lines.count).count
        let left = rect.x + digits + 3, width = rect.right - left
        guard width > 1, rect.height > 0 else { return }
        var list = ListState()
        list.select(row, count: lines.count)
        let columns = CharacterWidth.columns(of: String(line.prefix(column)))
        let hidden = max(0, columns - width + 1)
        for (offset, index) in list.visibleRange(count: lines.count, height: rect.height).enumerated() {
            let y = rect.y + offset
            let isMarked = marks.contains(index)
            if isMarked { buffer.put(appearance.glyphs.cross, x: rect.x, y: y, style: appearance.style(.error)) }
            buffer.putRight("\(index + 1)", right: left - 1, y: y, style: isMarked ? appearance.style(.error) : appearance.muted)
            let shown = hidden == 0 ? lines[index] : Self.drop(hidden, from: lines[index])
            buffer.put(shown, x: left, y: y, style: index == row ? appearance.title : appearance.text, right: left + width)
            if index == row, isFocused { buffer.cursor = .init(x: left + columns - hidden, y: y) }
        }
    }

    private static func drop(_ columns: Int, from line: String) -> String {
        var left = columns
        return String(line.drop { character in
            defer { left -= CharacterWidth.columns(of: character) }
            return left > 0
        })
    }
}
