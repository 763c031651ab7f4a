import TerminalKit
import Workbench

/// The rows that every tab of a run's page shares: name and status, progress, tabs.
struct RunPageHead {
    static let height = 3
    let detail: RunDetail
    let tab: RunTab
    let context: ViewContext

    func draw(in buffer: inout CellBuffer) {
        drawStatus(in: &buffer)
        drawTabs(in: &buffer)
    }

    private func drawStatus(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let run = detail.summary
        let percent = "\(Int((min(1, max(0, run.progress)) * 100).rounded(.down)))%"
        let right = "\(Formatting.duration(run.durationSeconds))  \(percent)"
        let state = run.status.glyph(context.glyphs) + " " + run.status.rawValue
        let place = "  epoch \(detail.epoch)/\(detail.totalEpochs)  step \(detail.step)/\(detail.totalSteps)"
        let width = buffer.size.width
        let nameWidth = max(8, width - 6 - right.count - state.count - place.count)
        var x = buffer.put(run.name.truncated(to: nameWidth), x: 1, y: 0, style: appearance.title) + 2
        x = buffer.put(state, x: x, y: 0, style: appearance.style(run.status.role))
        if x + place.count + right.count + 2 < width { buffer.put(place, x: x, y: 0, style: appearance.text) }
        buffer.putRight(right, right: width - 1, y: 0, style: appearance.text)
        let note: String
        if run.status.isTerminal {
            note = run.message.isEmpty ? "ended" : run.message
        } else if let eta = detail.etaSeconds {
            note = "ETA " + Formatting.duration(eta)
        } else {
            note = detail.phase.isEmpty ? "ETA not known yet" : detail.phase
        }
        let shown = note.truncated(to: max(10, width / 2))
        let barWidth = width - 4 - CharacterWidth.columns(of: shown)
        buffer.drawProgressBar(
            x: 1, y: 1, width: barWidth, fraction: run.progress, filled: appearance.style(run.status.role), appearance: appearance)
        buffer.putRight(shown, right: width - 1, y: 1, style: appearance.muted)
    }

    /// All tabs where they fit, else those round the open one, with marks for the rest.
    private func drawTabs(in buffer: inout CellBuffer) {
        let appearance = context.appearance
        let all = RunTab.allCases, width = buffer.size.width - 2
        let gap = all.reduce(0) { $0 + $1.short.count } + 2 * (all.count - 1) <= width ? 2 : 1
        let index = all.firstIndex(of: tab) ?? 0
        var shown = index...index
        /// With the marks for what is left out on either side.
        func columns(_ range: ClosedRange<Int>) -> Int {
            range.reduce(-gap) { $0 + all[$1].short.count + gap } + (range.lowerBound > 0 ? 3 : 0) + (range.upperBound + 1 < all.count ? 3 : 0)
        }
        var grows = true
        while grows {
            grows = false
            if shown.upperBound + 1 < all.count, columns(shown.lowerBound...shown.upperBound + 1) <= width {
                shown = shown.lowerBound...shown.upperBound + 1
                grows = true
            }
            if shown.lowerBound > 0, columns(shown.lowerBound - 1...shown.upperBound) <= width {
                shown = shown.lowerBound - 1...shown.upperBound
                grows = true
            }
        }
        var x = 1
        if shown.lowerBound > 0 {
            buffer.mark(.tab(shown.lowerBound - 1), Rect(x: x, y: 2, width: 2, height: 1))
            x = buffer.put(context.glyphs.left + " ", x: x, y: 2, style: appearance.muted)
        }
        for place in shown {
            let isOpen = all[place] == tab
            let start = x
            x = buffer.put(all[place].short, x: x, y: 2, style: isOpen ? appearance.accent.with([.bold, .underline]) : appearance.muted)
            buffer.mark(.tab(place), Rect(x: start, y: 2, width: x - start, height: 1))
            if isOpen { buffer.restyle(Rect(x: start, y: 2, width: x - start, height: 1), appearance.select) }
            x += gap
        }
        if shown.upperBound + 1 < all.count {
            buffer.mark(.tab(shown.upperBound + 1), Rect(x: x, y: 2, width: 2, height: 1))
            buffer.put(context.glyphs.right, x: x, y: 2, style: appearance.muted)
        }
    }
}
