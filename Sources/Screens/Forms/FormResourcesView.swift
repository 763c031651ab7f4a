import TerminalKit
import Workbench

/// What stands below the questions about resources: the GPU, whether the run fits, and the limits of the machine.
struct FormResourcesView {
    let view: FormView

    /// The limits of a machine on which nothing runs.
    private static let leastHeight = 8

    private var model: FormModel { view.model }
    private var appearance: Appearance { view.appearance }

    func draw(_ rect: Rect, in buffer: inout CellBuffer) {
        guard let offers = model.offers else { return }
        var y = rect.y
        if let availability = offers.availability {
            let (mark, role): (String, ThemeRole) = switch availability {
            case .available: (view.glyphs.done, .success)
            case .busy: (view.glyphs.waiting, .warning)
            case .unavailable: (view.glyphs.cross, .error)
            }
            for (index, line) in availability.message.wrapped(to: rect.width - 2, lines: min(3, rect.height)).enumerated() {
                if index == 0 { buffer.put(mark, x: rect.x, y: y, style: appearance.style(role)) }
                buffer.put(line, x: rect.x + 2, y: y, style: appearance.style(role))
                y += 1
            }
        }
        guard model.showsLimits else { return }
        // The limits may lie over the help below the page; where the questions leave no room, over them.
        if rect.height <= 0 { y = max(0, buffer.size.height - 4 - Self.leastHeight) }
        drawLimits(offers.limits, rect: Rect(x: rect.x - 1, y: y, width: rect.width + 1, height: max(rect.bottom + 3 - y, Self.leastHeight)), in: &buffer)
    }

    private func drawLimits(_ limits: ResourceLimits, rect: Rect, in buffer: inout CellBuffer) {
        let rows = 7 + max(1, limits.heldBy.count)
        let box = Rect(x: rect.x, y: rect.y, width: rect.width, height: min(rect.height, rows))
        buffer.fill(box, style: appearance.ground)
        buffer.drawFrame(box, title: "Limits", appearance: appearance)
        var y = box.y + 1
        func line(_ cells: [String], _ note: String, _ style: Style) {
            guard y < box.bottom - 1 else { return }
            var column = buffer.put(cells[0].padded(to: 7), x: box.x + 2, y: y, style: appearance.muted)
            for cell in cells.dropFirst() { column = buffer.put(cell.padded(to: 8, alignRight: true), x: column, y: y, style: style) }
            buffer.put(note, x: column + 2, y: y, style: appearance.muted, maximumWidth: max(0, box.right - 1 - column - 2))
            y += 1
        }
        let cores = model.configuration.cores.map(String.init) ?? "free", dash = view.glyphs.dash
        let memory = model.configuration.memoryBytes.map(Formatting.gibibytes) ?? "free"
        line(["", "total", "in use", "yours"], "", appearance.muted)
        line(["cores", "\(limits.coresTotal)", "\(limits.coresInUse)", cores], limits.coresSource, appearance.text)
        line(
            ["memory", Formatting.gibibytes(limits.memoryTotalBytes), Formatting.gibibytes(limits.memoryInUseBytes), memory],
            "GiB, \(Formatting.gibibytes(limits.memoryAvailableBytes)) available (\(limits.memorySource))", appearance.text)
        line(["disk", Formatting.gibibytes(limits.diskFreeBytes), dash, dash], "GiB free", appearance.text)
        if let names = limits.gpuNames {
            line(["GPU", "\(limits.gpus.count)", dash, dash], "\(names), \(limits.gpuReason)", appearance.text)
        } else {
            line(["GPU", "none", "", ""], limits.gpuReason, appearance.text)
        }
        guard y < box.bottom - 1 else { return }
        if limits.heldBy.isEmpty { buffer.put("held by nothing", x: box.x + 2, y: y, style: appearance.muted) }
        for holding in limits.heldBy where y < box.bottom - 1 {
            let text = "held by \(holding.runName): \(holding.cores) \(holding.cores == 1 ? "core" : "cores"), \(Formatting.gibibytes(holding.memoryBytes)) GiB"
            buffer.put(text.truncated(to: box.width - 4), x: box.x + 2, y: y, style: appearance.muted)
            y += 1
        }
    }
}
