import Foundation
import Glibc

/// Which process on which machine: a process id alone is used again after a while.
package struct ProcessIdentity: Sendable, Equatable {
    package let processID: Int
    /// The boot and the clock ticks since it at which the process started.
    package let start: String
    /// Host name and process namespace: ids of another container say nothing here.
    package let place: String

    package init(processID: Int, start: String, place: String) {
        self.processID = processID
        self.start = start
        self.place = place
    }

    /// This process.
    package static let current: ProcessIdentity = {
        let identifier = Int(getpid())
        return ProcessIdentity(processID: identifier, start: startMark(of: identifier) ?? "unknown", place: currentPlace)
    }()

    /// Whether the process still runs; nil when it belongs to another host or container and cannot be seen from here.
    package var isRunning: Bool? {
        guard place == Self.currentPlace else { return nil }
        return Self.startMark(of: processID) == start
    }

    private static let currentPlace: String = {
        let namespace = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
        var name = [CChar](repeating: 0, count: 256)
        let host = gethostname(&name, name.count - 1) == 0 ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
        return "\(host) \(namespace)"
    }()

    private static let bootMark = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""

    /// Field 22 of `/proc/<pid>/stat`; nil when there is no such process or it is a zombie.
    private static func startMark(of processID: Int) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            // The command's name, in brackets, may hold spaces and brackets itself.
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return "\(bootMark) \(fields[19])"
    }
}
