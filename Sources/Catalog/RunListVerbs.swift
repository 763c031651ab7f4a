import GRDB

extension CatalogStore {
    /// A window of the matching runs, read in milliseconds whatever their number.
    package func runList(_ arrangement: RunArrangement, anchor: RunListAnchor, limit: Int, now: Double) throws(CatalogError) -> RunListWindow {
        try read { try RunListReader(database: $0, arrangement: arrangement, now: now).window(anchor: anchor, limit: limit) }
    }

    /// What has changed since a window was read: nothing, values of some rows, or the order.
    package func runListChange(
        _ arrangement: RunArrangement, since stamp: RunListStamp, anchor: RunListAnchor, limit: Int, now: Double
    ) throws(CatalogError) -> RunListChange {
        try read { database in
            let present = try RunListReader.stamp(in: database)
            guard present != stamp else { return .nothing }
            guard present.arrangement == stamp.arrangement, !arrangement.changesWithProgress else {
                return .window(try RunListReader(database: database, arrangement: arrangement, now: now).window(anchor: anchor, limit: limit))
            }
            let rows = try RunRow.fetchAll(
                database, sql: "SELECT \(RunRow.columns) FROM run INDEXED BY runByRevision WHERE revision > ?", arguments: [stamp.revision])
            return .rows(rows, present)
        }
    }

    /// Every matching run, in order.
    package func runRows(_ arrangement: RunArrangement, now: Double) throws(CatalogError) -> [RunRow] {
        try read { try RunListReader(database: $0, arrangement: arrangement, now: now).window(anchor: .offset(0), limit: .max).rows }
    }

    package func runRow(_ id: String) throws(CatalogError) -> RunRow {
        try read { database in
            try RunRow.fetchOne(database, sql: "SELECT \(RunRow.columns) FROM run WHERE id = ?", arguments: [id])
                .orThrow(.notFound(kind: "run", identifier: id))
        }
    }

    /// The names of other runs that started from a model of these, and of models trained on from one, by run.
    package func usersOfModels(ofRuns ids: [String]) throws(CatalogError) -> [String: [String]] {
        try read { database in
            var result: [String: [String]] = [:]
            for id in ids {
                let users = try String.fetchAll(database, sql: """
                    SELECT user.name FROM model JOIN run AS user ON user.startModelID = model.id WHERE model.runID = ? AND user.id <> ?
                    UNION SELECT child.name FROM model JOIN model AS child ON child.parentModelID = model.id
                        WHERE model.runID = ? AND child.runID IS NOT model.runID
                    """, arguments: [id, id, id])
                if !users.isEmpty { result[id] = users }
            }
            return result
        }
    }
}

/// Reads windows of the runs table, each by the way that its number of matches makes quick.
struct RunListReader {
    /// With so few matches of the trigram index it gives the rows; with more, an index in the wanted order is walked.
    private static let fewMatches = 2000
    /// Rows of the table, each a look-up of its own, that walking an order may cost.
    private static let mostLookUps = 5000

    let database: Database
    let arrangement: RunArrangement
    let now: Double
    private let filter: RunQuerySQL
    /// The terms for the trigram index; nil when the query has none that it can find.
    private let match: String?

    init(database: Database, arrangement: RunArrangement, now: Double) throws {
        self.database = database
        self.arrangement = arrangement
        self.now = now
        filter = try RunQuerySQL(arrangement.query, now: now) { try Self.choices(of: $0, in: database) }
        // Shorter texts have no trigram.
        let terms = arrangement.query.requiredTexts.filter { $0.unicodeScalars.count >= 3 }
        match = terms.isEmpty ? nil : terms.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " ")
    }

    static func stamp(in database: Database) throws -> RunListStamp {
        let row = try Row.fetchOne(database, sql: "SELECT revision, arrangement FROM runClock")
        return RunListStamp(revision: row?["revision"] ?? 0, arrangement: row?["arrangement"] ?? 0)
    }

    func window(anchor: RunListAnchor, limit: Int) throws -> RunListWindow {
        let total = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM run") ?? 0
        let source = try source(total: total)
        let offset: Int
        switch anchor {
        case .offset(let first): offset = first
        case .run(let id, let otherwise):
            let place = try place(of: id, source: source) ?? otherwise
            offset = place - limit / 2
        }
        let first = max(0, min(offset, source.count - limit))
        let rows = source.count == 0 ? [] : try rows(source, offset: first, limit: min(limit, source.count - first), total: total)
        return RunListWindow(total: total, count: source.count, offset: first, rows: rows, stamp: try Self.stamp(in: database))
    }

    // MARK: What matches

    /// How many runs match, and the condition that finds them.
    private struct Source {
        var count: Int
        var condition: String
        var arguments: StatementArguments
        /// Whether the trigram index gives few enough rows to start from them.
        var isNarrow: Bool
    }

    private static let byText = "rowid IN (SELECT rowid FROM runText WHERE runText MATCH ?)"

    private func source(total: Int) throws -> Source {
        let arguments = StatementArguments(filter.arguments.map { $0.databaseValue })
        if arrangement.query == .everything { return Source(count: total, condition: "1", arguments: [], isNarrow: false) }
        if let match {
            let found = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM runText WHERE runText MATCH ?", arguments: [match]) ?? 0
            let isComplete = arrangement.query.isOnlyText
                && arrangement.query.requiredTexts.allSatisfy { $0.unicodeScalars.count >= 3 }
            if found <= Self.fewMatches {
                let condition = "\(Self.byText) AND \(filter.condition)"
                let all = StatementArguments([match]) + arguments
                let count = isComplete ? found : try Int.fetchOne(
                    database, sql: "SELECT COUNT(*) FROM run NOT INDEXED WHERE \(condition)", arguments: all) ?? 0
                return Source(count: count, condition: isComplete ? Self.byText : condition,
                    arguments: isComplete ? [match] : all, isNarrow: true)
            }
            if isComplete { return Source(count: found, condition: filter.condition, arguments: arguments, isNarrow: false) }
        }
        let count = try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM run INDEXED BY runTable WHERE \(filter.condition)", arguments: arguments) ?? 0
        return Source(count: count, condition: filter.condition, arguments: arguments, isNarrow: false)
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

    private func rows(_ source: Source, offset: Int, limit: Int, total: Int) throws -> [RunRow] {
        let key = arrangement.sort.key(now: now), direction = arrangement.isDescending ? "DESC" : "ASC"
        // Runs without a value come last in both directions.
        let order = "\(key.expression) \(direction) NULLS LAST, rowid \(direction)"
        let cost = source.count == 0 ? 0 : Double(offset + limit) * Double(total) / Double(source.count)
        let access: String =
            if source.isNarrow { "NOT INDEXED" }
            else if let index = key.index, source.condition == "1" || index == "runTable" || cost <= Double(Self.mostLookUps) { "INDEXED BY \(index)" }
            else { "INDEXED BY runTable" }
        let found = try Int64.fetchAll(
            database, sql: "SELECT rowid FROM run \(access) WHERE \(source.condition) ORDER BY \(order) LIMIT ? OFFSET ?",
            arguments: source.arguments + [limit, offset])
        return try rows(found)
    }

    /// The rows with these numbers, in this order.
    private func rows(_ numbers: [Int64]) throws -> [RunRow] {
        let statement = try database.makeStatement(sql: "SELECT \(RunRow.columns) FROM run WHERE rowid = ?")
        return try numbers.compactMap { try RunRow.fetchOne(statement, arguments: [$0]) }
    }

    /// How many matching runs come before one; nil when it does not match.
    private func place(of id: String, source: Source) throws -> Int? {
        let key = arrangement.sort.key(now: now).expression
        guard let row = try Row.fetchOne(
            database, sql: "SELECT rowid AS number, \(key) AS key FROM run WHERE id = ? AND \(source.condition)",
            arguments: StatementArguments([id]) + source.arguments)
        else { return nil }
        let number: Int64 = row["number"], value: DatabaseValue = row["key"]
        let sign = arrangement.isDescending ? ">" : "<"
        let access = source.isNarrow ? "NOT INDEXED" : "INDEXED BY runTable"
        let before: String, arguments: StatementArguments
        if value.isNull {
            before = "(\(key) IS NOT NULL OR rowid \(sign) ?)"
            arguments = [number]
        } else {
            before = "(\(key) \(sign) ? OR (\(key) = ? AND rowid \(sign) ?))"
            arguments = [value, value, number]
        }
        return try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM run \(access) WHERE \(source.condition) AND \(before)",
            arguments: source.arguments + arguments)
    }
}
