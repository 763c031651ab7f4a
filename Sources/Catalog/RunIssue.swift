import Foundation

/// Why a run waits or how it ended, for programs to act on; `RunRecord.message` says it in words.
package enum RunIssue: Codable, Sendable, Equatable {
    case waitsForCores(needed: Int, free: Int)
    case waitsForMemory(neededBytes: Int, freeBytes: Int)
    /// In turn behind another run.
    case waitsBehind(run: String)
    /// The system ended the process, most likely for the memory it took.
    case outOfMemory(peakBytes: Int, limitBytes: Int)
    /// The disk of the run's folder is full.
    case noSpace(freeBytes: Int)
    /// The data cannot be trained on.
    case badData
    /// A loss or gradient was not a number.
    case notANumber(step: Int)
    case badConfiguration
    /// A checkpoint cannot be read or written.
    case badCheckpoint
    /// The process is gone; `checkpointStep` is what a resume continues from.
    case processGone(step: Int, checkpointStep: Int?)
    case other
}

extension RunIssue {
    /// As JSON, the way records store it.
    init?(stored text: String) {
        guard let issue = try? JSONDecoder().decode(RunIssue.self, from: Data(text.utf8)) else { return nil }
        self = issue
    }

    var stored: String? { (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } }
}
