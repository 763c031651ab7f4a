import Synchronization

/// The most memory that a run takes of its process: what the process grew by since the run began, beside what any such process holds.
///
/// What the process did before is not the run's, though its memory may stay with the process: later runs are given as much
/// as runs like them were seen to take.
package final class RunMemory: Sendable {
    /// Bytes of the program, its libraries and their work space.
    package static let programBytes = 160 << 20

    private let residentAtStart: Int
    private let peakAtStart: Int
    private let highest: Mutex<Int>

    /// Begins with what is resident now; best called when free memory was just given back.
    package convenience init() {
        ProcessFigures.restartPeak()
        self.init(residentBytes: ProcessFigures.residentBytes, peakBytes: ProcessFigures.peakResidentBytes)
    }

    init(residentBytes: Int, peakBytes: Int) {
        residentAtStart = residentBytes
        peakAtStart = peakBytes
        highest = Mutex(residentBytes)
    }

    /// The most so far in bytes; nil where the system does not tell. To be asked now and then, for a peak that cannot start
    /// anew, or that another run started anew, says nothing of this run until it is passed.
    package var peakBytes: Int? { peakBytes(residentBytes: ProcessFigures.residentBytes, peakBytes: ProcessFigures.peakResidentBytes) }

    func peakBytes(residentBytes: Int, peakBytes: Int) -> Int? {
        guard residentBytes > 0 else { return nil }
        let now = peakBytes > peakAtStart ? max(residentBytes, peakBytes) : residentBytes
        let most = highest.withLock { highest in
            highest = max(highest, now)
            return highest
        }
        return most - residentAtStart + min(residentAtStart, Self.programBytes)
    }
}
