import GRDB

/// Reads windows of the runs table, each by the way that its number of matches makes quick.
///
/// Three ways: without a query the order's own index is counted off; a query with few matches is answered by one search for all of
/// them, in order; one with many is counted, and its rows are found soon by walking the order. Where `RunTexts` holds the names of a large
/// table, it is what finds short texts, and any text in a table by name.
struct RunListReader {
    /// With no more matches than this the trigram index gives the rows; each costs a look-up.
    private static let fewMatches = 2000
    /// Below this share of the newest runs a query counts as one with few matches.
    private static let smallShare = 0.05
    private static let sampleSize = 2000

    private let database: Database
    private let arrangement: RunArrangement
    private let texts: RunTexts
    private let filter: RunQuerySQL
    /// The expression that orders, and the index that holds this order.
    private let key: (expression: String, index: String?)
    private let order: String
    /// The terms for the trigram index; nil when the query has none that it can find.
    private let match: String?
    /// Whether those terms are the whole query.
    private let isOnlyMatch: Bool

    init(database: Database, arrangement: RunArrangement, texts: RunTexts, now: Double) throws {
        self.database = database
        self.arrangement = arrangement
        self.texts = texts
        filter = try RunQuerySQL(arrangement.query, now: now) { try Self.choices(of: $0, in: database) }
        key = arrangement.sort.key(now: now)
        let direction = arrangement.isDescending ? "DESC" : "ASC"
        // Runs without a value come last in both directions.
        order = "\(key.expression) \(direction) NULLS LAST, rowid \(direction)"
        // Shorter texts have no trigram.
        let parts = arrangement.query.requiredTexts, terms = parts.filter { $0.unicodeScalars.count >= 3 }
        match = terms.isEmpty ? nil : terms.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " ")
        isOnlyMatch = arrangement.query.isOnlyText && terms.count == parts.count
    }

    static func stamp(in database: Database) throws -> RunListStamp {
        let row = try Row.fetchOne(database, sql: "SELECT revision, arrangement FROM runClock")
        return RunListStamp(revision: row?["revision"] ?? 0, arrangement: row?["arrangement"] ?? 0)
    }

    func window(anchor: RunListAnchor, limit: Int) throws -> RunListWindow {
        let total = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM run") ?? 0
        let matches = try matches(total: total)
        let count = switch matches {
            case .everything: total
            case .some(let numbers): numbers.count
            case .many(let count): count
            }
        let offset: Int
        switch anchor {
        case .offset(let first): offset = first
        case .run(let id, let otherwise): offset = (try place(of: id, in: matches) ?? otherwise) - limit / 2
        }
        let first = max(0, min(offset, count - limit)), length = min(limit, count - first)
        let numbers = try numbers(matches, offset: first, length: length, total: total)
        return RunListWindow(
            total: total, count: count, offset: first, rows: try rows(numbers), stamp: try Self.stamp(in: database))
    }

    // MARK: What matches

    private enum Matches {
        case everything
        /// All of them, in order.
        case some([Int64])
        case many(Int)
    }

    private var arguments: StatementArguments { StatementArguments(filter.arguments.map { $0.databaseValue }) }

    private func matches(total: Int) throws -> Matches {
        if arrangement.query == .everything { return .everything }
        let isByName = arrangement.sort == .name
        if arrangement.query.isOnlyText, isByName || !isOnlyMatch,
            let found = try texts.numbers(holding: arrangement.query.requiredTexts, in: database)
        {
            if isByName { return .some(arrangement.isDescending ? found.reversed() : found) }
            return found.count > Self.fewMatches ? .many(found.count) : .some(try inOrder(found))
        }
        if let match {
            // Few are known to be few, and are there, after one look.
            let first = try Int64.fetchAll(
                database, sql: "SELECT rowid FROM runText WHERE runText MATCH ? LIMIT ?", arguments: [match, Self.fewMatches + 1])
            if first.count <= Self.fewMatches {
                return .some(try isOnlyMatch ? inOrder(first) : inOrder(first, where: filter.condition, arguments))
            }
            if isOnlyMatch {
                return .many(try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM runText WHERE runText MATCH ?", arguments: [match]) ?? 0)
            }
        }
        // Names and ids alone stand in an index a sixth as long.
        let scan = arrangement.query.isOnlyText ? "runByName" : "runTable"
        let sample = try Int.fetchOne(database, sql: """
            SELECT COUNT(*) FROM (
                SELECT \(RunTableSchema.covered) FROM run INDEXED BY runTable ORDER BY createdAt DESC LIMIT \(Self.sampleSize))
            WHERE \(filter.condition)
            """, arguments: arguments) ?? 0
        guard Double(sample) >= Self.smallShare * Double(min(total, Self.sampleSize)) else {
            return .some(try Int64.fetchAll(
                database, sql: "SELECT rowid FROM run INDEXED BY \(scan) WHERE \(filter.condition) ORDER BY \(order)", arguments: arguments))
        }
        return .many(try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM run INDEXED BY \(scan) WHERE \(filter.condition)", arguments: arguments) ?? 0)
    }

    /// These runs, as far as they match a further condition, in the order of the table.
    private func inOrder(_ numbers: [Int64], where condition: String = "1", _ arguments: StatementArguments = []) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            sql: "SELECT rowid FROM run NOT INDEXED WHERE rowid IN (SELECT value FROM json_each(?)) AND \(condition) ORDER BY \(order)",
            arguments: ["\(numbers)"] + arguments)
    }

    /// The few values of a column, found by one look into its index for each.
    private static func choices(of field: RunField, in database: Database) throws -> [String] {
        let column = RunQuerySQL.column(of: field)
        return try String.fetchAll(database, sql: """
            WITH RECURSIVE found(value) AS (
                SELECT MIN(\(column)) FROM run
                UNION ALL SELECT (SELECT MIN(\(column)) FROM run WHERE \(column) > found.value) FROM found WHERE found.value IS NOT NULL)
            SELECT value FROM found WHERE value IS NOT NULL
            """)
    }

    // MARK: Rows in order

    private func numbers(_ matches: Matches, offset: Int, length: Int, total: Int) throws -> [Int64] {
        guard length > 0 else { return [] }
        switch matches {
        case .some(let numbers): return Array(numbers[offset..<offset + length])
        case .everything: return try ordered("1", [], index: key.index ?? "runTable", offset: offset, length: length)
        case .many(let count):
            // Each row that is passed costs a look-up, but for the covering index.
            let passed = Double(offset + length) * Double(total) / Double(max(1, count))
            let holdsName = arrangement.sort == .name && arrangement.query.isOnlyText
            let index = arrangement.sort == .created || passed > 5000 && !holdsName ? "runTable" : key.index ?? "runTable"
            return try ordered(filter.condition, arguments, index: index, offset: offset, length: length)
        }
    }

    private func ordered(_ condition: String, _ arguments: StatementArguments, index: String, offset: Int, length: Int) throws -> [Int64] {
        try Int64.fetchAll(
            database, sql: "SELECT rowid FROM run INDEXED BY \(index) WHERE \(condition) ORDER BY \(order) LIMIT ? OFFSET ?",
            arguments: arguments + [length, offset])
    }

    /// The rows with these numbers, in this order.
    private func rows(_ numbers: [Int64]) throws -> [RunRow] {
        let statement = try database.cachedStatement(sql: "SELECT \(RunRow.columns) FROM run WHERE rowid = ?")
        return try numbers.compactMap { try RunRow.fetchOne(statement, arguments: [$0]) }
    }

    /// How many matching runs come before one; nil when it does not match.
    private func place(of id: String, in matches: Matches) throws -> Int? {
        let condition: String, arguments: StatementArguments
        switch matches {
        case .some(let numbers):
            let number = try Int64.fetchOne(database, sql: "SELECT rowid FROM run WHERE id = ?", arguments: [id])
            return number.flatMap { numbers.firstIndex(of: $0) }
        case .everything: (condition, arguments) = ("1", [])
        case .many: (condition, arguments) = (filter.condition, self.arguments)
        }
        guard let row = try Row.fetchOne(
            database, sql: "SELECT rowid AS number, \(key.expression) AS key FROM run WHERE id = ? AND \(condition)",
            arguments: StatementArguments([id]) + arguments)
        else { return nil }
        let number: Int64 = row["number"], value: DatabaseValue = row["key"]
        let sign = arrangement.isDescending ? ">" : "<"
        var index = "runTable"
        if case .everything = matches { index = key.index ?? index }
        let before: String, bounds: StatementArguments
        if value.isNull {
            before = "(\(key.expression) IS NOT NULL OR rowid \(sign) ?)"
            bounds = [number]
        } else {
            before = "(\(key.expression), rowid) \(sign) (?, ?)"
            bounds = [value, number]
        }
        return try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM run INDEXED BY \(index) WHERE \(condition) AND \(before)", arguments: arguments + bounds)
    }
}
