/// A column of a table. Exactly one column of a table may be flexible: it takes the width that is left.
package struct TableColumn: Equatable, Sendable {
    package let title: String
    /// Columns of the terminal; nil is flexible.
    package let width: Int?
    package let alignRight: Bool

    package init(_ title: String, width: Int?, alignRight: Bool = false) {
        self.title = title
        self.width = width
        self.alignRight = alignRight
    }
}

/// Where a table's columns lie, one space between them.
package struct TableLayout: Equatable, Sendable {
    package let columns: [TableColumn]
    package let spans: [Range<Int>]

    package init(columns: [TableColumn], x: Int, width: Int, gap: Int = 1) {
        self.columns = columns
        let fixed = columns.reduce(0) { $0 + ($1.width ?? 0) } + gap * max(0, columns.count - 1)
        let flexible = max(0, width - fixed)
        var start = x
        spans = columns.map { column in
            let end = start + (column.width ?? flexible)
            defer { start = end + gap }
            return start..<end
        }
    }

    package func drawHeader(in buffer: inout CellBuffer, y: Int, appearance: Appearance) {
        for (column, span) in zip(columns, spans) {
            buffer.put(column.title.padded(to: span.count, alignRight: column.alignRight), x: span.lowerBound, y: y, style: appearance.muted)
        }
    }

    package func drawCell(_ text: String, column: Int, y: Int, style: Style, in buffer: inout CellBuffer) {
        let span = spans[column]
        buffer.put(text.padded(to: span.count, alignRight: columns[column].alignRight), x: span.lowerBound, y: y, style: style)
    }
}
