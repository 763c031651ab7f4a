import CNcurses
import Foundation

/// Why the terminal cannot be used: what is wrong and what to do next.
package struct TerminalError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

/// The real terminal through ncurses: alternate screen, wide characters, colours as far as the terminal has them.
///
/// While it is open, descriptors 1 and 2 lead to a log file, so that no library's output garbles the screen.
/// Used from one thread; only one may be open.
package final class NcursesDriver: TerminalDriver {
    package private(set) var size: TerminalSize
    package let capabilities: TerminalCapabilities
    /// Readable when keys wait.
    package let inputDescriptor: Int32
    /// Receives a signal's number as a byte.
    package let signalDescriptor: Int32
    /// True once the terminal is gone.
    package private(set) var isHungUp = false

    private let signalWriteDescriptor: Int32
    private let stream: UnsafeMutablePointer<FILE>
    private let screen: OpaquePointer
    private let window: UnsafeMutablePointer<WINDOW>
    private let attributesBefore: termios
    private let savedOutput: Int32
    private let savedError: Int32
    private var shown: CellBuffer?
    private var pairs: [ColorPair: Int32] = [:]
    private var isOpen = true
    private var decoder: KeyDecoder

    private struct ColorPair: Hashable {
        let foreground: Int32
        let background: Int32
    }

    /// ncurses' attribute bits (`NCURSES_ATTR_SHIFT` is 8); its macros hide a cast that Swift cannot import.
    private enum AttributeBit {
        static let underline: UInt32 = 1 << 17
        static let reverse: UInt32 = 1 << 18
        static let dim: UInt32 = 1 << 20
        static let bold: UInt32 = 1 << 21
    }

    /// Opens the controlling terminal. Errors name what is missing.
    package init(logFile: URL, environment: [String: String]) throws(TerminalError) {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else {
            throw TerminalError(description: "There is no terminal to draw on. Run trainyard in a terminal, or use its commands: trainyard --help.")
        }
        var attributes = termios()
        tcgetattr(terminal, &attributes)
        attributesBefore = attributes
        let unicode = Self.prepareLocale(environment: environment)
        guard let stream = fdopen(terminal, "r+") else {
            Foundation.close(terminal)
            throw TerminalError(description: "The terminal cannot be opened for reading and writing. Try another terminal.")
        }
        // ncurses ends the process itself for a TERM that it does not know, so the name is looked up first.
        var status: Int32 = 0
        let name = environment["TERM"] ?? ""
        guard setupterm(name, terminal, &status) == 0, let screen = newterm(name, stream, stream) else {
            fclose(stream)
            throw TerminalError(
                description: "The terminal type TERM=\(name.isEmpty ? "(unset)" : name) is not known here. Try TERM=xterm-256color trainyard.")
        }
        guard let window = newwin(0, 0, 0, 0) else {
            endwin()
            fclose(stream)
            throw TerminalError(description: "ncurses could not make a window. Make the terminal larger and start again.")
        }
        var descriptors: [Int32] = [-1, -1]
        guard pipe(&descriptors) == 0 else {
            endwin()
            fclose(stream)
            throw TerminalError(description: "No pipe could be made: too many files are open.")
        }
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        self.stream = stream
        self.screen = screen
        self.window = window
        inputDescriptor = terminal
        signalDescriptor = descriptors[0]
        signalWriteDescriptor = descriptors[1]
        size = Self.measure(terminal)
        decoder = KeyDecoder(isUTF8: unicode)
        capabilities = TerminalCapabilities(colors: Self.colorDepth(environment: environment), unicode: unicode)

        savedOutput = dup(1)
        savedError = dup(2)
        try? FileManager.default.createDirectory(at: logFile.deletingLastPathComponent(), withIntermediateDirectories: true)
        let log = open(logFile.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let sink = log >= 0 ? log : open("/dev/null", O_WRONLY | O_CLOEXEC)
        fflush(nil)
        dup2(sink, 1)
        dup2(sink, 2)
        if sink >= 0 { Foundation.close(sink) }

        raw()
        noecho()
        nonl()
        keypad(window, true)
        curs_set(0)
        if capabilities.colors > .none {
            start_color()
            use_default_colors()
        }
        TerminalRestore.arm(
            terminal: terminal, signalPipe: signalWriteDescriptor, attributes: attributesBefore, restoring: Self.restoreText())
    }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        TerminalRestore.disarm()
        curs_set(1)
        endwin()
        var attributes = attributesBefore
        tcsetattr(inputDescriptor, TCSANOW, &attributes)
        fflush(nil)
        dup2(savedOutput, 1)
        dup2(savedError, 2)
        Foundation.close(savedOutput)
        Foundation.close(savedError)
        Foundation.close(signalDescriptor)
        Foundation.close(signalWriteDescriptor)
        delscreen(screen)
        fclose(stream)
    }

    /// Stops the process as Ctrl-Z does, the terminal restored, and takes the terminal again when it continues.
    package func suspend() {
        endwin()
        kill(getpid(), SIGSTOP)
        wrefresh(window)
        resize()
        shown = nil
    }

    /// Takes over the terminal's new size; everything is drawn again.
    package func resize() {
        size = Self.measure(inputDescriptor)
        resizeterm(Int32(size.height), Int32(size.width))
        wresize(window, Int32(size.height), Int32(size.width))
        shown = nil
    }

    /// Forgets what is shown, so that the next frame repairs a garbled screen.
    package func invalidate() {
        shown = nil
    }

    package func present(_ buffer: CellBuffer) {
        guard buffer.size == size, !isHungUp else { return }
        if shown == buffer { return }
        let before = shown
        if before == nil {
            werase(window)
            clearok(window, true)
        }
        for y in 0..<size.height {
            for x in 0..<size.width {
                let cell = buffer[x: x, y: y]
                if let before, before[x: x, y: y] == cell { continue }
                if cell.width > 0 { write(cell, x: x, y: y) }
            }
        }
        if let cursor = buffer.cursor {
            wmove(window, Int32(cursor.y), Int32(cursor.x))
            curs_set(1)
        } else {
            curs_set(0)
        }
        wnoutrefresh(window)
        doupdate()
        shown = buffer
    }

    private func write(_ cell: Cell, x: Int, y: Int) {
        var attributes: UInt32 = 0
        if cell.style.attributes.contains(.bold) { attributes |= AttributeBit.bold }
        if cell.style.attributes.contains(.dim) { attributes |= AttributeBit.dim }
        if cell.style.attributes.contains(.underline) { attributes |= AttributeBit.underline }
        if cell.style.attributes.contains(.reverse) { attributes |= AttributeBit.reverse }
        var pair = pairNumber(cell.style)
        // ncurses keeps a base character and up to four combining ones.
        var scalars = cell.character.unicodeScalars.prefix(5).map { wchar_t(bitPattern: $0.value) }
        scalars.append(0)
        var complex = cchar_t()
        setcchar(&complex, scalars, attributes, Int16(truncatingIfNeeded: pair), &pair)
        draw(&complex, x: x, y: y)
    }

    private func draw(_ complex: inout cchar_t, x: Int, y: Int) {
        guard wmove(window, Int32(y), Int32(x)) == 0 else { return }
        // Writing the bottom right cell reports an error after it has drawn it: the cursor has nowhere to go.
        wadd_wch(window, &complex)
    }

    private func pairNumber(_ style: Style) -> Int32 {
        let foreground = style.foreground.flatMap(capabilities.colors.index(of:)).map { Int32($0) } ?? -1
        let background = style.background.flatMap(capabilities.colors.index(of:)).map { Int32($0) } ?? -1
        guard foreground != -1 || background != -1 else { return 0 }
        let key = ColorPair(foreground: foreground, background: background)
        if let known = pairs[key] { return known }
        let pair = alloc_pair(foreground, background)
        pairs[key] = pair > 0 ? pair : 0
        return pair > 0 ? pair : 0
    }

    package func readKeys() -> [Key] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(inputDescriptor, &bytes, bytes.count)
        let inputs = count > 0 ? decoder.feed(bytes[..<count]) : decoder.giveUp()
        return inputs.compactMap { input in
            switch input {
            case .key(let key): return key
            case .report: return nil
            }
        }
    }

    /// Tells the driver that the terminal is gone: nothing is written any more.
    package func noteHangUp() {
        isHungUp = true
    }

    private static func measure(_ descriptor: Int32) -> TerminalSize {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return TerminalSize(width: 80, height: 24)
        }
        return TerminalSize(width: Int(window.ws_col), height: Int(window.ws_row))
    }

    /// Sets the character set and says whether it is UTF-8. Without any locale in the environment, as in containers, UTF-8 is taken;
    /// a locale that names another set, and the Linux console, whose font has no braille, get ASCII.
    private static func prepareLocale(environment: [String: String]) -> Bool {
        setlocale(LC_ALL, "")
        let given = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty }
        if given == nil { setlocale(LC_CTYPE, "C.UTF-8") }
        // Numbers in files and logs keep their point.
        setlocale(LC_NUMERIC, "C")
        let isUTF8 = nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } == "UTF-8"
        return isUTF8 && environment["TERM"] != "linux" && environment["TRAINYARD_ASCII"]?.isEmpty != false
    }

    private static func colorDepth(environment: [String: String]) -> ColorDepth {
        if environment["NO_COLOR"]?.isEmpty == false { return .none }
        let colors = Int(tigetnum("colors"))
        switch colors {
        case 0x100_0000...: return .trueColor
        case 256...: return .palette256
        case 16...: return .ansi16
        case 8...: return .ansi8
        default: return .none
        }
    }

    /// The terminal's own sequences for: colours off, keypad off, cursor on, main screen; then a fresh line.
    private static func restoreText() -> String {
        let fallback = ["sgr0": "\u{1B}[0m", "rmkx": "\u{1B}[?1l\u{1B}>", "cnorm": "\u{1B}[?25h", "rmcup": "\u{1B}[?1049l"]
        return ["sgr0", "rmkx", "cnorm", "rmcup"].map { name in
            guard let sequence = tigetstr(name), Int(bitPattern: sequence) != -1 else { return fallback[name] ?? "" }
            return withoutPadding(String(cString: sequence))
        }.joined() + "\r\n"
    }

    /// Drops terminfo's delays, `$<50/>`: only tputs may see them.
    private static func withoutPadding(_ sequence: String) -> String {
        var result = "", rest = sequence[...]
        while let start = rest.range(of: "$<") {
            result += rest[..<start.lowerBound]
            guard let end = rest.range(of: ">", range: start.upperBound..<rest.endIndex) else { return result }
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}
