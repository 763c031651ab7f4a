import TerminalKit
import Workbench

/// How often each label occurs in what the run trains and validates on.
struct LabelsTab: RunTabModel {
    enum Order: CaseIterable, Sendable {
        case train, validation, name
    }

    private(set) var labels: [LabelCount]?
    private(set) var problem: String?
    private(set) var order = Order.train
    private(set) var isReversed = false
    private(set) var list = ListState()

    /// The labels in their order, equal ones as the run numbers them.
    var rows: [LabelCount] {
        let numbered = Array((labels ?? []).enumerated())
        let sorted = numbered.sorted { left, right in
            let (first, second) =
                switch order {
                case .train: (left.element.trainCount, right.element.trainCount)
                case .validation: (left.element.valCount, right.element.valCount)
                case .name: (right.offset, left.offset)
                }
            if first == second { return left.offset < right.offset }
            return isReversed ? first < second : first > second
        }
        return sorted.map(\.element)
    }

    mutating func take(_ labels: [LabelCount]) {
        self.labels = labels
        problem = nil
    }

    mutating func fail(_ text: String) { problem = text }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        labels?.isEmpty == false ? nil : problem ?? "There are no labels to show."
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        if let move = action.listMove { list.move(move, count: labels?.count ?? 0) }
        switch action {
        case .pageSort: order = Order.allCases[((Order.allCases.firstIndex(of: order) ?? 0) + 1) % Order.allCases.count]
        case .pageReverse: isReversed.toggle()
        default: break
        }
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [.action(.pageSort), .action(.pageReverse)]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        guard labels?.isEmpty == false else {
            let text = problem ?? (labels == nil ? "Reading the labels…" : "The run's data bears no labels.")
            return buffer.drawAbsence(text, in: rect, appearance: appearance)
        }
        let rows = rows
        let unit = facts.detail?.summary.task == .imageClassification ? "images" : "objects"
        buffer.drawFrame(rect, title: "labels, \(unit)", note: "\(rows.count) labels", noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        guard inner.height >= 2, inner.width >= 24 else { return }
        let nameWidth = min(max(5, rows.map { CharacterWidth.columns(of: $0.name) }.max() ?? 5), max(5, inner.width / 4))
        let numberWidth = max(5, rows.map { String(max($0.trainCount, $0.valCount)).count }.max() ?? 5)
        let half = (inner.width - nameWidth - 2) / 2, barWidth = half - numberWidth - 2
        let arrow = isReversed ? context.glyphs.up : context.glyphs.down
        buffer.put("label" + (order == .name ? arrow : ""), x: inner.x, y: inner.y, style: appearance.muted)
        let most = rows.reduce(1) { max($0, $1.trainCount, $1.valCount) }
        let sides: [(title: String, x: Int, series: Int, own: Order, count: (LabelCount) -> Int)] = [
            ("train", inner.x + nameWidth + 1, 0, .train, { $0.trainCount }),
            ("validation", inner.x + nameWidth + 2 + half, 1, .validation, { $0.valCount }),
        ]
        for side in sides {
            let total = rows.reduce(0) { $0 + side.count($1) }
            let title = "\(side.title) \(total)" + (order == side.own ? arrow : "")
            buffer.put(title.truncated(to: half), x: side.x, y: inner.y, style: appearance.muted)
        }
        for (line, index) in list.visibleRange(count: rows.count, height: inner.height - 1).enumerated() {
            let row = rows[index], y = inner.y + 1 + line
            buffer.put(row.name.truncated(to: nameWidth), x: inner.x, y: y, style: appearance.text)
            for side in sides {
                let count = side.count(row)
                buffer.putRight("\(count)", right: side.x + numberWidth, y: y, style: count == 0 ? appearance.style(.warning) : appearance.text)
                buffer.drawProgressBar(
                    x: side.x + numberWidth + 1, y: y, width: barWidth, fraction: Double(count) / Double(most),
                    filled: appearance.series(side.series), appearance: appearance)
            }
            if index == list.selectedIndex {
                buffer.restyle(Rect(x: inner.x - 1, y: y, width: inner.width + 2, height: 1), appearance.select)
            }
        }
    }
}
