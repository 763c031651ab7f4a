import Foundation
import Workbench

/// Shows a run while it goes: a moving bar on a terminal, plain lines elsewhere.
struct RunFollower {
    let workbench: Workbench
    let run: String
    let isJSON: Bool

    /// Follows a run that this process trains. A signal makes it finish its step, save and leave.
    func followOwnRun() throws {
        let workbench = workbench
        Signals.onTermination { name in
            Output.error("\(name): finishing the step and saving; once more to end at once.")
            workbench.close()
        }
        try follow()
    }

    /// Returns when the run has succeeded, and throws when it ended otherwise.
    func follow() throws {
        var lastLine: Int64 = 0, lastEvaluation: Int64 = 0, lastReport = -Double.infinity, lastPhase = ""
        let isLive = Output.isTerminal && !isJSON
        while true {
            let detail = try workbench.run(run)
            if !isJSON {
                let lines = try workbench.log(run: run, after: lastLine)
                lastLine = lines.last?.id ?? lastLine
                let evaluations = try evaluations(of: detail, after: &lastEvaluation)
                if isLive, !lines.isEmpty || !evaluations.isEmpty { print("\r\u{1B}[K", terminator: "") }
                for line in lines { print("\(Output.time(line.time).suffix(8)) \(line.level == "info" ? "" : line.level + ": ")\(line.text)") }
                for text in evaluations { print(text) }
                let now = Date().timeIntervalSince1970
                if isLive {
                    print("\r\u{1B}[K\(bar(detail))", terminator: "")
                } else if detail.phase != lastPhase || now - lastReport > 10 {
                    print(line(detail))
                    lastReport = now
                    lastPhase = detail.phase
                }
                fflush(nil)
            }
            if detail.summary.status.isTerminal {
                if isLive { print("\r\u{1B}[K", terminator: "") }
                return try conclude(detail)
            }
            Thread.sleep(forTimeInterval: 0.3)
        }
    }

    private func evaluations(of detail: RunDetail, after last: inout Int64) throws -> [String] {
        let isDetection = detail.summary.task == .objectDetection
        let tags = isDetection
            ? [("mAP50", "metrics/mAP50(B)"), ("mAP50-95", "metrics/mAP50-95(B)"), ("precision", "metrics/precision(B)"), ("recall", "metrics/recall(B)")]
            : [("top-1", "metrics/accuracy_top1"), ("top-5", "metrics/accuracy_top5")]
        let main = try workbench.metricSeries(run: run, tag: tags[0].1, after: last)
        guard let newest = main.last else { return [] }
        last = newest.id
        let others = try tags.dropFirst().map { name, tag in
            (name, Dictionary(try workbench.metricSeries(run: run, tag: tag, after: 0).map { ($0.step, $0.value) }, uniquingKeysWith: { $1 }))
        }
        return main.map { point in
            let rest = others.map { "  \($0.0) \(Output.number($0.1[point.step]))" }.joined()
            return "\(Output.time(point.wallTime).suffix(8)) epoch \(Int(point.epoch)): \(tags[0].0) \(Output.number(point.value))\(rest)"
        }
    }

    private func line(_ detail: RunDetail) -> String {
        if detail.step == 0 {
            let why = detail.summary.message.isEmpty ? detail.phase : detail.summary.message
            return "\(detail.summary.status.rawValue)\(why.isEmpty ? "" : ": \(why)")"
        }
        var parts = ["step \(detail.step)/\(detail.totalSteps)", "epoch \(detail.epoch)/\(detail.totalEpochs)"]
        parts += ["loss \(Output.number(detail.latestMetrics["train/loss"]))"]
        if let rate = detail.imagesPerSecond { parts.append(String(format: "%.1f images/s", rate)) }
        if let left = detail.etaSeconds { parts.append("ETA \(Output.duration(left))") }
        return "\(detail.summary.status.rawValue): " + parts.joined(separator: "  ")
    }

    private func bar(_ detail: RunDetail) -> String {
        let width = 24, filled = Int((detail.summary.progress * Double(width)).rounded(.down))
        let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
        return "\(bar) \(Int(detail.summary.progress * 100)) %  \(line(detail))"
    }

    private func conclude(_ detail: RunDetail) throws {
        if isJSON { try Output.json(detail) }
        let summary = detail.summary
        if !isJSON {
            let best = summary.bestMetric.map { ", best \(summary.bestMetricName ?? "") \(Output.number($0))" } ?? ""
            print("\(summary.name) \(summary.status.rawValue) after \(Output.duration(summary.durationSeconds))\(best). \(summary.message)")
            for model in detail.modelIDs { print("Model \(model): \(try workbench.model(model).weightsPath)") }
        }
        guard summary.status == .success else { throw ExitStatus.failed }
    }
}
