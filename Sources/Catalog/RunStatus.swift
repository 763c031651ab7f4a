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
    /// Case, spaces, hyphens and underscores do not matter: `In Progress`, `in_progress` and `in-progress` are one word.
    package static func matching(_ word: String) -> Set<RunStatus> {
        let wanted = normalized(word)
        guard !wanted.isEmpty else { return [] }
        return Set(vocabulary.filter { $0.words.contains { normalized($0) == wanted } }.map(\.status))
    }

    /// Every word that `matching` understands, for error messages and completion.
    package static var knownWords: [String] {
        var seen = Set<String>()
        return vocabulary.flatMap(\.words).filter { seen.insert($0).inserted }
    }

    private static func normalized(_ word: String) -> String {
        String(word.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// Ours first, then Chariot, Pictograph, Dataloop, Baseten.
    private static let vocabulary: [(status: RunStatus, words: [String])] = [
        (.created, ["created", "run_created", "job_created", "pending", "Created", "TRAINING_JOB_CREATED"]),
        (.pending, ["pending", "job_pending", "queued", "Pending", "TRAINING_JOB_PENDING"]),
        (.preparing, ["preparing", "job_submitted", "queued", "Created", "TRAINING_JOB_DEPLOYING"]),
        (.running, ["running", "job_running", "In Progress", "TRAINING_JOB_RUNNING"]),
        (.rerun, ["rerun", "run_restart_requested", "queued", "TRAINING_JOB_PENDING"]),
        (.stopping, [
            "stopping", "run_stop_requested", "job_terminate_requested", "job_terminating", "running", "In Progress",
            "TRAINING_JOB_RUNNING",
        ]),
        (.success, ["success", "job_completed", "completed", "TRAINING_JOB_COMPLETED"]),
        (.failed, ["failed", "job_failed", "job_create_failed", "TRAINING_JOB_FAILED", "TRAINING_JOB_DEPLOY_FAILED", "DEPLOY_FAILED"]),
        (.terminated, ["terminated", "job_terminated", "cancelled", "TRAINING_JOB_STOPPED"]),
        (.aborted, ["aborted", "job_unknown", "failed", "TRAINING_JOB_FAILED"]),
    ]
}
