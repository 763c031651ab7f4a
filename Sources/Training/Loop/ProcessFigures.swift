import Foundation

/// What the system says about this process.
enum ProcessFigures {
    /// The largest resident set so far in bytes; 0 where the system does not tell.
    static var peakResidentBytes: Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (line.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Int($0) }.first ?? 0) * 1024
        }
        return 0
    }

    /// Gives the calling thread, and the threads it will start, a little less of a busy machine than the screen gets.
    static func lowerThreadPriority() {
        // On Linux a nice value belongs to the thread; a refusal changes nothing but the screen's comfort.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    }
}
