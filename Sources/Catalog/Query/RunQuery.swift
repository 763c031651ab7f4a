/// What runs to show, as a value; `RunQueryParser` makes it of what a person writes.
package indirect enum RunQuery: Equatable, Sendable {
    package enum Relation: String, Sendable, CaseIterable {
        case equal = "=", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    }

    /// Both: every run, and a conjunction of nothing.
    case everything
    /// A part of the name or of the id, in lower case.
    case text(String)
    case status(Set<RunStatus>)
    /// The run learns this label; case does not matter.
    case label(String)
    /// A word of a field with few values, or a part of the name, or the id's beginning.
    case word(RunField, String, isWhole: Bool)
    /// Of a number, a size in bytes or a duration in seconds.
    case number(RunField, Relation, Double)
    /// Made at or after the first and before the second time, in seconds since 1970.
    case created(from: Double?, until: Double?)
    case not(RunQuery)
    case all([RunQuery])
    case any([RunQuery])

    /// The texts that every matching run must bear.
    var requiredTexts: [String] {
        switch self {
        case .text(let text): [text]
        case .all(let parts): parts.flatMap(\.requiredTexts)
        default: []
        }
    }

    /// Whether the texts are all there is to it.
    var isOnlyText: Bool {
        switch self {
        case .text: true
        case .all(let parts): parts.allSatisfy(\.isOnlyText)
        default: false
        }
    }

    /// Whether a run may begin or cease to match while it trains, without a change of its status.
    var changesWithProgress: Bool {
        switch self {
        case .everything, .text, .status, .label, .word, .created: false
        case .number(let field, _, _): field == .progress || field == .step || field == .duration || field == .best
        case .not(let part): part.changesWithProgress
        case .all(let parts), .any(let parts): parts.contains(where: \.changesWithProgress)
        }
    }
}

/// Where a query cannot be understood, and what would be.
package struct RunQueryProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Characters of the text.
    package let range: Range<Int>
    /// One sentence, with what is known.
    package let message: String

    package var description: String { "At character \(range.lowerBound + 1): \(message)" }
}
