import Foundation
import Synchronization

/// Turns signals into a call on an ordinary thread.
enum Signals {
    /// The writing end of a pipe; an atomic, because a signal's handler reads it.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// Calls `body` with the signal's name at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once.
    static func onTermination(_ body: @escaping @Sendable (String) -> Void) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        pipeEnd.store(ends[1], ordering: .releasing)
        let readEnd = ends[0]
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(readEnd, &byte, 1)
                if count == 1 { break }
                if count == 0 || errno != EINTR { return }
            }
            let number = Int32(byte)
            // From here on the same signals have their ordinary effect.
            for one in [SIGINT, SIGTERM, SIGHUP] { signal(one, SIG_DFL) }
            body(number == SIGINT ? "Interrupted" : number == SIGTERM ? "Asked to end" : "Terminal closed")
        }
        thread.name = "trainyard signals"
        thread.start()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Signals.pipeEnd.load(ordering: .acquiring), &byte, 1)
            }
        }
    }
}
