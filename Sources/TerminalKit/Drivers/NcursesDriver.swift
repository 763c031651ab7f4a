import CNcurses
import Foundation

/// Why the terminal cannot be used: what is wrong and what to do next.
package struct TerminalError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

/// The real terminal through ncurses: alternate screen, wide characters, colours as far as the terminal has them.
///
/// ncurses receives the cells that changed and moves them to the screen; the keys are read past it, since its decoder knows
/// neither pastes nor answers. While the driver is open, descriptors 1 and 2 lead to a log, so that no library's output
/// garbles the screen. Used from one thread; only one may be open.
package final class NcursesDriver: TerminalDriver {
    package private(set) var size: TerminalSize
    /// Readable when keys wait.
    package let inputDescriptor: Int32
    /// Receives a signal's number as a byte.
    package let signalDescriptor: Int32
    /// True once the terminal is gone.
    package var isHungUp: Bool { wasHungUp || listener.isHungUp }

    private let type: TerminalType
    private let ownCapabilities: TerminalCapabilities
    private let drawsPictures: Bool
    private let synchronizes: Bool
    private let signalWriteDescriptor: Int32
    private let stream: UnsafeMutablePointer<FILE>
    private let screen: OpaquePointer
    private let window: UnsafeMutablePointer<WINDOW>
    private let attributesBefore: termios
    private let stray: StrayOutput
    private var listener: TerminalListener
    private var wasHungUp = false
    private var shown: CellBuffer?
    private var colors: ColorPairs
    private var isOpen = true

    /// ncurses' attribute bits (`NCURSES_ATTR_SHIFT` is 8); its macros hide a cast that Swift cannot import.
    private enum AttributeBit {
        static let underline: UInt32 = 1 << 17
        static let reverse: UInt32 = 1 << 18
        static let dim: UInt32 = 1 << 20
        static let bold: UInt32 = 1 << 21
    }

    /// How long the first frame waits for the terminal's answers, so that a light one is not shown a dark screen first.
    private static let patienceAtStart = 30

    /// Opens the controlling terminal. Errors name what is missing. `receiver` gets, on another thread, each line that anything
    /// in the process writes to standard output or error meanwhile.
    package init(
        logFile: URL, environment: [String: String], receiver: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(TerminalError) {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else {
            throw TerminalError(description: "There is no terminal to draw on. Run trainyard in a terminal, or use its commands: trainyard --help.")
        }
        var attributes = termios()
        tcgetattr(terminal, &attributes)
        attributesBefore = attributes
        let isUTF8 = Self.prepareLocale(environment: environment)
        guard let stream = fdopen(terminal, "r+") else {
            Foundation.close(terminal)
            throw TerminalError(description: "The terminal cannot be opened for reading and writing. Try another terminal.")
        }
        guard let (type, screen) = TerminalType.open(environment: environment, stream: stream, descriptor: terminal) else {
            fclose(stream)
            let name = environment["TERM"] ?? ""
            throw TerminalError(
                description: "The terminal TERM=\(name.isEmpty ? "(unset)" : name) cannot move its cursor, or its description is missing. "
                    + "Try TERM=xterm-256color trainyard.")
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
        do throws(TerminalError) {
            stray = try StrayOutput(logFile: logFile, receiver: receiver)
        } catch {
            endwin()
            fclose(stream)
            throw error
        }
        self.type = type
        self.stream = stream
        self.screen = screen
        self.window = window
        inputDescriptor = terminal
        signalDescriptor = descriptors[0]
        signalWriteDescriptor = descriptors[1]
        let measured = Self.measure(terminal)
        size = measured.size
        // The Linux console's font has no braille and few frames.
        let unicode = isUTF8 && environment["TERM"] != "linux" && environment["TRAINYARD_ASCII"]?.isEmpty != false
        ownCapabilities = TerminalCapabilities(colors: TerminalType.colorDepth(environment: environment), unicode: unicode)
        drawsPictures = environment["TRAINYARD_IMAGES"] != "blocks" && ownCapabilities.colors > .none
        synchronizes = environment["TRAINYARD_SYNC"] != "0"
        colors = ColorPairs()
        listener = TerminalListener(descriptor: terminal, isUTF8: isUTF8)

        raw()
        noecho()
        nonl()
        // ncurses would hold a frame back while keys wait that it never reads.
        typeahead(-1)
        curs_set(0)
        if ownCapabilities.colors > .none {
            start_color()
            use_default_colors()
        }
        TerminalRestore.arm(
            terminal: terminal, signalPipe: signalWriteDescriptor, attributes: attributesBefore,
            restoring: Self.modesOff(type) + Self.restoreText(), log: stray.logDescriptor, logStart: stray.logStart, logPath: logFile.path)
        if type.isXtermLike { send(Self.pasteOn) }
        if type.answers {
            listener.noteQuestions()
            send(TerminalListener.questions)
            listener.awaitAnswers(milliseconds: Self.patienceAtStart)
        }
    }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        // What the terminal still has to say must not be read by the shell.
        if listener.awaitsAnswers { listener.awaitAnswers(milliseconds: 200) }
        TerminalRestore.disarm()
        // After a hang-up's signal too: the terminal may be there none the less.
        write(Self.modesOff(type))
        curs_set(1)
        endwin()
        var attributes = attributesBefore
        tcsetattr(inputDescriptor, TCSANOW, &attributes)
        stray.restore(terminalIsGone: isHungUp)
        Foundation.close(signalDescriptor)
        Foundation.close(signalWriteDescriptor)
        delscreen(screen)
        fclose(stream)
    }

    // MARK: What the terminal is

    package var capabilities: TerminalCapabilities {
        var result = ownCapabilities
        if let size = listener.cellSize ?? Self.measure(inputDescriptor).cell {
            result.cellSize = size
            result.graphics = drawsPictures ? listener.graphics : nil
        } else if drawsPictures, listener.graphics == .kitty {
            // kitty fits a picture into cells itself.
            result.graphics = .kitty
        }
        return result
    }

    package var background: RGBColor? { listener.background }

    package var usesMouse = false {
        didSet {
            if usesMouse != oldValue, type.isXtermLike { send(usesMouse ? Self.mouseOn : Self.mouseOff) }
        }
    }

    private static let pasteOn = "\u{1B}[?2004h", mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
    private static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l"

    /// Ends what the program may have switched on beside the screen.
    private static func modesOff(_ type: TerminalType) -> String {
        type.isXtermLike ? "\u{1B}[?2026l" + mouseOff + "\u{1B}[?2004l" : ""
    }

    // MARK: Screen

    /// Stops the process as Ctrl-Z does, the terminal restored, and takes the terminal again when it continues.
    package func suspend() {
        // To this thread, which so stops here; sent to the process, another thread may take it, and this one draws on meanwhile.
        stepAside { raise(SIGSTOP) }
    }

    /// Gives the terminal back as it was while another program uses it, and takes it again afterwards.
    package func stepAside(_ body: () -> Void) {
        send(Self.modesOff(type))
        endwin()
        var attributes = attributesBefore
        tcsetattr(inputDescriptor, TCSANOW, &attributes)
        body()
        wrefresh(window)
        if type.isXtermLike { send(Self.pasteOn + (usesMouse ? Self.mouseOn : "")) }
        resize()
        shown = nil
    }

    /// Takes over the terminal's new size; everything is drawn again.
    package func resize() {
        size = Self.measure(inputDescriptor).size
        resizeterm(Int32(size.height), Int32(size.width))
        wresize(window, Int32(size.height), Int32(size.width))
        shown = nil
    }

    /// Forgets what is shown, so that the next frame repairs a garbled screen.
    package func invalidate() {
        shown = nil
    }

    package func present(_ buffer: CellBuffer) {
        guard buffer.size == size, !isHungUp, shown != buffer else { return }
        if colors.isFull {
            colors.reset()
            shown = nil
        }
        colors.noteFrame()
        let pictures = PictureUpdate(from: shown, to: buffer, graphics: capabilities.graphics)
        if pictures.needsCleanScreen { shown = nil }
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
        let isSynchronized = synchronizes && listener.knowsSynchronizedOutput
        send((isSynchronized ? "\u{1B}[?2026h" : "") + pictures.sequenceBefore)
        if let cursor = buffer.cursor, cursor.x < size.width, cursor.y < size.height {
            wmove(window, Int32(cursor.y), Int32(cursor.x))
            wnoutrefresh(window)
            doupdate()
            curs_set(1)
        } else {
            curs_set(0)
            wnoutrefresh(window)
            doupdate()
        }
        send(pictures.sequenceAfter(depth: ownCapabilities.colors) + (isSynchronized ? "\u{1B}[?2026l" : ""))
        shown = buffer
    }

    private func write(_ cell: Cell, x: Int, y: Int) {
        var attributes: UInt32 = 0
        if cell.style.attributes.contains(.bold) { attributes |= AttributeBit.bold }
        if cell.style.attributes.contains(.dim) { attributes |= AttributeBit.dim }
        if cell.style.attributes.contains(.underline) { attributes |= AttributeBit.underline }
        if cell.style.attributes.contains(.reverse) { attributes |= AttributeBit.reverse }
        var pair = colors.number(of: cell.style, depth: ownCapabilities.colors)
        // ncurses keeps a base character and up to four combining ones.
        var scalars = cell.character.unicodeScalars.prefix(5).map { wchar_t(bitPattern: $0.value) }
        scalars.append(0)
        var complex = cchar_t()
        setcchar(&complex, scalars, attributes, Int16(truncatingIfNeeded: pair), &pair)
        guard wmove(window, Int32(y), Int32(x)) == 0 else { return }
        // Writing the bottom right cell reports an error after it has drawn it: the cursor has nowhere to go.
        wadd_wch(window, &complex)
    }

    /// Writes a sequence that changes nothing in ncurses' picture of the screen, between two frames.
    package func send(_ sequence: String) {
        if !isHungUp, !sequence.isEmpty { write(sequence) }
    }

    private func write(_ sequence: String) {
        let bytes = Array(sequence.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(inputDescriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            written += count
        }
    }

    // MARK: Keys

    package func readKeys() -> [Key] {
        listener.listen()
        return listener.takeKeys()
    }

    /// Keys that came while something else was waited for.
    package var hasWaitingKeys: Bool { !listener.keys.isEmpty }

    /// Milliseconds until bytes that may go on are decided by `readKeys`; nil when none are open.
    package var inputPatience: Int? { listener.patience }

    /// Tells the driver that the terminal is gone: nothing is written any more.
    package func noteHangUp() {
        wasHungUp = true
    }

    // MARK: Preparing

    private static func measure(_ descriptor: Int32) -> (size: TerminalSize, cell: PixelSize?) {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return (TerminalSize(width: 80, height: 24), nil)
        }
        let size = TerminalSize(width: Int(window.ws_col), height: Int(window.ws_row))
        guard window.ws_xpixel >= window.ws_col, window.ws_ypixel >= window.ws_row else { return (size, nil) }
        return (size, PixelSize(width: Int(window.ws_xpixel) / size.width, height: Int(window.ws_ypixel) / size.height))
    }

    /// Sets the character set and says whether it is UTF-8. Without any locale in the environment, as in containers, UTF-8 is taken;
    /// a locale that names another set gets ASCII.
    private static func prepareLocale(environment: [String: String]) -> Bool {
        setlocale(LC_ALL, "")
        let given = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty }
        if given == nil { setlocale(LC_CTYPE, "C.UTF-8") }
        // Numbers in files and logs keep their point.
        setlocale(LC_NUMERIC, "C")
        return nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } == "UTF-8"
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
