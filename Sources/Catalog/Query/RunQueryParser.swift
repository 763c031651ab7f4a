import Foundation

/// Reads the one query language: `digits status:failed lr>0.001 (label:3 OR label:4) -best>0.8 created:today`.
///
/// Words that stand alone search name and id. `field:value` and `field>value` ask for one property; all of them must hold
/// unless OR stands between them. `-` or NOT turns one around, quotes keep spaces together, commas list alternatives.
package struct RunQueryParser {
    private let characters: [Character]
    private let values: RunQueryValues
    private var position = 0

    /// `now` and `zone` give words such as `today` their meaning.
    package static func parse(_ text: String, now: Double, zone: TimeZone = .current) throws(RunQueryProblem) -> RunQuery {
        var parser = RunQueryParser(characters: Array(text), values: RunQueryValues(now: now, zone: zone))
        parser.skipSpaces()
        guard !parser.isAtEnd else { return .everything }
        let query = try parser.alternatives()
        guard parser.isAtEnd else {
            throw RunQueryProblem(range: parser.position..<parser.position + 1, message: "this bracket closes nothing; remove it.")
        }
        return query
    }

    /// The statuses that a word of ours, of any vendor, or live, ended or waiting stands for.
    package static func statuses(_ word: String) throws(RunQueryProblem) -> Set<RunStatus> {
        try RunQueryValues(now: 0, zone: .current).statuses(word, 0..<word.count)
    }

    private init(characters: [Character], values: RunQueryValues) {
        self.characters = characters
        self.values = values
    }

    // MARK: Structure

    private mutating func alternatives() throws(RunQueryProblem) -> RunQuery {
        var parts = [try conjunction()]
        while takeKeyword("OR") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(RunQueryProblem) -> RunQuery {
        var parts = [try negation()]
        while true {
            skipSpaces()
            if takeKeyword("AND") {
                parts.append(try negation())
                continue
            }
            if isAtEnd || current == ")" || isKeyword("OR") { break }
            parts.append(try negation())
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(RunQueryProblem) -> RunQuery {
        if takeKeyword("NOT") { return .not(try negation()) }
        if current == "-", let next = character(at: position + 1), !next.isWhitespace {
            position += 1
            return .not(try negation())
        }
        return try operand()
    }

    private mutating func operand() throws(RunQueryProblem) -> RunQuery {
        skipSpaces()
        let start = position
        guard let first = current else {
            throw RunQueryProblem(range: max(0, start - 1)..<start, message: "something must follow here, such as status:failed.")
        }
        if first == ")" { throw RunQueryProblem(range: start..<start + 1, message: "something must stand before this bracket.") }
        if first == "(" {
            position += 1
            let inner = try alternatives()
            skipSpaces()
            guard current == ")" else {
                throw RunQueryProblem(range: start..<start + 1, message: "this bracket is never closed; add a ).")
            }
            position += 1
            return inner
        }
        if first == "\"" { return .text(try quoted().lowercased()) }
        let word = bareWord()
        let end = position
        guard let relation = takeRelation() else { return .text(word.lowercased()) }
        guard !word.isEmpty else {
            throw RunQueryProblem(range: start..<position, message: "a field must stand before this sign, such as lr>0.001.")
        }
        guard let field = RunField.named(word) else { throw unknownField(word, range: start..<end) }
        return try comparison(field, relation, from: start)
    }

    private func unknownField(_ word: String, range: Range<Int>) -> RunQueryProblem {
        let nearest = NearestName.of(word, among: RunField.allNames).map { "; did you mean \($0)?" } ?? "."
        return RunQueryProblem(
            range: range,
            message: "there is no field \"\(word)\"\(nearest) Known: \(RunField.allCases.map(\.rawValue).joined(separator: ", ")). "
                + "Quotes search for the text itself.")
    }

    /// The values after a sign: one, or several with commas between them, of which one must hold.
    private mutating func comparison(_ field: RunField, _ relation: RunQueryValues.Sign, from start: Int) throws(RunQueryProblem) -> RunQuery {
        var parts: [RunQuery] = []
        repeat {
            skipSpaces()
            let valueStart = position
            let text = current == "\"" ? try quoted() : bareValue()
            guard !text.isEmpty else {
                throw RunQueryProblem(
                    range: start..<max(position, start + 1), message: "\(field.rawValue) needs a value, such as \(field.example).")
            }
            parts.append(try values.query(field, relation, text, range: valueStart..<position))
        } while takeComma()
        return parts.count == 1 ? parts[0] : relation == .exactly(.notEqual) ? .all(parts) : .any(parts)
    }

    // MARK: Characters

    private var isAtEnd: Bool { position >= characters.count }
    private var current: Character? { character(at: position) }

    private func character(at index: Int) -> Character? { index < characters.count ? characters[index] : nil }

    private mutating func skipSpaces() {
        while let current, current.isWhitespace { position += 1 }
    }

    private mutating func takeComma() -> Bool {
        guard current == "," else { return false }
        position += 1
        return true
    }

    /// Whether a word in capitals stands here by itself.
    private func isKeyword(_ word: String) -> Bool {
        let letters = Array(word), end = position + letters.count
        guard end <= characters.count, Array(characters[position..<end]) == letters else { return false }
        guard let next = character(at: end) else { return true }
        return next.isWhitespace || next == "(" || next == ")"
    }

    private mutating func takeKeyword(_ word: String) -> Bool {
        skipSpaces()
        guard isKeyword(word) else { return false }
        position += word.count
        skipSpaces()
        return true
    }

    private mutating func bareWord() -> String {
        let start = position
        while let character = current, !character.isWhitespace, !"()\":=<>".contains(character) {
            if character == "!", self.character(at: position + 1) == "=" { break }
            position += 1
        }
        return String(characters[start..<position])
    }

    private mutating func bareValue() -> String {
        let start = position
        while let character = current, !character.isWhitespace, !"()\",".contains(character) { position += 1 }
        return String(characters[start..<position])
    }

    private mutating func quoted() throws(RunQueryProblem) -> String {
        let start = position
        position += 1
        var text = ""
        while let character = current, character != "\"" {
            text.append(character)
            position += 1
        }
        guard current == "\"" else {
            throw RunQueryProblem(range: start..<position, message: "this quote is never closed; add a \".")
        }
        position += 1
        guard !text.allSatisfy(\.isWhitespace) else {
            throw RunQueryProblem(range: start..<position, message: "there is nothing between these quotes.")
        }
        return text
    }

    /// `:` and the signs of comparison, also `:>`; spaces may stand before all but the colon.
    private mutating func takeRelation() -> RunQueryValues.Sign? {
        var index = position
        while let character = character(at: index), character.isWhitespace { index += 1 }
        if character(at: index) == ":" {
            guard index == position else { return nil }
            position += 1
            return takeComparison().map { .exactly($0) } ?? .has
        }
        let before = position
        position = index
        if let relation = takeComparison() { return .exactly(relation) }
        position = before
        return nil
    }

    private mutating func takeComparison() -> RunQuery.Relation? {
        // The longer signs first: `>=` begins with `>`.
        for relation in RunQuery.Relation.allCases.sorted(by: { $0.rawValue.count > $1.rawValue.count }) {
            let letters = Array(relation.rawValue), end = position + letters.count
            if end <= characters.count, Array(characters[position..<end]) == letters {
                position = end
                return relation
            }
        }
        return nil
    }
}
