import TerminalKit
import Workbench

/// Draws a run's metrics: as many panels as have room.
struct LiveView {
    let model: LiveModel
    let context: ViewContext

    func draw(in rect: Rect, of buffer: inout CellBuffer) {
        guard let detail = model.detail else { return }
        var area = rect
        if detail.summary.status.isTerminal, model.zoomed == nil, area.height >= 15 {
            let (top, rest) = area.splitTop(min(5, RunSummaryPanel(detail: detail, context: context).height))
            RunSummaryPanel(detail: detail, context: context).draw(in: &buffer, rect: top)
            area = rest
        }
        drawPanels(detail, area: area, in: &buffer)
    }

    private func drawPanels(_ detail: RunDetail, area: Rect, in buffer: inout CellBuffer) {
        let panels = model.panels
        if let zoomed = model.zoomed {
            return draw(zoomed, number: (panels.firstIndex(of: zoomed) ?? 0) + 1, detail, rect: area, in: &buffer)
        }
        for (index, rect) in PanelGrid.rects(count: panels.count, first: model.firstPanel, area: area) {
            draw(panels[index], number: index + 1, detail, rect: rect, in: &buffer)
        }
    }

    private func draw(_ panel: LivePanel, number: Int, _ detail: RunDetail, rect: Rect, in buffer: inout CellBuffer) {
        buffer.mark(.panel(number - 1), rect)
        if panel == .log {
            return RunPanel(model: model, detail: detail, context: context, number: number).draw(in: &buffer, rect: rect)
        }
        model.chart(
            panel, number: number, glyphs: context.lineGlyphs, emptyText: emptyText(panel, detail)
        ).draw(in: &buffer, rect: rect, appearance: context.appearance)
    }

    private func emptyText(_ panel: LivePanel, _ detail: RunDetail) -> String {
        if detail.summary.status.isTerminal { return panel.isDense || panel == .learningRate ? "No step was made." : "It was never evaluated." }
        if detail.step == 0, !detail.phase.isEmpty { return detail.phase + context.glyphs.ellipsis }
        return panel.isDense || panel == .learningRate ? "Comes with the first steps." : "Comes with the first evaluation."
    }
}

/// How panels share the screen: one column where it is narrow, a grid where it is not.
enum PanelGrid {
    /// The least height at which a chart still says something.
    private static let leastHeight = 9

    /// The panels that have room, from the first wanted one on, and where they lie.
    static func rects(count: Int, first: Int, area: Rect) -> [(index: Int, rect: Rect)] {
        guard count > 0, !area.isEmpty else { return [] }
        let columns = area.width < 100 ? 1 : area.width < 200 ? 2 : 3
        let fittingRows = max(1, area.height / leastHeight)
        let rows = min(fittingRows, (count + columns - 1) / columns)
        let start = rows * columns >= count ? 0 : min(max(0, first), count - rows * columns)
        var result: [(Int, Rect)] = []
        for row in 0..<rows {
            let y = area.y + area.height * row / rows, bottom = area.y + area.height * (row + 1) / rows
            let from = start + row * columns, number = min(columns, count - from)
            for column in 0..<max(0, number) {
                let x = area.x + area.width * column / number, right = area.x + area.width * (column + 1) / number
                result.append((from + column, Rect(x: x, y: y, width: right - x, height: bottom - y)))
            }
        }
        return result
    }
}
