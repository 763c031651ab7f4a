import TerminalKit
import Workbench

/// What the run is, how far it is, what it takes, how it ended and what can be done next.
struct OverviewTab: RunTabModel {
    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [.action(.rerunRun), .action(.resumeRun), .action(.abortRun)]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        guard let detail = facts.detail else { return }
        let appearance = context.appearance
        let groups = Self.groups(detail, context: context)
        // Two columns of groups where there is room, else one.
        let areas: [Rect]
        if rect.width >= 100 {
            let (left, right) = rect.splitLeft(rect.width / 2)
            areas = [left, right]
        } else {
            areas = [rect]
        }
        let advice = Self.advice(detail, context: context)
        let adviceLines = advice.wrapped(to: max(10, rect.width - 4), lines: 3)
        let body = rect.height - adviceLines.count - 1
        var column = 0, y = rect.y, lowest = rect.y
        for (number, group) in groups.enumerated() {
            if areas.count == 2, number == (groups.count + 1) / 2 { (column, y) = (1, rect.y) }
            let area = areas[column]
            for (name, value) in group {
                guard y < rect.y + body else { break }
                buffer.put(name, x: area.x + 2, y: y, style: appearance.muted)
                buffer.put(value.truncated(to: max(0, area.width - 18)), x: area.x + 15, y: y, style: appearance.text)
                y += 1
                lowest = max(lowest, y)
            }
            // Air between groups where every line fits with it.
            if rect.height >= 20 { y += 1 }
        }
        let role: ThemeRole = detail.summary.status == .failed || detail.summary.status == .aborted ? .error : .accent
        for (row, line) in adviceLines.enumerated() {
            buffer.put(line, x: rect.x + 2, y: min(lowest + 1, rect.bottom - adviceLines.count) + row, style: appearance.style(role))
        }
    }

    private static func groups(_ detail: RunDetail, context: ViewContext) -> [[(String, String)]] {
        let run = detail.summary
        let dash = context.glyphs.dash
        func clock(_ time: Double?) -> String { time.map { Formatting.created($0, now: context.now, zone: context.timeZone) } ?? dash }
        var best = "no evaluation yet"
        if let metric = run.bestMetric { best = "\(run.bestMetricName ?? "measure") \(LineChart.value(metric))" }
        var started = "created \(clock(run.createdAt)), started \(clock(detail.startedAt))"
        if let ended = detail.endedAt { started += ", ended \(clock(ended))" }
        var speed = detail.imagesPerSecond.map { "\(LineChart.value($0)) images/s" } ?? "comes with the first steps"
        if let wait = detail.waitMilliseconds { speed += ", \(Int(min(1e9, max(0, wait)))) ms waiting for data" }
        let peak = detail.peakMemoryBytes.map { "peak \(Formatting.gibibytes($0)) of " } ?? ""
        return [
            [
                ("Status", run.status.glyph(context.glyphs) + " " + run.status.rawValue + (run.attempt > 1 ? ", attempt \(run.attempt)" : "")),
                ("Progress", "step \(detail.step) of \(detail.totalSteps), epoch \(detail.epoch) of \(detail.totalEpochs)"),
                ("Best", best),
            ],
            [
                ("Task", run.task.rawValue), ("Model", run.architecture),
                ("Data", detail.trainDatasetName.isEmpty ? "not there any more" : detail.trainDatasetName),
                ("Validation", detail.validationDatasetName.isEmpty ? "not there any more" : detail.validationDatasetName),
            ],
            [
                ("Time", started),
                ("Spent", Formatting.duration(run.durationSeconds) + (detail.etaSeconds.map { ", \(Formatting.duration($0)) left" } ?? "")),
                ("Speed", speed),
            ],
            [
                ("Cores", "\(detail.cores)"), ("Memory", "\(peak)\(Formatting.gibibytes(detail.memoryBytes)) GiB"),
                ("Models", detail.modelIDs.isEmpty ? "none yet" : detail.modelIDs.joined(separator: ", ")), ("Folder", detail.directory),
                ("ID", run.id),
            ],
        ]
    }

    /// How it ended, or what it waits for, and what to do next.
    private static func advice(_ detail: RunDetail, context: ViewContext) -> String {
        let run = detail.summary
        let reason = run.message.isEmpty
            ? "" : run.message.prefix(1).uppercased() + run.message.dropFirst() + (run.message.hasSuffix(".") ? " " : ". ")
        switch run.status {
        case .created, .pending, .rerun: return reason.isEmpty ? "It starts as soon as its turn comes." : reason
        case .preparing: return "It reads its data and builds its model."
        case .running: return "It trains: \(detail.phase.isEmpty ? "at work" : detail.phase). Leaving this page does not stop it."
        case .stopping: return "It finishes its step and saves."
        case .success: return reason + "Look at its predictions, or take its model from the checkpoints."
        case .terminated: return reason + "\(context.key(.resumeRun)) resumes it from its last checkpoint."
        case .failed, .aborted:
            let saved = detail.checkpoints.isEmpty
                ? "\(context.key(.rerunRun)) starts it again from its beginning."
                : "\(context.key(.resumeRun)) resumes it from step \(detail.checkpoints.map(\.step).max() ?? 0), \(context.key(.rerunRun)) starts it again."
            return reason + "The log says what came before. " + saved
        }
    }
}
