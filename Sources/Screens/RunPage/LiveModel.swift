import TerminalKit
import Workbench

/// One run, while it trains and afterwards.
struct LiveModel: Equatable, Sendable {
    let runID: String
    var detail: RunDetail?
    private(set) var series: [String: [MetricPoint]] = [:]
    private(set) var log: [LogLine] = []
    private(set) var cursors: [String: Int64] = [:]
    /// The panel that fills the screen, from 1; nil shows all.
    private(set) var zoomed: Int?
    var problem: String?
    /// Grows with each answer that brought something, so that models compare without comparing values that may be NaN.
    private var revision = 0

    init(runID: String) {
        self.runID = runID
    }

    static func == (left: LiveModel, right: LiveModel) -> Bool {
        left.runID == right.runID && left.revision == right.revision && left.zoomed == right.zoomed && left.detail == right.detail
            && left.log == right.log && left.problem == right.problem
    }

    static func tags(task: TaskKind) -> [String] {
        switch task {
        case .objectDetection:
            [
                "train/loss", "train/box_loss", "train/cls_loss", "train/dfl_loss", "metrics/mAP50(B)", "metrics/mAP50-95(B)",
                "metrics/precision(B)", "metrics/recall(B)", "lr/pg0",
            ]
        case .imageClassification:
            ["train/loss", "val/loss", "metrics/accuracy_top1", "metrics/accuracy_top5", "lr/pg0"]
        }
    }

    mutating func take(_ refresh: RunRefresh) {
        guard refresh.detail.id == runID else { return }
        detail = refresh.detail
        log = refresh.log
        problem = nil
        for (tag, points) in refresh.points where !points.isEmpty {
            // A second refresh may have been asked for before the first was answered.
            let fresh = points.filter { $0.id > (cursors[tag] ?? 0) }
            guard let last = fresh.last else { continue }
            var kept = series[tag] ?? []
            for point in fresh {
                // A resumed or repeated attempt goes back: what it writes again replaces what was there.
                while let newest = kept.last, newest.step >= point.step { kept.removeLast() }
                kept.append(point)
            }
            series[tag] = kept
            cursors[tag] = last.id
            revision += 1
        }
    }

    func latest(_ tag: String) -> Double? {
        series[tag]?.last?.value ?? detail?.latestMetrics[tag]
    }

    func best(_ tag: String) -> MetricPoint? {
        series[tag]?.filter { $0.value.isFinite }.max { $0.value < $1.value }
    }

    func line(_ name: String, _ tag: String, byEpoch: Bool) -> ChartSeries {
        ChartSeries(
            name: name, points: (series[tag] ?? []).map { ChartPoint(x: byEpoch ? $0.epoch : Double($0.step), y: $0.value) })
    }

    func availability(of action: AppAction) -> Availability {
        action == .allPanels ? Availability(unless: zoomed == nil ? "All charts are shown." : nil) : .available
    }

    mutating func perform(_ action: AppAction) {
        switch action {
        case .firstPanel: toggle(1)
        case .secondPanel: toggle(2)
        case .thirdPanel: toggle(3)
        case .logPanel: toggle(4)
        case .allPanels: zoomed = nil
        default: break
        }
    }

    private mutating func toggle(_ panel: Int) {
        zoomed = zoomed == panel ? nil : panel
    }
}
