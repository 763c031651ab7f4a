import Foundation

/// Gives the terminal back on the ways out that run no Swift: a crash, a trap, `exit`.
///
/// Everything that a signal handler touches is prepared beforehand in plain memory, since a handler may neither allocate
/// nor take a lock. Handlers only call write, tcsetattr, sigaction and raise, which POSIX allows there.
enum TerminalRestore {
    fileprivate struct State {
        var terminal: Int32
        var signalPipe: Int32
        var attributes: termios
        var bytes: UnsafeMutablePointer<UInt8>
        var count: Int
        var isArmed: Bool
    }

    /// Written once before the handlers are installed; afterwards only `isArmed` changes.
    nonisolated(unsafe) fileprivate static var state: UnsafeMutablePointer<State>?

    static let noted: [Int32] = [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT, SIGTSTP]
    static let fatal: [Int32] = [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGTRAP, SIGFPE]

    /// Installs the handlers. `signalPipe` is the descriptor that receives one byte, the signal's number, for each noted signal.
    static func arm(terminal: Int32, signalPipe: Int32, attributes: termios, restoring text: String) {
        let bytes = Array(text.utf8)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        memory.initialize(from: bytes, count: bytes.count)
        let fresh = State(
            terminal: terminal, signalPipe: signalPipe, attributes: attributes, bytes: memory, count: bytes.count, isArmed: true)
        if let state {
            state.pointee.bytes.deallocate()
            state.pointee = fresh
        } else {
            let place = UnsafeMutablePointer<State>.allocate(capacity: 1)
            place.initialize(to: fresh)
            state = place
            atexit { TerminalRestore.restoreNow() }
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

    private static func install(_ number: Int32, handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }

    fileprivate static func restoreNow() {
        guard let state, state.pointee.isArmed else { return }
        state.pointee.isArmed = false
        var written = 0
        while written < state.pointee.count {
            let result = write(state.pointee.terminal, state.pointee.bytes + written, state.pointee.count - written)
            if result <= 0 { break }
            written += result
        }
        tcsetattr(state.pointee.terminal, TCSANOW, &state.pointee.attributes)
    }
}

private func noteSignal(_ number: Int32) {
    let kept = errno
    var byte = UInt8(truncatingIfNeeded: number)
    if let state = TerminalRestore.state { _ = write(state.pointee.signalPipe, &byte, 1) }
    errno = kept
}

private func dieOfSignal(_ number: Int32) {
    TerminalRestore.restoreNow()
    signal(number, SIG_DFL)
    raise(number)
}
