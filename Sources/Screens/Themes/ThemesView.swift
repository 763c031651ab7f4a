import Foundation
import TerminalKit
import Workbench

/// Draws the theme screen: the list, and samples of everything that a theme colours.
struct ThemesView {
    let model: ThemesModel
    let context: ViewContext

    private var appearance: Appearance { context.appearance }

    func draw(in buffer: inout CellBuffer) {
        context.drawTop(["Themes"], right: "", in: &buffer)
        guard let entries = model.entries else {
            buffer.put("Reading the themes…", x: 3, y: 2, style: appearance.muted)
            return
        }
        let area = Rect(x: 1, y: 2, width: buffer.size.width - 2, height: buffer.size.height - 4)
        // On a narrow screen the list stands over the samples.
        if area.width >= 70 {
            let (left, right) = area.splitLeft(30)
            drawList(entries, in: left, buffer: &buffer)
            drawSamples(in: Rect(x: right.x + 1, y: right.y, width: right.width - 1, height: right.height), buffer: &buffer)
        } else {
            let (top, rest) = area.splitTop(max(3, min(entries.count, area.height - 6)))
            drawList(entries, in: top, buffer: &buffer)
            drawSamples(in: rest, buffer: &buffer)
        }
    }

    private func drawList(_ entries: [ThemeEntry], in rect: Rect, buffer: inout CellBuffer) {
        for (row, index) in model.list.visibleRange(count: entries.count, height: rect.height).enumerated() {
            let entry = entries[index], y = rect.y + row
            let isMarked = index == model.list.selectedIndex, isWorn = entry.choice == model.wardrobe.choice
            buffer.mark(.row(index), Rect(x: rect.x, y: y, width: rect.width, height: 1))
            buffer.put(isMarked ? context.glyphs.pointer : " ", x: rect.x, y: y, style: appearance.accent)
            buffer.put(entry.title, x: rect.x + 2, y: y, style: entry.theme == nil ? appearance.muted : appearance.text, maximumWidth: rect.width - 9)
            if isWorn { buffer.putRight("worn", right: rect.right - 1, y: y, style: appearance.muted) }
            if entry.problem != nil { buffer.putRight(context.glyphs.warning, right: rect.right - 1, y: y, style: appearance.style(.warning)) }
            if isMarked { buffer.restyle(Rect(x: rect.x, y: y, width: rect.width, height: 1), appearance.select) }
        }
    }

    // MARK: Samples

    private func drawSamples(in rect: Rect, buffer: inout CellBuffer) {
        guard let entry = model.marked, rect.width >= 20, rect.height >= 3 else { return }
        buffer.drawFrame(rect, title: entry.title, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        var lines: [(inout CellBuffer, Int) -> Void] = [
            { buffer, y in buffer.put(entry.summary, x: inner.x, y: y, style: appearance.muted, maximumWidth: inner.width) }
        ]
        for problem in entry.problem.map({ $0.wrapped(to: inner.width) }) ?? [] {
            lines.append { buffer, y in buffer.put(problem, x: inner.x, y: y, style: appearance.style(.warning)) }
        }
        guard entry.theme != nil else { return draw(lines, in: inner, buffer: &buffer) }
        lines += [
            drawStates(inner), drawSelection(inner), drawProgress(inner), drawSeries(inner, lower: false), drawSeries(inner, lower: true), drawGradient(inner),
            { buffer, y in buffer.put(depthText, x: inner.x, y: y, style: appearance.muted, maximumWidth: inner.width) },
        ]
        draw(lines, in: inner, buffer: &buffer)
    }

    /// With room, a free row between the samples.
    private func draw(_ lines: [(inout CellBuffer, Int) -> Void], in inner: Rect, buffer: inout CellBuffer) {
        let gap = inner.height >= 2 * lines.count - 1 ? 2 : 1
        for (index, line) in lines.enumerated() where index * gap < inner.height { line(&buffer, inner.y + index * gap) }
    }

    private func drawStates(_ inner: Rect) -> (inout CellBuffer, Int) -> Void {
        { buffer, y in
            var x = inner.x
            for state in [RunState.running, .success, .pending, .failed] {
                let text = state.glyph(context.glyphs) + " " + state.rawValue
                guard x + CharacterWidth.columns(of: text) <= inner.right else { break }
                x = buffer.put(text, x: x, y: y, style: appearance.style(state.role)) + 2
            }
        }
    }

    private func drawSelection(_ inner: Rect) -> (inout CellBuffer, Int) -> Void {
        { buffer, y in
            let row = Rect(x: inner.x, y: y, width: min(inner.width, 44), height: 1)
            var x = buffer.put(context.glyphs.pointer + " a marked row", x: row.x, y: y, style: appearance.text, maximumWidth: row.width) + 2
            x = buffer.put("muted", x: x, y: y, style: appearance.muted, maximumWidth: row.right - x) + 2
            buffer.put(RunState.success.glyph(context.glyphs) + " success", x: x, y: y, style: appearance.style(.success), maximumWidth: row.right - x)
            buffer.restyle(row, appearance.select)
        }
    }

    private func drawProgress(_ inner: Rect) -> (inout CellBuffer, Int) -> Void {
        { buffer, y in
            let width = min(inner.width - 6, 38)
            buffer.drawProgressBar(x: inner.x, y: y, width: width, fraction: 0.62, filled: appearance.accent, appearance: appearance)
            buffer.put("62 %", x: inner.x + max(0, width) + 1, y: y, style: appearance.text, maximumWidth: inner.right - inner.x - max(0, width) - 1)
        }
    }

    /// Four lines' colours, each with its number.
    private func drawSeries(_ inner: Rect, lower: Bool) -> (inout CellBuffer, Int) -> Void {
        { buffer, y in
            for place in 0..<4 {
                let index = place + (lower ? 4 : 0), x = inner.x + place * 11
                guard x + 9 <= inner.right else { break }
                buffer.put(String(repeating: context.glyphs.barFull, count: 4) + " \(index + 1)", x: x, y: y, style: appearance.series(index))
            }
        }
    }

    private func drawGradient(_ inner: Rect) -> (inout CellBuffer, Int) -> Void {
        { buffer, y in
            let cells = max(2, min(11, inner.width / 4))
            for cell in 0..<cells {
                let fraction = Double(cell) / Double(cells - 1)
                let number = String(Int((fraction * 100).rounded())).padded(to: 3, alignRight: true) + " "
                buffer.put(number, x: inner.x + 4 * cell, y: y, style: appearance.gradient(fraction) ?? appearance.text)
            }
        }
    }

    private var depthText: String {
        switch appearance.capabilities.colors {
        case .trueColor: "This terminal shows every colour as it is written."
        case .palette256: "Shown with the nearest of 256 colours."
        case .ansi16: "Shown with 16 colours."
        case .ansi8: "Shown with 8 colours."
        case .none: "Shown without colours."
        }
    }
}
