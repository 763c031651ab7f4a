/// One column of one row. A wide character has width 2 and is followed by a cell of width 0.
package struct Cell: Equatable, Sendable {
    package var character: Character
    package var style: Style
    package var width: Int

    package init(character: Character = " ", style: Style = Style(), width: Int = 1) {
        self.character = character
        self.style = style
        self.width = width
    }
}

/// A screen as a value: what a view returns, what a driver shows, what tests read.
///
/// Everything that is drawn outside is cut off, so a view needs no care at small sizes.
package struct CellBuffer: Equatable, Sendable {
    package let size: TerminalSize
    package private(set) var cells: [Cell]
    /// Where the text cursor stands; nil hides it.
    package var cursor: CursorPosition?
    /// What can be clicked, the topmost last.
    package private(set) var hitRegions: [HitRegion] = []
    /// Pictures for terminals that show them finer than cells; the cells over one stay blank but for labels.
    package internal(set) var pictures: [PlacedPicture] = []

    package struct CursorPosition: Equatable, Sendable {
        package var x: Int
        package var y: Int

        package init(x: Int, y: Int) {
            self.x = x
            self.y = y
        }
    }

    package init(size: TerminalSize, style: Style = Style()) {
        self.size = size
        cells = Array(repeating: Cell(style: style), count: size.width * size.height)
    }

    package var bounds: Rect { Rect(x: 0, y: 0, width: size.width, height: size.height) }

    /// The cell at a place inside the buffer.
    package subscript(x x: Int, y y: Int) -> Cell {
        precondition(x >= 0 && y >= 0 && x < size.width && y < size.height, "cell outside the buffer")
        return cells[y * size.width + x]
    }

    /// Writes text from a column on and returns the column after it. Text of more than `maximumWidth` columns ends in an ellipsis.
    /// A style without background keeps the background that is there.
    @discardableResult
    package mutating func put(_ text: String, x: Int, y: Int, style: Style, maximumWidth: Int) -> Int {
        put(text.truncated(to: maximumWidth), x: x, y: y, style: style)
    }

    /// Writes text from a column on and returns the column after it; it just ends before the column `right`, as text that scrolls does.
    @discardableResult
    package mutating func put(_ text: String, x: Int, y: Int, style: Style, right: Int = .max) -> Int {
        guard y >= 0, y < size.height else { return x }
        var column = x
        let limit = min(size.width, right)
        for character in text {
            let width = CharacterWidth.columns(of: character)
            guard width > 0 else { continue }
            guard column + width <= limit else { break }
            if column >= 0 { set(character, width: width, x: column, y: y, style: style) }
            column += width
        }
        return column
    }

    /// Writes one character that is known to be narrow: charts write thousands of them.
    mutating func putNarrow(_ character: Character, x: Int, y: Int, style: Style) {
        guard x >= 0, y >= 0, x < size.width, y < size.height else { return }
        set(character, width: 1, x: x, y: y, style: style)
    }

    /// Writes text so that it ends before the column `right`.
    package mutating func putRight(_ text: String, right: Int, y: Int, style: Style) {
        put(text, x: right - CharacterWidth.columns(of: text), y: y, style: style)
    }

    package mutating func fill(_ rect: Rect, character: Character = " ", style: Style) {
        let top = max(0, rect.y), bottom = min(size.height, rect.bottom)
        let left = max(0, rect.x), right = min(size.width, rect.right)
        guard top < bottom, left < right else { return }
        for y in top..<bottom {
            for x in left..<right { set(character, width: 1, x: x, y: y, style: style) }
        }
    }

    /// Blanks cells and gives them the terminal's own ground, whatever lay there.
    mutating func clear(_ rect: Rect) {
        fill(rect, style: Style())
        restyle(rect) { $0 = Style() }
    }

    /// Makes a rectangle answer to clicks.
    package mutating func mark(_ hit: Hit, _ rect: Rect) {
        hitRegions.append(HitRegion(rect: rect, hit: hit))
    }

    /// Leaves nothing to click: what is drawn next lies over all.
    package mutating func clearHits() {
        hitRegions = []
    }

    /// Restyles cells, keeping their characters: a selected row, for example.
    package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
        let top = max(0, rect.y), bottom = min(size.height, rect.bottom)
        let left = max(0, rect.x), right = min(size.width, rect.right)
        guard top < bottom, left < right else { return }
        for y in top..<bottom {
            for x in left..<right { change(&cells[y * size.width + x].style) }
        }
    }

    private mutating func set(_ character: Character, width: Int, x: Int, y: Int, style: Style) {
        // Half of a wide character cannot be shown: what is left of one becomes a space.
        clearHalf(x: x, y: y)
        if width == 2 { clearHalf(x: x + 1, y: y) }
        let index = y * size.width + x
        var own = style
        if own.background == nil { own.background = cells[index].style.background }
        cells[index] = Cell(character: character, style: own, width: width)
        if width == 2 { cells[index + 1] = Cell(character: " ", style: own, width: 0) }
    }

    private mutating func clearHalf(x: Int, y: Int) {
        let index = y * size.width + x
        if cells[index].width == 0, x > 0 {
            cells[index - 1] = Cell(style: cells[index - 1].style)
            cells[index].width = 1
        } else if cells[index].width == 2, x + 1 < size.width {
            cells[index + 1] = Cell(style: cells[index + 1].style)
        }
    }

    /// Leaves only ASCII: dashes, dots and the like take their plain forms, other characters become question marks.
    package mutating func reduceToASCII() {
        let plain: [Character: Character] = [
            "…": "~", "–": "-", "—": "-", "×": "x", "›": ">", "↵": "<", "↓": "v", "↑": "^", "←": "<", "→": ">", "’": "'",
        ]
        for index in cells.indices where !cells[index].character.isASCII {
            cells[index].character = plain[cells[index].character] ?? "?"
            // A question mark is narrow; the second half of a wide character becomes a space.
            if cells[index].width == 2 {
                cells[index].width = 1
                cells[index + 1].width = 1
            }
        }
    }

    /// The rows as text, without the spaces at their ends.
    package var lines: [String] {
        (0..<size.height).map { y in
            var line = ""
            for cell in cells[(y * size.width)..<((y + 1) * size.width)] where cell.width > 0 { line.append(cell.character) }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    package var text: String { lines.joined(separator: "\n") }
}
