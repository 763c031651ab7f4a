import CNcurses
import Foundation

/// Which description of terminals ncurses works with, and what the terminal is trusted with beside it.
struct TerminalType: Equatable, Sendable {
    /// The name that ncurses looks up.
    let name: String
    /// A description that the program carries, for where the system has none.
    let carried: [UInt8]?
    /// The terminal understands xterm's private modes and ignores those that it lacks.
    let isXtermLike: Bool
    /// The terminal may be asked questions: what it does not know it answers with silence.
    let answers: Bool

    /// The types to try for an environment, the first best.
    static func candidates(environment: [String: String]) -> [TerminalType] {
        let name = environment["TERM"] ?? ""
        guard !name.isEmpty, name != "dumb" else { return [] }
        let isTmux = name.hasPrefix("tmux") || (name.hasPrefix("screen") && environment["TMUX"]?.isEmpty == false)
        let isScreen = name.hasPrefix("screen") && !isTmux
        let plain = ["linux", "vt", "ansi", "cons", "sun", "wsvt", "hurd", "mach", "pcansi", "cygwin"].contains { name.hasPrefix($0) }
        let isXtermLike = !plain
        var types: [TerminalType] = []
        func add(_ name: String, carried: [UInt8]? = nil) {
            types.append(TerminalType(name: name, carried: carried, isXtermLike: isXtermLike, answers: isXtermLike && !isScreen))
        }
        let truth = environment["COLORTERM"] ?? ""
        if name.hasSuffix("-direct") || (isXtermLike && !isScreen && (truth == "truecolor" || truth == "24bit")) {
            if isTmux {
                add("tmux-direct", carried: PackageResources.tmux_direct_terminfo)
            } else {
                add("xterm-direct", carried: PackageResources.xterm_direct_terminfo)
            }
        }
        add(name)
        // Terminals bring names of their own that the machine at the other end of SSH has never heard of.
        if isXtermLike { add(isTmux || isScreen ? "screen-256color" : "xterm-256color") }
        if isXtermLike { add(isTmux || isScreen ? "screen" : "xterm") }
        add("vt100")
        return types
    }

    /// Opens the first type that ncurses can work with.
    static func open(
        environment: [String: String], stream: UnsafeMutablePointer<FILE>, descriptor: Int32
    ) -> (type: TerminalType, screen: OpaquePointer)? {
        for type in candidates(environment: environment) {
            let before = getenv("TERMINFO").map { String(cString: $0) }
            if let carried = type.carried {
                setenv("TERMINFO", "hex:" + carried.map { String(format: "%02x", $0) }.joined(), 1)
            }
            defer {
                // Programs that this one starts find their environment as it was.
                if type.carried != nil {
                    if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") }
                }
            }
            // ncurses ends the process itself for a TERM that it does not know, so the name is looked up first.
            var status: Int32 = 0
            guard setupterm(type.name, descriptor, &status) == 0, status == 1 else { continue }
            if let screen = newterm(type.name, stream, stream) { return (type, screen) }
        }
        return nil
    }

    /// The colours of the type that is open, unless the person wants none.
    static func colorDepth(environment: [String: String]) -> ColorDepth {
        if environment["NO_COLOR"]?.isEmpty == false { return .none }
        switch Int(tigetnum("colors")) {
        case 0x100_0000...: return .trueColor
        case 256...: return .palette256
        case 16...: return .ansi16
        case 8...: return .ansi8
        default: return .none
        }
    }
}
