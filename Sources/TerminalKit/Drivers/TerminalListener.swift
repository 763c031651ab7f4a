import Foundation

/// Reads a terminal: keys for the program, and answers to the questions that were put to it.
///
/// Answers are taken out of the stream whenever they come, so that waiting for one never costs a typed key.
struct TerminalListener {
    private(set) var keys: [Key] = []
    private(set) var isHungUp = false
    /// True from asking until the terminal's last answer.
    private(set) var awaitsAnswers = false
    private(set) var background: RGBColor?
    private(set) var cellSize: PixelSize?
    private(set) var knowsSynchronizedOutput = false
    private(set) var graphics: GraphicsProtocol?

    private let descriptor: Int32
    private var decoder: KeyDecoder
    private var lastByte = DispatchTime.now()

    init(descriptor: Int32, isUTF8: Bool) {
        self.descriptor = descriptor
        decoder = KeyDecoder(isUTF8: isUTF8)
    }

    /// Background colour, kitty's pictures, synchronised output, a cell's size; at last what every terminal answers.
    static let questions = "\u{1B}]11;?\u{1B}\\\u{1B}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\\u{1B}[?2026$p\u{1B}[16t\u{1B}[c"

    mutating func noteQuestions() {
        awaitsAnswers = true
    }

    /// Milliseconds until bytes that may go on are decided; nil when none are open.
    var patience: Int? {
        decoder.patience.map { limit in
            max(0, limit - Int((DispatchTime.now().uptimeNanoseconds - lastByte.uptimeNanoseconds) / 1_000_000))
        }
    }

    /// Takes what is there, without blocking.
    mutating func listen() {
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 0) > 0 else { break }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR || errno == EAGAIN { break }
            guard count > 0 else {
                isHungUp = true
                return
            }
            lastByte = .now()
            take(decoder.feed(bytes[..<count]))
            if count < bytes.count { break }
        }
        if patience == 0 { take(decoder.giveUp()) }
    }

    /// Listens until the terminal has answered, or the time is over. Keys that come meanwhile stay for later.
    mutating func awaitAnswers(milliseconds: Int) {
        let end = DispatchTime.now().uptimeNanoseconds + UInt64(milliseconds) * 1_000_000
        while awaitsAnswers, !isHungUp {
            let now = DispatchTime.now().uptimeNanoseconds
            guard now < end else { return }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32((end - now) / 1_000_000 + 1)) > 0 else { continue }
            listen()
        }
    }

    mutating func takeKeys() -> [Key] {
        defer { keys = [] }
        return keys
    }

    private mutating func take(_ inputs: [TerminalInput]) {
        for input in inputs {
            switch input {
            case .key(let key): keys.append(key)
            case .report(.background(let color)): background = color
            case .report(.cellSize(let width, let height)): cellSize = PixelSize(width: width, height: height)
            case .report(.kittyGraphics(let isSupported)): if isSupported { graphics = .kitty }
            case .report(.mode(let number, let isKnown)): if number == 2026 { knowsSynchronizedOutput = isKnown }
            case .report(.attributes(let attributes)):
                awaitsAnswers = false
                if graphics == nil, attributes.dropFirst().contains(4) { graphics = .sixel }
            }
        }
    }
}
