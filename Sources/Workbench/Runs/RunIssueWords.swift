import Catalog
import Datasets
import Foundation
import Training

/// Reasons as people read them, and the reason behind an error.
enum RunIssueWords {
    /// What to say about a run's row; nil where there is nothing to say.
    static func summary(status: RunStatus, issue: RunIssue?, warnings: Int) -> RunIssueSummary? {
        if let issue { return words(for: issue) }
        switch status {
        case .failed:
            return RunIssueSummary(kind: .other, severity: .error, title: "Failed", advice: "Its log says more. Rerun it when the cause is gone.")
        case .aborted:
            return RunIssueSummary(kind: .process, severity: .error, title: "Stopped unexpectedly", advice: "Resume it from its last checkpoint.")
        case .created, .pending, .preparing, .running, .rerun, .stopping, .success, .terminated: break
        }
        guard warnings > 0 else { return nil }
        return RunIssueSummary(
            kind: .warnings, severity: .warning, title: warnings == 1 ? "1 warning" : "\(warnings) warnings",
            advice: "Images that could not be read are left out. Its log names each.")
    }

    private static func words(for issue: RunIssue) -> RunIssueSummary {
        func summary(_ kind: RunIssueSummary.Kind, _ severity: RunIssueSummary.Severity, _ title: String, _ advice: String) -> RunIssueSummary {
            RunIssueSummary(kind: kind, severity: severity, title: title, advice: advice)
        }
        switch issue {
        case .waitsForCores(let needed, let free):
            return summary(
                .cores, .waiting, "The local service is full: \(needed) \(needed == 1 ? "core" : "cores") wanted, \(free) free",
                "It starts by itself when enough are free. Abort another run, or duplicate this one with fewer cores.")
        case .waitsForMemory(let needed, let free):
            return summary(
                .memory, .waiting, "The local service is full: \(ByteCount.text(needed)) wanted, \(ByteCount.text(free)) free",
                "It starts by itself when enough is free. Abort another run, or duplicate this one with less memory.")
        case .waitsBehind(let run):
            return summary(.queue, .waiting, "Waits behind \(run)", "Runs start in turn. It starts by itself when its turn comes.")
        case .outOfMemory(let peak, let limit):
            return summary(
                .outOfMemory, .error, "Out of memory: used \(ByteCount.text(peak)) of \(ByteCount.text(limit))",
                "Duplicate it with a smaller batch or image size, or with more memory.")
        case .noSpace(let free):
            return summary(
                .noSpace, .error, "No space left: \(ByteCount.text(free)) free where runs are kept",
                "Remove runs or checkpoints that are not needed, then resume.")
        case .badData:
            return summary(.data, .error, "Bad data", "Look at the data set's problems with `trainyard datasets show`, mend them, then rerun.")
        case .notANumber(let step):
            return summary(.number, .error, "Not a number at step \(step)", "Duplicate it with a lower learning rate, or resume from the last checkpoint.")
        case .badConfiguration:
            return summary(.configuration, .error, "Impossible configuration", "Duplicate it and change what the message names.")
        case .badCheckpoint:
            return summary(.checkpoint, .error, "A checkpoint is not usable", "Resume from another checkpoint, or rerun.")
        case .processGone(let step, let checkpoint):
            return summary(
                .process, .error, "Its process ended at step \(step)",
                checkpoint.map { "Resume it: it continues from step \($0)." } ?? "No checkpoint was saved yet; rerun it.")
        case .other:
            return summary(.other, .error, "Failed", "Its log says more. Rerun it when the cause is gone.")
        }
    }

    /// Free bytes below which a write that failed has failed for lack of space.
    private static let fullDisk = 16 << 20

    /// What an error that ended a run comes from.
    static func issue(of error: any Error, diskFreeBytes: Int) -> RunIssue {
        switch error {
        case let error as TrainingError:
            switch error {
            case .data: return .badData
            case .configuration: return .badConfiguration
            case .notFinite(let step, _): return .notANumber(step: step)
            case .checkpoint: return diskFreeBytes < fullDisk ? .noSpace(freeBytes: diskFreeBytes) : .badCheckpoint
            }
        case let error as WorkbenchError where error.kind == .invalid: return .badData
        case is CatalogError where diskFreeBytes < fullDisk: return .noSpace(freeBytes: diskFreeBytes)
        case let error as CocoaError where error.code == .fileWriteOutOfSpace: return .noSpace(freeBytes: diskFreeBytes)
        default: return .other
        }
    }
}
