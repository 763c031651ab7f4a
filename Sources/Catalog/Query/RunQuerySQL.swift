import GRDB

/// A query as a condition on the columns of `run`, all of which `runTable`, the covering index, holds.
struct RunQuerySQL {
    private(set) var condition = ""
    private(set) var arguments: [any DatabaseValueConvertible] = []

    /// `choices` gives the values that a field of few words has in the catalogue.
    init(_ query: RunQuery, now: Double, choices: (RunField) throws -> [String]) rethrows {
        condition = try build(query, now: now, choices: choices)
    }

    private mutating func build(_ query: RunQuery, now: Double, choices: (RunField) throws -> [String]) rethrows -> String {
        switch query {
        case .everything: return "1"
        case .text(let text): return "searchText GLOB \(bind(Self.pattern(text)))"
        case .status(let statuses): return "status IN (\(list(statuses.map(\.rawValue).sorted())))"
        case .label(let label):
            return "labelSet IN (SELECT labelSet FROM labelOfSet WHERE label = \(bind(label)))"
        case .word(let field, let word, let isWhole): return try self.word(field, word, isWhole: isWhole, choices: choices)
        case .number(let field, let relation, let value): return number(field, relation, value, now: now)
        case .created(let from, let until):
            let parts = [from.map { "createdAt >= \(bind($0))" }, until.map { "createdAt < \(bind($0))" }].compactMap { $0 }
            return parts.isEmpty ? "1" : "(" + parts.joined(separator: " AND ") + ")"
        case .not(let part): return "NOT \(try build(part, now: now, choices: choices))"
        case .all(let parts): return try join(parts, "AND", now: now, choices: choices)
        case .any(let parts): return try join(parts, "OR", now: now, choices: choices)
        }
    }

    private mutating func join(
        _ parts: [RunQuery], _ word: String, now: Double, choices: (RunField) throws -> [String]
    ) rethrows -> String {
        var conditions: [String] = []
        for part in parts { conditions.append(try build(part, now: now, choices: choices)) }
        return "(" + conditions.joined(separator: " \(word) ") + ")"
    }

    private mutating func word(
        _ field: RunField, _ word: String, isWhole: Bool, choices: (RunField) throws -> [String]
    ) rethrows -> String {
        switch field {
        // The name stands before the line break in the searched text, the id behind it.
        case .id: return "instr(searchText, char(10) || \(bind(word))) > 0"
        case .name:
            let name = "substr(searchText, 1, instr(searchText, char(10)) - 1)"
            return isWhole ? "\(name) = \(bind(word))" : "instr(\(name), \(bind(word))) > 0"
        default:
            let wanted = Self.simplified(word)
            let found = try choices(field).filter { isWhole ? Self.simplified($0) == wanted : Self.simplified($0).contains(wanted) }
            // A column without a value is not one of a list, and NOT of that must hold.
            return "(\(Self.column(of: field)) IN (\(list(found)))) IS TRUE"
        }
    }

    /// Finds the text anywhere. On texts of one or two letters, which the trigram index cannot find, GLOB is twice as quick as instr.
    private static func pattern(_ text: String) -> String {
        "*" + String(text.flatMap { "*?[".contains($0) ? "[\($0)]" : "\($0)" }) + "*"
    }

    /// `YOLOv8_nano`, `yolov8-nano` and `yolov8n` are spellings of one thing.
    private static func simplified(_ text: String) -> String { String(text.lowercased().filter { $0.isLetter || $0.isNumber }) }

    private mutating func number(_ field: RunField, _ relation: RunQuery.Relation, _ value: Double, now: Double) -> String {
        let column = field == .duration ? Self.duration(now: now) : Self.column(of: field)
        // A run without the value matches no comparison, and every NOT of one.
        switch relation {
        case .equal, .notEqual:
            // Written decimals are rarely the stored ones to the last bit.
            let margin = max(1e-12, abs(value) * 1e-6)
            let test = "(\(column) BETWEEN \(bind(value - margin)) AND \(bind(value + margin)))"
            return relation == .equal ? "\(test) IS TRUE" : "(\(column) IS NOT NULL AND NOT \(test))"
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return "(\(column) \(relation.rawValue) \(bind(value))) IS TRUE"
        }
    }

    static func column(of field: RunField) -> String {
        switch field {
        case .name, .id: "searchText"
        case .status: "status"
        case .model: "architecture"
        case .task: "task"
        case .service: "service"
        case .label: "labelSet"
        case .optimizer: "optimizer"
        case .created: "createdAt"
        case .duration: "startedAt"
        case .best: "bestMetric"
        case .progress: "progress"
        case .step: "step"
        case .attempt: "attempt"
        case .lr: "initialRate"
        case .epochs: "totalEpochs"
        case .steps: "totalSteps"
        case .batch: "batchSize"
        case .imgsz: "imageSize"
        case .momentum: "momentum"
        case .seed: "seed"
        case .cores: "cores"
        case .memory: "memoryBytes"
        case .weightDecay: "weightDecay"
        }
    }

    /// A live run's duration grows with the clock.
    static func duration(now: Double) -> String { "(COALESCE(endedAt, \(now)) - startedAt)" }

    private mutating func bind(_ value: any DatabaseValueConvertible) -> String {
        arguments.append(value)
        return "?"
    }

    private mutating func list(_ words: [String]) -> String { words.map { bind($0) }.joined(separator: ", ") }
}
