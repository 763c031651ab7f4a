import TerminalKit
import Workbench

/// Every class with its average precision, as bars that can be sorted.
struct ClassesTab: RunTabModel {
    enum Order: String, CaseIterable, Sendable {
        case main, ap50, precision, recall, f1, count, label
    }

    private(set) var order = Order.main
    private(set) var isReversed = false
    private(set) var list = ListState()

    struct Row: Equatable {
        let label: Int
        let name: String
        /// Nil for a class that no validation image bears.
        let result: EvaluationFindings.ClassResult?

        /// AP50-95, or the AP of a classifier.
        var main: Double { result.map { $0.ap50To95 ?? $0.ap50 } ?? -1 }
    }

    /// The classes in their order; those without anything to measure come last.
    func rows(_ findings: EvaluationFindings) -> [Row] {
        let results = Dictionary(findings.classes.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = findings.labels.indices.map { Row(label: $0, name: findings.labels[$0], result: results[$0]) }
        func comes(_ left: Row, before right: Row) -> Bool {
            if (left.result == nil) != (right.result == nil) { return left.result != nil }
            let values: (Double, Double) =
                switch order {
                case .main: (left.main, right.main)
                case .ap50: (left.result?.ap50 ?? -1, right.result?.ap50 ?? -1)
                case .precision: (left.result?.precision ?? -1, right.result?.precision ?? -1)
                case .recall: (left.result?.recall ?? -1, right.result?.recall ?? -1)
                case .f1: (left.result?.f1 ?? -1, right.result?.f1 ?? -1)
                case .count: (Double(left.result?.truthCount ?? -1), Double(right.result?.truthCount ?? -1))
                case .label: (Double(right.label), Double(left.label))
                }
            if values.0 == values.1 { return left.label < right.label }
            return isReversed ? values.0 < values.1 : values.0 > values.1
        }
        return rows.sorted(by: comes)
    }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        facts.evaluation.found == nil ? facts.evaluation.absence(facts.detail?.summary) : nil
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        if let move = action.listMove { list.move(move, count: facts.evaluation.found?.findings.labels.count ?? 0) }
        switch action {
        case .pageSort: order = Order.allCases[((Order.allCases.firstIndex(of: order) ?? 0) + 1) % Order.allCases.count]
        case .pageReverse: isReversed.toggle()
        default: break
        }
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [.action(.pageSort), .action(.pageReverse), .action(.pageEvaluation)]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        guard let evaluation = facts.evaluation.found else {
            return buffer.drawAbsence(facts.evaluation.absence(facts.detail?.summary), in: rect, appearance: appearance)
        }
        let isDetection = facts.detail?.summary.task == .objectDetection
        let findings = evaluation.findings, rows = rows(findings)
        let note = "\(evaluation.isBest ? "best" : "newest"), epoch \(evaluation.epoch), \(findings.imageCount) images"
        buffer.drawFrame(rect, title: isDetection ? "AP by class" : "AP by class, one against the rest", note: note, noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        guard inner.height >= 2, inner.width >= 20 else { return }
        let arrow = isReversed ? context.glyphs.up : context.glyphs.down
        func head(_ title: String, _ own: Order) -> String { own == order ? title + arrow : title }
        let nameWidth = min(max(8, findings.labels.map { CharacterWidth.columns(of: $0) }.max() ?? 8), max(8, inner.width / 4))
        var columns: [(title: String, width: Int, text: (EvaluationFindings.ClassResult) -> String)] = [
            (head(isDetection ? "AP50-95" : "AP", .main), 8, { LineChart.value($0.ap50To95 ?? $0.ap50) })
        ]
        if isDetection { columns.append((head("AP50", .ap50), 6, { LineChart.value($0.ap50) })) }
        columns += [
            (head("precision", .precision), 10, { LineChart.value($0.precision) }), (head("recall", .recall), 7, { LineChart.value($0.recall) }),
            (head("F1", .f1), 6, { LineChart.value($0.f1) }), (head(isDetection ? "objects" : "images", .count), 8, { "\($0.truthCount)" }),
        ]
        // What does not fit beside a bar of ten columns is left out from the end.
        while columns.count > 1, nameWidth + 12 + columns.reduce(0, { $0 + $1.width + 1 }) > inner.width { columns.removeLast() }
        let taken = columns.reduce(0) { $0 + $1.width + 1 }
        let barX = inner.x + nameWidth + 1, barWidth = inner.width - nameWidth - 1 - taken
        buffer.put(head("label", .label), x: inner.x, y: inner.y, style: appearance.muted)
        var x = barX + barWidth + 1
        for column in columns {
            buffer.putRight(column.title, right: x + column.width, y: inner.y, style: appearance.muted)
            x += column.width + 1
        }
        let height = inner.height - 1
        for (line, index) in list.visibleRange(count: rows.count, height: height).enumerated() {
            let row = rows[index], y = inner.y + 1 + line
            buffer.put(row.name.truncated(to: nameWidth), x: inner.x, y: y, style: appearance.text)
            if let result = row.result {
                buffer.drawProgressBar(x: barX, y: y, width: barWidth, fraction: row.main, filled: appearance.series(0), appearance: appearance)
                var x = barX + barWidth + 1
                for column in columns {
                    buffer.putRight(column.text(result), right: x + column.width, y: y, style: appearance.text)
                    x += column.width + 1
                }
            } else {
                buffer.put("not in the validation data", x: barX, y: y, style: appearance.muted, maximumWidth: inner.right - barX)
            }
            if index == list.selectedIndex {
                buffer.restyle(Rect(x: inner.x - 1, y: y, width: inner.width + 2, height: 1), appearance.select)
            }
        }
    }
}
