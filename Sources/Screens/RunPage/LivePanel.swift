import TerminalKit
import Workbench

/// A panel of a run's metrics page.
enum LivePanel: String, CaseIterable, Hashable, Sendable {
    case losses, meanPrecision, precisionRecall, accuracy, learningRate, throughput, machine, validationLosses, wait, log

    /// The panels of a task, numbered from 1 as the keys are.
    static func all(_ task: TaskKind) -> [LivePanel] {
        switch task {
        case .objectDetection:
            [.losses, .meanPrecision, .precisionRecall, .learningRate, .throughput, .machine, .validationLosses, .wait, .log]
        case .imageClassification: [.losses, .accuracy, .learningRate, .throughput, .machine, .validationLosses, .wait, .log]
        }
    }

    struct Line: Equatable, Sendable {
        let name: String
        let tag: String

        init(_ name: String, _ tag: String) {
            self.name = name
            self.tag = tag
        }
    }

    /// The lines of the panel, of which the last lies on top; empty for the log.
    func lines(_ task: TaskKind) -> [Line] {
        let parts = task == .objectDetection ? ["box", "cls", "dfl"] : []
        return switch self {
        case .losses: parts.map { Line($0, "train/\($0)_loss") } + [Line("total", "train/loss")]
        case .validationLosses: parts.map { Line($0, "val/\($0)_loss") } + [Line("total", "val/loss")]
        case .meanPrecision: [Line("mAP50", "metrics/mAP50(B)"), Line("mAP50-95", "metrics/mAP50-95(B)")]
        case .precisionRecall: [Line("precision", "metrics/precision(B)"), Line("recall", "metrics/recall(B)")]
        case .accuracy: [Line("top-1", "metrics/accuracy_top1"), Line("top-5", "metrics/accuracy_top5")]
        case .learningRate: [Line("rate", "lr/pg0")]
        case .throughput: [Line("images/s", "system/images_per_second")]
        case .wait: [Line("wait", "system/wait_milliseconds")]
        case .machine: [Line("cores", "system/cores"), Line("memory", "system/memory_gibibytes")]
        case .log: []
        }
    }

    var title: String {
        switch self {
        case .losses: "loss"
        case .meanPrecision: "mAP"
        case .precisionRecall: "precision, recall"
        case .accuracy: "accuracy"
        case .learningRate: "learning rate"
        case .throughput: "throughput"
        case .machine: "cores, memory in GiB"
        case .validationLosses: "validation loss"
        case .wait: "wait for data, ms a step"
        case .log: "run"
        }
    }

    /// Shares, which are read against 0 and 1.
    var isRate: Bool {
        switch self {
        case .meanPrecision, .precisionRecall, .accuracy: true
        default: false
        }
    }

    /// True where values come with each step or second, not with evaluations.
    var isDense: Bool {
        switch self {
        case .losses, .throughput, .machine, .wait: true
        default: false
        }
    }

    var usualAxis: ChartAxis {
        switch self {
        case .meanPrecision, .precisionRecall, .accuracy, .validationLosses: .epoch
        default: .step
        }
    }

    func best(_ task: TaskKind) -> LineChart.Best? {
        switch self {
        // The measure that decides which checkpoint is kept.
        case .meanPrecision: .highest(series: 1)
        case .accuracy: .highest(series: 0)
        case .validationLosses: .lowest(series: lines(task).count - 1)
        default: nil
        }
    }

    /// Every series that some panel of a task shows.
    static func tags(_ task: TaskKind) -> [String] { all(task).flatMap { $0.lines(task).map(\.tag) } }
}
