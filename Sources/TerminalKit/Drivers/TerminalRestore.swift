import Foundation

/// Gives the terminal back on the ways out that run no Swift: a crash, a trap, `exit`.
///
/// Everything that a signal handler touches is prepared beforehand in plain memory, since a handler may neither allocate
/// nor take a lock. Handlers only call write, pread, lseek, tcsetattr, nanosleep, sigaction and raise, which POSIX allows there.
enum TerminalRestore {
    fileprivate struct State {
        var terminal: Int32
        var signalPipe: Int32
        var attributes: termios
        /// What gives the terminal back, and the sentence after a crash.
        var restoring: UnsafeMutableRawBufferPointer
        var advice: UnsafeMutableRawBufferPointer
        /// Holds what was written to standard error, from `logStart` on.
        var log: Int32
        var logStart: Int
        var tail: UnsafeMutableRawBufferPointer
        var isArmed: Bool
    }

    /// Written once before the handlers are installed; afterwards only `isArmed` changes.
    nonisolated(unsafe) fileprivate static var state: UnsafeMutablePointer<State>?

    private static let noted: [Int32] = [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT, SIGTSTP]
    private static let fatal: [Int32] = [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGTRAP, SIGFPE]
    private static let stackSize = 1 << 16

    /// Installs the handlers. `signalPipe` is the descriptor that receives one byte, the signal's number, for each noted signal.
    static func arm(
        terminal: Int32, signalPipe: Int32, attributes: termios, restoring text: String, log: Int32, logStart: Int, logPath: String
    ) {
        let advice = "\r\nTrainyard ended by a fault of its own. Runs continue from their last checkpoint with: trainyard runs resume ID\r\n"
            + "What it wrote is in \(logPath)\r\n"
        let fresh = State(
            terminal: terminal, signalPipe: signalPipe, attributes: attributes, restoring: copy(text), advice: copy(advice), log: log,
            logStart: logStart, tail: .allocate(byteCount: 1500, alignment: 1), isArmed: true)
        if let state {
            for memory in [state.pointee.restoring, state.pointee.advice, state.pointee.tail] { memory.deallocate() }
            state.pointee = fresh
        } else {
            let place = UnsafeMutablePointer<State>.allocate(capacity: 1)
            place.initialize(to: fresh)
            state = place
            atexit { TerminalRestore.restoreNow() }
            // A stack that ran over leaves no room for its own handler.
            var stack = stack_t(ss_sp: .allocate(byteCount: stackSize, alignment: 16), ss_flags: 0, ss_size: stackSize)
            sigaltstack(&stack, nil)
        }
        for number in noted { install(number, handler: noteSignal) }
        for number in fatal { install(number, handler: dieOfSignal) }
        signal(SIGPIPE, SIG_IGN)
    }

    static func disarm() {
        state?.pointee.isArmed = false
        for number in noted + fatal { signal(number, SIG_DFL) }
        // A closed terminal must not end a process that still trains.
        signal(SIGHUP, SIG_IGN)
    }

    private static func copy(_ text: String) -> UnsafeMutableRawBufferPointer {
        let bytes = Array(text.utf8)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        memory.copyBytes(from: bytes)
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count])
    }

    private static func install(_ number: Int32, handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART | SA_ONSTACK
        sigaction(number, &action, nil)
    }

    fileprivate static func restoreNow() {
        guard let state, state.pointee.isArmed else { return }
        state.pointee.isArmed = false
        writeAll(UnsafeRawBufferPointer(state.pointee.restoring), to: state.pointee.terminal)
        tcsetattr(state.pointee.terminal, TCSANOW, &state.pointee.attributes)
    }

    /// Shows the end of what the process said: a Swift trap tells its reason on standard error, which leads to the log.
    fileprivate static func showLastWords() {
        guard let state else { return }
        // The thread that copies standard error into the log runs on meanwhile.
        var pause = timespec(tv_sec: 0, tv_nsec: 50_000_000)
        nanosleep(&pause, nil)
        let end = Int(lseek(state.pointee.log, 0, SEEK_END))
        let start = max(state.pointee.logStart, end - state.pointee.tail.count)
        if end > start, let memory = state.pointee.tail.baseAddress {
            let count = pread(state.pointee.log, memory, end - start, off_t(start))
            if count > 0 { writeAll(UnsafeRawBufferPointer(start: memory, count: count), to: state.pointee.terminal) }
        }
        writeAll(UnsafeRawBufferPointer(state.pointee.advice), to: state.pointee.terminal)
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        guard let start = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let result = write(descriptor, start + written, bytes.count - written)
            if result <= 0 { break }
            written += result
        }
    }
}

private func noteSignal(_ number: Int32) {
    let kept = errno
    var byte = UInt8(truncatingIfNeeded: number)
    if let state = TerminalRestore.state { _ = write(state.pointee.signalPipe, &byte, 1) }
    errno = kept
}

private func dieOfSignal(_ number: Int32) {
    let wasArmed = TerminalRestore.state?.pointee.isArmed == true
    TerminalRestore.restoreNow()
    if wasArmed { TerminalRestore.showLastWords() }
    signal(number, SIG_DFL)
    raise(number)
}
