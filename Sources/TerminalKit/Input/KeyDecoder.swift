/// Turns a terminal's bytes into keys, pastes, mouse reports and answers, however the bytes are cut into pieces.
///
/// A value without a clock: where bytes could still become something longer, `patience` says how long to wait for the rest
/// before `giveUp` takes them for what they are. So a lone Escape is one within milliseconds, and an answer that comes late
/// or in parts is still no typed text.
struct KeyDecoder: Equatable, Sendable {
    /// Bytes that are not decided yet.
    private var pending: [UInt8] = []
    /// The text of a paste that has begun.
    private var paste: [UInt8]?
    private let isUTF8: Bool

    private static let escape: UInt8 = 0x1B
    private static let pasteEnd = Array("\u{1B}[201~".utf8)
    /// No answer is longer; what is, is thrown away.
    private static let longestString = 4096

    init(isUTF8: Bool = true) {
        self.isUTF8 = isUTF8
    }

    /// Milliseconds to wait for more bytes; nil when nothing is open.
    var patience: Int? {
        if paste != nil { return 1000 }
        if pending.isEmpty { return nil }
        if pending == [Self.escape] { return 15 }
        return isInString ? 1000 : 100
    }

    private var isInString: Bool {
        pending.count > 2 && [UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "P")].contains(pending[1])
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) -> [TerminalInput] {
        pending += bytes
        var result: [TerminalInput] = []
        while !pending.isEmpty {
            if paste != nil {
                guard let text = takePaste() else { break }
                result.append(.key(.paste(text)))
                continue
            }
            guard let (count, inputs) = decodeFront() else { break }
            pending.removeFirst(count)
            result += inputs
        }
        return result
    }

    /// No more bytes came in time: what is open is decided as it stands.
    mutating func giveUp() -> [TerminalInput] {
        if let open = paste {
            paste = nil
            let rest = open + pending
            pending = []
            return [.key(.paste(Self.pasted(rest)))]
        }
        let open = pending
        pending = []
        guard open.first == Self.escape else { return [] }
        if open.count == 1 { return [.key(.escape)] }
        // Alt with a bracket or the like; a longer torso of a sequence means nothing.
        return open.count == 2 ? [.key(.alt(Character(Unicode.Scalar(open[1]))))] : []
    }

    // MARK: Paste

    /// The whole text once its end has come. The end may arrive in pieces, so the last bytes are looked at together.
    private mutating func takePaste() -> String? {
        guard var text = paste else { return nil }
        let searchFrom = max(0, text.count - Self.pasteEnd.count)
        text += pending
        pending = []
        guard let end = Self.firstIndex(of: Self.pasteEnd, in: text, from: searchFrom) else {
            paste = text
            return nil
        }
        pending = Array(text[(end + Self.pasteEnd.count)...])
        paste = nil
        return Self.pasted(Array(text[..<end]))
    }

    private static func firstIndex(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        return (start...max(start, bytes.count - needle.count)).first { $0 + needle.count <= bytes.count && Array(bytes[$0..<$0 + needle.count]) == needle }
    }

    /// Terminals send a paste's line ends as carriage returns; other control characters have no place in text.
    private static func pasted(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return String(text.unicodeScalars.filter { $0 == "\n" || $0 == "\t" || ($0.value >= 32 && $0.value != 127) }.map(Character.init))
    }

    // MARK: Front of the bytes

    /// The first thing in the bytes and how many it takes; nil when more are needed.
    private mutating func decodeFront() -> (count: Int, inputs: [TerminalInput])? {
        let first = pending[0]
        if first == Self.escape { return decodeEscape() }
        if first < 32 || first == 127 { return (1, Self.control(first).map { [.key($0)] } ?? []) }
        return decodeText()
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0: .control(" ")
        case 8, 127: .backspace
        case 9: .tab
        case 10, 13: .enter
        case 1...26: .control(Character(Unicode.Scalar(byte + 96)))
        case 28...31: .control(Character(Unicode.Scalar(byte + 64)))
        default: nil
        }
    }

    /// Text up to the next control byte, as whole characters: a letter and its combining marks are one key.
    private func decodeText() -> (count: Int, inputs: [TerminalInput])? {
        let run = pending.prefix { $0 >= 32 && $0 != 127 }
        guard isUTF8 else { return (run.count, run.map { .key(.character(Character(Unicode.Scalar($0)))) }) }
        let whole = run.count - (run.count == pending.count ? Self.unfinished(run) : 0)
        guard whole > 0 else { return nil }
        let text = String(decoding: run.prefix(whole), as: UTF8.self)
        return (whole, text.filter { $0 != "\u{FFFD}" }.map { .key(.character($0)) })
    }

    /// How many bytes at the end begin a character that is not complete.
    private static func unfinished(_ bytes: ArraySlice<UInt8>) -> Int {
        for (back, byte) in bytes.suffix(3).reversed().enumerated() where byte >= 0xC0 {
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            return length > back + 1 ? back + 1 : 0
        }
        return 0
    }

    private mutating func decodeEscape() -> (count: Int, inputs: [TerminalInput])? {
        guard pending.count > 1 else { return nil }
        switch pending[1] {
        case UInt8(ascii: "["): return decodeControlSequence()
        case UInt8(ascii: "O"):
            guard pending.count > 2 else { return nil }
            return (3, KeySequences.singleShift(pending[2]).map { [.key($0)] } ?? [])
        case UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "P"): return decodeString()
        case Self.escape: return (1, [.key(.escape)])
        case let byte where byte < 32 || byte == 127:
            return (1, [.key(.escape)])
        default:
            // Alt sends Escape before the character, which may take several bytes.
            var rest = KeyDecoder(isUTF8: isUTF8)
            let length = !isUTF8 || pending[1] < 0x80 ? 1 : pending[1] >= 0xF0 ? 4 : pending[1] >= 0xE0 ? 3 : 2
            guard pending.count > length else { return nil }
            let inputs = rest.feed(pending[1...length])
            guard case .key(.character(let character))? = inputs.first else { return (1 + length, [.key(.escape)]) }
            return (1 + length, [.key(.alt(character))])
        }
    }

    private mutating func decodeControlSequence() -> (count: Int, inputs: [TerminalInput])? {
        var index = 2
        // The Linux console's function keys: ESC [ [ A.
        if index < pending.count, pending[index] == UInt8(ascii: "[") {
            guard pending.count > 3 else { return nil }
            let number = Int(pending[3]) - 64
            return (4, (1...5).contains(number) ? [.key(.function(number))] : [])
        }
        while index < pending.count, (0x20...0x3F).contains(pending[index]) { index += 1 }
        guard index < pending.count else { return pending.count > 64 ? (pending.count, []) : nil }
        let final = pending[index]
        // A byte that no sequence may hold: what came before it was cut off.
        guard (0x40...0x7E).contains(final) else { return (index, []) }
        let body = String(decoding: pending[2..<index], as: UTF8.self)
        if final == UInt8(ascii: "M"), body.isEmpty {
            guard pending.count >= 6 else { return nil }
            let code = pending[3..<6].map { Int($0) - 32 }
            return (6, KeySequences.mouse(code: code[0], x: code[1], y: code[2], isRelease: false).map { [.key($0)] } ?? [])
        }
        if final == UInt8(ascii: "~"), body == "200" {
            paste = []
            return (index + 1, [])
        }
        return (index + 1, KeySequences.controlSequence(body, final: Character(Unicode.Scalar(final))).map { [$0] } ?? [])
    }

    /// A string sequence ends with BEL or ESC \.
    private func decodeString() -> (count: Int, inputs: [TerminalInput])? {
        var index = 2
        while index < pending.count {
            if pending[index] == 7 { return (index + 1, report(upTo: index)) }
            if pending[index] == Self.escape {
                guard index + 1 < pending.count else { return nil }
                // Any other escape begins something new: the string was cut off.
                return pending[index + 1] == UInt8(ascii: "\\") ? (index + 2, report(upTo: index)) : (index, [])
            }
            index += 1
        }
        return pending.count > Self.longestString ? (pending.count, []) : nil
    }

    private func report(upTo end: Int) -> [TerminalInput] {
        let body = String(decoding: pending[2..<end], as: UTF8.self)
        return KeySequences.string(kind: pending[1], body).map { [.report($0)] } ?? []
    }
}
