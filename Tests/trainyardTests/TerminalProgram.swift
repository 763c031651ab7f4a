import Foundation
import Testing

/// The built program on a pseudo-terminal of its own, as a shell would start it: the other end is read, parsed and typed on.
final class TerminalProgram {
    let program = try? CommandLineProgram()
    private(set) var screen: ScreenParser
    /// Everything that was written, and how much of it since the last mark.
    private(set) var written: [UInt8] = []
    private var mark = 0
    private var terminal: Int32
    private let other: Int32
    private let process: pid_t
    private(set) var status: Int32?
    let attributesBefore: termios
    /// Answers to the program's questions, by what they begin with; without one the terminal stays silent.
    private var answers: [(question: String, answer: String)]
    private var answered = 0

    init(
        environment: [String: String] = [:], width: Int = 80, height: Int = 24, answers: [(question: String, answer: String)] = []
    ) throws {
        screen = ScreenParser(width: width, height: height)
        self.answers = answers
        var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
        var ownEnd: Int32 = -1, otherEnd: Int32 = -1, name = [CChar](repeating: 0, count: 128)
        try #require(openpty(&ownEnd, &otherEnd, &name, nil, &size) == 0)
        terminal = ownEnd
        // Held open, so that the attributes can be read when the program has gone.
        other = otherEnd
        for end in [ownEnd, otherEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var attributes = termios()
        try #require(tcgetattr(other, &attributes) == 0)
        attributesBefore = attributes

        let folder = try #require(program).folder.path
        var variables = ProcessInfo.processInfo.environment
        for key in ["COLORTERM", "NO_COLOR", "TMUX", "STY", "COLORFGBG", "TRAINYARD_THEME", "TRAINYARD_ASCII", "LC_ALL", "LC_CTYPE"] { variables[key] = nil }
        variables.merge(
            ["TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": folder, "XDG_CONFIG_HOME": folder + "/config", "TRAINYARD_HOME": folder + "/home"]
        ) { $1 }
        variables.merge(environment) { $1 }
        process = try Self.spawn(CommandLineProgram.executable().path, terminal: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self), environment: variables)
    }

    deinit {
        if status == nil { end() }
        if terminal >= 0 { close(terminal) }
        close(other)
    }

    /// glibc's POSIX_SPAWN_SETSID, which its headers show only to GNU C.
    private static let newSession: Int32 = 0x80

    /// In a session of its own, the first terminal that a process opens becomes its controlling one.
    private static func spawn(_ path: String, terminal: String, environment: [String: String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var defaults = sigset_t(), none = sigset_t()
        sigfillset(&defaults)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(newSession | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let code = posix_spawn(&process, path, &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
        return process
    }

    // MARK: Typing and looking

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(terminal, bytes, bytes.count)
    }

    func signal(_ number: Int32) { kill(process, number) }

    func resize(width: Int, height: Int) {
        screen.resize(width: width, height: height)
        var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }

    /// Seconds after which something counts as never happening, on a slow and busy machine as well.
    private static let patience = 60.0

    /// Takes what comes until the condition holds; false when the time is over first.
    func wait(_ seconds: Double = patience, until condition: (TerminalProgram) -> Bool) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while !condition(self) {
            guard Date() < end else { return false }
            _ = take(milliseconds: 10)
        }
        return true
    }

    func wait(for text: String) -> Bool { wait { $0.screen.text.contains(text) } }

    /// Takes what comes within the time.
    func listen(_ seconds: Double) { _ = wait(seconds) { _ in false } }

    /// False at the end of what is written.
    private func take(milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        guard terminal >= 0 else {
            usleep(UInt32(milliseconds) * 1000)
            return false
        }
        guard poll(&waiting, 1, milliseconds) > 0, waiting.revents & Int16(POLLIN) != 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(terminal, &bytes, bytes.count)
        guard count > 0 else { return false }
        written += bytes[..<count]
        screen.feed(bytes[..<count])
        answer()
        return true
    }

    private func answer() {
        let text = String(decoding: written[answered...], as: UTF8.self)
        let found = answers.filter { text.contains($0.question) }
        guard !found.isEmpty else { return }
        answered = written.count
        answers.removeAll { answer in found.contains { $0.question == answer.question } }
        type(found.map(\.answer).joined())
    }

    func setMark() { mark = written.count }
    var bytesSinceMark: Int { written.count - mark }
    var textWritten: String { String(decoding: written, as: UTF8.self) }

    // MARK: The end

    /// The attributes that the terminal has now.
    var attributes: termios {
        var result = termios()
        tcgetattr(other, &result)
        return result
    }

    /// The terminal vanishes, as when its window is closed.
    func hangUp() {
        close(terminal)
        terminal = -1
    }

    /// True when the process ends in time; what it wrote last is taken.
    func waitForEnd(_ seconds: Double = patience) -> Bool {
        let ended = wait(seconds) { program in
            guard program.status == nil else { return true }
            var status: Int32 = 0
            if waitpid(program.process, &status, WNOHANG) == program.process { program.status = status }
            return program.status != nil
        }
        while take(milliseconds: 20) {}
        return ended
    }

    func end() {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        self.status = status
    }

    /// The exit code, or nil after a signal.
    var exitCode: Int32? { status.flatMap { $0 & 0x7F == 0 ? $0 >> 8 & 0xFF : nil } }
    var endSignal: Int32? { status.flatMap { $0 & 0x7F == 0 ? nil : $0 & 0x7F } }

    /// Writes to the program's own standard error, as a library in it would.
    func writeToStandardError(_ text: String) throws {
        let handle = try #require(FileHandle(forWritingAtPath: "/proc/\(process)/fd/2"))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// Seconds of processor time that the program took.
    var processorSeconds: Double { Self.processorSeconds("/proc/\(process)/stat") }

    /// Those of the thread that draws and reads keys, and later waits for runs; those that train are others.
    var screenThreadSeconds: Double { Self.processorSeconds("/proc/\(process)/task/\(process)/stat") }

    private static func processorSeconds(_ file: String) -> Double {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .infinity }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
