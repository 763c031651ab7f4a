import GRDB

/// Where a run stands: one state machine, in which every vendor's words have a place.
package enum RunStatus: String, Codable, Sendable, CaseIterable, DatabaseValueConvertible {
    /// Made, not yet asked for resources.
    case created
    /// Waits for cores and memory, or for its service.
    case pending
    /// Reads data, builds the cache and the model.
    case preparing
    case running
    /// A second or later attempt that waits for resources.
    case rerun
    /// Asked to stop: it finishes its step and saves.
    case stopping
    case success
    /// The data, the configuration, the memory or a NaN ended it.
    case failed
    /// A person ended it.
    case terminated
    /// It stopped unexpectedly: its process is gone.
    case aborted

    /// True once nothing more will happen by itself.
    package var isTerminal: Bool {
        switch self {
        case .success, .failed, .terminated, .aborted: true
        case .created, .pending, .preparing, .running, .rerun, .stopping: false
        }
    }

    /// True while a process answers for the run, or ought to.
    package var isLive: Bool { !isTerminal }

    /// True while the run waits for its turn.
    package var isWaiting: Bool { self == .created || self == .pending || self == .rerun }

    /// The statuses that a word of any vendor, or ours, stands for; empty when nobody uses the word.
    ///
    /// Our own spelling means our own status. Otherwise an exact spelling wins (`Failed` is Dataloop's, and narrower than
    /// Pictograph's), and last case, spaces, hyphens and underscores do not matter: `in_progress` is `In Progress`.
    package static func matching(_ word: String) -> Set<RunStatus> {
        if let own = RunStatus(rawValue: word) { return [own] }
        let exact = vocabulary.filter { $0.vendorWords.contains(word) }
        if !exact.isEmpty { return Set(exact.map(\.status)) }
        let wanted = normalized(word)
        guard !wanted.isEmpty else { return [] }
        return Set(vocabulary.filter { entry in
            normalized(entry.status.rawValue) == wanted || entry.vendorWords.contains { normalized($0) == wanted }
        }.map(\.status))
    }

    /// Every word that `matching` understands, ours first, for error messages and completion.
    package static var knownWords: [String] {
        var seen = Set<String>()
        return (allCases.map(\.rawValue) + vocabulary.flatMap(\.vendorWords)).filter { seen.insert($0).inserted }
    }

    /// What Chariot, Pictograph, Dataloop and Baseten call this status.
    package var vendorWords: [String] {
        var seen = Set<String>()
        return Self.vocabulary.filter { $0.status == self }.flatMap(\.vendorWords).filter { seen.insert($0).inserted }
    }

    private static func normalized(_ word: String) -> String {
        String(word.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    private struct Vocabulary {
        let status: RunStatus
        let chariot: [String]
        let pictograph: [String]
        let dataloop: [String]
        let baseten: [String]
        var vendorWords: [String] { chariot + pictograph + dataloop + baseten }
    }

    private static let vocabulary: [Vocabulary] = [
        Vocabulary(
            status: .created, chariot: ["run_created", "job_created"], pictograph: ["pending"], dataloop: ["Created"],
            baseten: ["TRAINING_JOB_CREATED"]),
        Vocabulary(
            status: .pending, chariot: ["job_pending"], pictograph: ["queued"], dataloop: ["Pending"],
            baseten: ["TRAINING_JOB_PENDING"]),
        Vocabulary(
            status: .preparing, chariot: ["job_submitted"], pictograph: ["queued"], dataloop: ["Created"],
            baseten: ["TRAINING_JOB_DEPLOYING"]),
        Vocabulary(
            status: .running, chariot: ["job_running"], pictograph: ["running"], dataloop: ["In Progress"],
            baseten: ["TRAINING_JOB_RUNNING"]),
        Vocabulary(
            status: .rerun, chariot: ["run_restart_requested"], pictograph: ["queued"], dataloop: ["Rerun"],
            baseten: ["TRAINING_JOB_PENDING"]),
        Vocabulary(
            status: .stopping, chariot: ["run_stop_requested", "job_terminate_requested", "job_terminating"],
            pictograph: ["running"], dataloop: ["In Progress"], baseten: ["TRAINING_JOB_RUNNING"]),
        Vocabulary(
            status: .success, chariot: ["job_completed"], pictograph: ["completed"], dataloop: ["Success"],
            baseten: ["TRAINING_JOB_COMPLETED"]),
        Vocabulary(
            status: .failed, chariot: ["job_failed", "job_create_failed"], pictograph: ["failed"], dataloop: ["Failed"],
            baseten: ["TRAINING_JOB_FAILED", "TRAINING_JOB_DEPLOY_FAILED", "DEPLOY_FAILED"]),
        Vocabulary(
            status: .terminated, chariot: ["job_terminated"], pictograph: ["cancelled"], dataloop: ["Terminated"],
            baseten: ["TRAINING_JOB_STOPPED"]),
        Vocabulary(
            status: .aborted, chariot: ["job_unknown"], pictograph: ["failed"], dataloop: ["Aborted"],
            baseten: ["TRAINING_JOB_FAILED"]),
    ]
}
