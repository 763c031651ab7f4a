import Foundation
import TerminalKit

/// Draws the app: the open screen, then what lies over it.
enum AppView {
    static let minimumSize = TerminalSize(width: 40, height: 12)

    static func draw(_ model: AppModel, size: TerminalSize, appearance: Appearance, timeZone: TimeZone) -> CellBuffer {
        var buffer = CellBuffer(size: size, style: appearance.ground)
        let context = ViewContext(appearance: appearance, timeZone: timeZone, now: model.now)
        guard size.width >= minimumSize.width, size.height >= minimumSize.height else {
            drawTooSmall(in: &buffer, appearance: appearance)
            return buffer
        }
        switch model.screen {
        case .runs: RunsView(model: model.runs, context: context).draw(in: &buffer)
        case .wizard:
            if let wizard = model.wizard {
                WizardView(model: wizard, context: context).draw(in: &buffer)
            } else {
                context.drawTop(["New run", "Quick Start"], right: "", in: &buffer)
                buffer.put(model.busy ?? "", x: 3, y: 3, style: appearance.text)
                buffer.put("The first time, this draws some hundred images; it takes seconds.", x: 3, y: 4, style: appearance.muted)
                buffer.drawKeyHints([KeyHint("Esc", "back", essential: true)], y: size.height - 1, appearance: appearance)
            }
        case .live:
            if let live = model.live { LiveView(model: live, context: context).draw(in: &buffer) }
        }
        if let notice = model.notice {
            drawLine(notice.text, style: appearance.style(notice.isProblem ? .error : .success), in: &buffer, appearance: appearance)
        } else if let busy = model.busy, model.wizard != nil || model.screen != .wizard {
            drawLine(busy, style: appearance.muted, in: &buffer, appearance: appearance)
        }
        model.statusPicker?.draw(in: &buffer, appearance: appearance)
        if model.showsHelp { HelpView.draw(in: &buffer, screen: model.screen, appearance: appearance) }
        if let dialog = model.dialog {
            buffer.cursor = nil
            dialog.draw(in: &buffer, appearance: appearance)
        }
        if !appearance.capabilities.unicode { buffer.reduceToASCII() }
        return buffer
    }

    /// A line above the key hints, over whatever is there.
    private static func drawLine(_ text: String, style: Style, in buffer: inout CellBuffer, appearance: Appearance) {
        let y = buffer.size.height - 2
        buffer.fill(Rect(x: 0, y: y, width: buffer.size.width, height: 1), style: appearance.ground)
        buffer.put(text.truncated(to: buffer.size.width - 4), x: 2, y: y, style: style)
    }

    private static func drawTooSmall(in buffer: inout CellBuffer, appearance: Appearance) {
        let size = buffer.size
        let lines = ["Trainyard needs a bit more room:", "\(minimumSize.width) columns, \(minimumSize.height) rows.", "This has \(size.width) and \(size.height).", "q quits."]
        for (row, line) in lines.enumerated() { buffer.put(line, x: 0, y: row, style: appearance.text) }
    }
}

/// The keys of a screen, over it.
enum HelpView {
    static func draw(in buffer: inout CellBuffer, screen: AppModel.Screen, appearance: Appearance) {
        let own: [(String, String)] = switch screen {
        case .runs:
            [
                ("n", "new run: Quick Start"), ("Enter", "open the run"), ("a", "abort training: finish the step, save"),
                ("R", "remove the run"), ("r", "rerun from the beginning"), ("c", "resume from the last checkpoint"),
                ("/", "search"), ("f", "filter by status"), ("s", "sort by the next column"), ("Esc", "clear search and filter"),
            ]
        case .wizard:
            [
                ("Enter", "continue, or change the marked field"), ("Tab, arrows", "next or previous field"),
                ("PgDn, PgUp", "next or previous step"), ("Space", "switch or choose"), ("a", "all labels or none (Labels)"),
                ("l", "limits of this machine (Resources)"), ("Esc", "leave; asks first"),
            ]
        case .live:
            [
                ("1 2 3", "one chart in full, and back"), ("l", "the log in full"), ("a", "abort training: finish the step, save"),
                ("r", "rerun, once ended"), ("c", "resume, once ended"), ("R", "remove, once ended"),
                ("b, Esc", "back to the runs; training goes on"),
            ]
        }
        let shared = [("T", "dark or light theme"), ("Ctrl-L", "draw again"), ("Ctrl-Z", "suspend"), (screen == .wizard ? "Ctrl-C" : "q, Ctrl-C", "quit")]
        let rows = own + (screen == .wizard ? Array(shared.dropFirst()) : shared)
        let rect = buffer.bounds.centered(width: 56, height: rows.count + 4)
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(rect, title: "Keys", note: "any key closes", noteStyle: appearance.muted, appearance: appearance)
        buffer.cursor = nil
        for (index, row) in rows.prefix(max(0, rect.height - 2)).enumerated() {
            let y = rect.y + 1 + index + (index >= own.count && rect.height > rows.count + 2 ? 1 : 0)
            buffer.put(row.0, x: rect.x + 3, y: y, style: appearance.accent, maximumWidth: 12)
            buffer.put(row.1, x: rect.x + 16, y: y, style: appearance.text, maximumWidth: rect.width - 18)
        }
    }
}
