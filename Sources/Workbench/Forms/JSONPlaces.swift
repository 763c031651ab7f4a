/// Where the values of a JSON text stand: JSON pointers to lines, and the first place where the text stops being JSON.
package struct JSONPlaces: Sendable, Equatable {
    /// Lines count from 0. The place of a member is that of its key.
    package private(set) var lines: [String: Int] = [:]
    /// The first mistake of form; nil when the text is JSON.
    package private(set) var mistake: Mistake?

    package struct Mistake: Error, Sendable, Equatable {
        package let line: Int
        package let message: String
    }

    package init(_ text: String) {
        var scanner = Scanner(text: Array(text.utf8))
        do {
            try scanner.document()
        } catch { mistake = error }
        lines = scanner.lines
    }

    /// The line of a pointer, or of the nearest object around it.
    package func line(of pointer: String) -> Int {
        var path = pointer[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let slash = path.lastIndex(of: "/") else { return 0 }
            path = path[..<slash]
        }
    }

    /// The pointer of the last key that begins at or before a line.
    package func pointer(at line: Int) -> String {
        lines.filter { $0.value <= line }.max { ($0.value, $0.key.count) < ($1.value, $1.key.count) }?.key ?? ""
    }

    private struct Scanner {
        let text: [UInt8]
        var index = 0
        var line = 0
        var lines: [String: Int] = [:]
        var depth = 0

        init(text: [UInt8]) { self.text = text }

        mutating func document() throws(Mistake) {
            try value(at: "")
            skipSpace()
            if index < text.count { throw Mistake(line: line, message: "there is text after the end; take it away") }
        }

        private var next: UInt8? { index < text.count ? text[index] : nil }

        private mutating func skipSpace() {
            while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 {
                if byte == 10 { line += 1 }
                index += 1
            }
        }

        private mutating func value(at path: String) throws(Mistake) {
            skipSpace()
            if lines[path] == nil { lines[path] = line }
            guard depth < 200 else { throw Mistake(line: line, message: "this is nested too deep") }
            switch next {
            case UInt8(ascii: "{")?: try object(at: path)
            case UInt8(ascii: "[")?: try array(at: path)
            case UInt8(ascii: "\"")?: _ = try string()
            case nil: throw Mistake(line: line, message: "the text ends where a value should stand")
            default: try word()
            }
        }

        private mutating func object(at path: String) throws(Mistake) {
            index += 1
            depth += 1
            defer { depth -= 1 }
            var seen = Set<String>()
            skipSpace()
            if take("}") { return }
            while true {
                skipSpace()
                let keyLine = line
                guard next == UInt8(ascii: "\"") else { throw Mistake(line: line, message: "a key in double quotes should stand here") }
                let key = try string()
                guard seen.insert(key).inserted else { throw Mistake(line: keyLine, message: "the key \"\(key)\" stands here a second time") }
                let own = path + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
                lines[own] = keyLine
                skipSpace()
                guard take(":") else { throw Mistake(line: line, message: "a colon should follow the key \"\(key)\"") }
                try value(at: own)
                let end = line
                skipSpace()
                if take("}") { return }
                guard take(",") else { throw Mistake(line: end, message: "a comma or } should follow the value of \"\(key)\"") }
            }
        }

        private mutating func array(at path: String) throws(Mistake) {
            index += 1
            depth += 1
            defer { depth -= 1 }
            skipSpace()
            if take("]") { return }
            var count = 0
            while true {
                try value(at: "\(path)/\(count)")
                count += 1
                let end = line
                skipSpace()
                if take("]") { return }
                guard take(",") else { throw Mistake(line: end, message: "a comma or ] should follow this value") }
            }
        }

        private mutating func string() throws(Mistake) -> String {
            index += 1
            var bytes: [UInt8] = []
            while let byte = next, byte != 10 {
                index += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
                bytes.append(byte)
                // What is escaped does not end the text; keys of a configuration have no escapes that matter.
                if byte == UInt8(ascii: "\\"), let escaped = next, escaped != 10 {
                    bytes.append(escaped)
                    index += 1
                }
            }
            throw Mistake(line: line, message: "the quotes of this text are not closed")
        }

        private mutating func word() throws(Mistake) {
            let start = index
            while let byte = next, byte > 32, !",:[]{}\"".utf8.contains(byte) { index += 1 }
            let word = String(decoding: text[start..<index], as: UTF8.self)
            guard ["true", "false", "null"].contains(word) || Self.isNumber(word) else {
                let shown = word.isEmpty ? next.map { String(UnicodeScalar($0)) } ?? "" : word
                throw Mistake(line: line, message: "\"\(shown)\" is no value; write a number, true, false, null, or a text in double quotes")
            }
        }

        private static func isNumber(_ word: String) -> Bool {
            word.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
        }

        private mutating func take(_ character: Character) -> Bool {
            guard let byte = character.asciiValue, next == byte else { return false }
            index += 1
            return true
        }
    }
}
