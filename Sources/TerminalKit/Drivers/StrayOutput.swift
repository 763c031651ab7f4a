import Foundation
import Synchronization

/// Keeps what libraries write to descriptors 1 and 2 away from the screen: it goes to a log file, and line by line to a receiver.
final class StrayOutput: Sendable {
    /// The log, open for reading too: a crash reads back what was said last.
    let logDescriptor: Int32
    /// Where in the log this session begins.
    let logStart: Int
    private let savedOutput: Int32
    private let savedError: Int32
    private let isEnded = DispatchSemaphore(value: 0)
    private let isRestored = Mutex(false)

    /// The longest line that is handed on; a longer one is cut.
    private static let longestLine = 2000

    init(logFile: URL, receiver: @escaping @Sendable (String) -> Void) throws(TerminalError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TerminalError(description: "No pipe could be made: too many files are open.") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        try? FileManager.default.createDirectory(at: logFile.deletingLastPathComponent(), withIntermediateDirectories: true)
        let log = open(logFile.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        logDescriptor = log >= 0 ? log : open("/dev/null", O_RDWR | O_CLOEXEC)
        logStart = Int(lseek(logDescriptor, 0, SEEK_END))
        savedOutput = dup(1)
        savedError = dup(2)
        for saved in [savedOutput, savedError] { _ = fcntl(saved, F_SETFD, FD_CLOEXEC) }
        fflush(nil)
        dup2(ends[1], 1)
        dup2(ends[1], 2)
        Foundation.close(ends[1])
        let readEnd = ends[0], log2 = logDescriptor, ended = isEnded
        let thread = Thread {
            Self.forward(from: readEnd, to: log2, receiver: receiver)
            Foundation.close(readEnd)
            ended.signal()
        }
        thread.name = "trainyard output"
        thread.start()
    }

    /// Copies until the last writer is gone.
    private static func forward(from source: Int32, to log: Int32, receiver: @Sendable (String) -> Void) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var line: [UInt8] = []
        func hand() {
            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if !text.isEmpty { receiver(text) }
            line = []
        }
        while true {
            let count = read(source, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            _ = write(log, bytes, count)
            for byte in bytes[..<count] {
                if byte == 10 || byte == 13 { hand() } else if line.count < longestLine { line.append(byte) }
            }
        }
        hand()
    }

    /// Gives 1 and 2 back. With the terminal gone they stay on the log: writing to a dead terminal fails for ever.
    func restore(terminalIsGone: Bool) {
        let wasRestored = isRestored.withLock { done in
            defer { done = true }
            return done
        }
        guard !wasRestored else { return }
        fflush(nil)
        dup2(terminalIsGone ? logDescriptor : savedOutput, 1)
        dup2(terminalIsGone ? logDescriptor : savedError, 2)
        // A library's child may still hold the pipe; what it writes is logged, but not waited for.
        _ = isEnded.wait(timeout: .now() + 0.2)
        Foundation.close(savedOutput)
        Foundation.close(savedError)
    }
}
