import Foundation

/// What the system says about this process.
package enum ProcessFigures {
    /// The largest resident set so far in bytes; 0 where the system does not tell.
    package static var peakResidentBytes: Int { status("VmHWM:") }

    /// Starts that anew from what is resident now, where the system allows it (Linux: clear_refs in proc(5)).
    package static func restartPeak() {
        try? FileHandle(forWritingAtPath: "/proc/self/clear_refs")?.write(contentsOf: Data("5".utf8))
    }

    /// The resident set now in bytes; 0 where the system does not tell.
    package static var residentBytes: Int { status("VmRSS:") }

    private static func status(_ name: String) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            return (line.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Int($0) }.first ?? 0) * 1024
        }
        return 0
    }

    /// Page faults of this process so far that took nothing from a disk.
    package static var pageFaults: Int {
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_minflt : 0
    }

    /// Gives the calling thread, and the threads it will start, a little less of a busy machine than the screen gets.
    static func lowerThreadPriority() {
        // On Linux a nice value belongs to the thread; a refusal changes nothing but the screen's comfort.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    }
}
