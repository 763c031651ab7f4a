import Foundation
import GRDB

/// How metric series lie in the catalogue.
///
/// New points are rows of `metric`, cheap to add and seen at once by every process. As soon as a series has some hundreds of
/// rows, the same transaction packs the oldest of them into one row of `metricChunk`: all their columns as bytes, and beside
/// them an outline, the few points that a drawing of the whole series needs. Eight such chunks become a large one.
/// `metricSeries` knows each series' newest value and how many of its points are still rows. A run that ends is packed whole.
extension CatalogStore {
    /// Points of a chunk as rows are packed into it, of a large one, and points that one group of an outline stands for.
    static let packedSize = 512
    static let chunkSize = 4096
    static let outlineGroup = 256

    static let metricChunkTables = """
        CREATE TABLE metricSeries (
            runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, tag TEXT NOT NULL,
            -- The first point since the run last began from step 0, and the newest point.
            firstID INTEGER NOT NULL, attempt INTEGER NOT NULL, value REAL,
            -- Points that are rows of `metric`.
            rowCount INTEGER NOT NULL, PRIMARY KEY (runID, tag)
        ) WITHOUT ROWID;
        CREATE TABLE metricChunk (
            id INTEGER PRIMARY KEY, runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, tag TEXT NOT NULL,
            attempt INTEGER NOT NULL, firstID INTEGER NOT NULL, lastID INTEGER NOT NULL, lastStep INTEGER NOT NULL,
            count INTEGER NOT NULL, outlineCount INTEGER NOT NULL, outline BLOB NOT NULL, samples BLOB NOT NULL
        );
        CREATE INDEX metricChunkOfSeries ON metricChunk(runID, tag, firstID);
        """

    /// Brings a catalogue of single rows to chunks.
    static func packStoredMetrics(in database: Database) throws {
        let series = try Row.fetchAll(database, sql: """
            SELECT runID, tag, COUNT(*) AS number FROM metric GROUP BY runID, tag ORDER BY MIN(id)
            """).map { (run: $0["runID"] as String, tag: $0["tag"] as String, count: $0["number"] as Int) }
        for one in series {
            try database.execute(sql: """
                INSERT INTO metricSeries (runID, tag, firstID, attempt, value, rowCount) VALUES (?, ?, 0, 0, NULL, ?)
                """, arguments: [one.run, one.tag, one.count])
            try pack(run: one.run, tag: one.tag, rows: one.count, keeping: 0, in: database)
            try renewSeries(run: one.run, tag: one.tag, in: database)
        }
    }

    // MARK: Writing

    /// Adds points of the run's present attempt.
    static func append(_ metrics: [MetricValue], run: String, in database: Database) throws {
        guard !metrics.isEmpty else { return }
        guard let state = try Row.fetchOne(database, sql: "SELECT attempt, seriesAttempt FROM run WHERE id = ?", arguments: [run]) else {
            throw CatalogError.notFound(kind: "run", identifier: run)
        }
        let attempt: Int = state["attempt"], seriesAttempt: Int = state["seriesAttempt"]
        let insert = try database.makeStatement(sql: """
            INSERT INTO metric (runID, attempt, step, epoch, wallTime, tag, value) VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        struct Gain {
            var firstID: Int64
            var count = 0
            var value: Double?
        }
        var gains: [String: Gain] = [:]
        for metric in metrics {
            let value = metric.value.isNaN ? nil : metric.value
            try insert.execute(arguments: [run, attempt, metric.step, metric.epoch, metric.wallTime, metric.tag, value])
            gains[metric.tag, default: Gain(firstID: database.lastInsertedRowID)].count += 1
            gains[metric.tag]?.value = value
        }
        for (tag, gain) in gains {
            let rows = try Int.fetchOne(database, sql: """
                INSERT INTO metricSeries (runID, tag, firstID, attempt, value, rowCount) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (runID, tag) DO UPDATE SET
                    firstID = CASE WHEN attempt < ? THEN excluded.firstID ELSE firstID END,
                    attempt = excluded.attempt, value = excluded.value, rowCount = rowCount + excluded.rowCount
                RETURNING rowCount
                """, arguments: [run, tag, gain.firstID, attempt, gain.value, gain.count, seriesAttempt]) ?? 0
            if rows >= packedSize { try pack(run: run, tag: tag, rows: rows, keeping: packedSize - 1, in: database) }
        }
    }

    /// Adds a whole series to a run at once, as one that was made elsewhere.
    package func insert(series points: MetricColumns, tag: String, run id: String) throws(CatalogError) {
        try write { database in
            let next = 1 + (try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'metric'") ?? 0)
            var own = points
            own.ids = (0..<Int64(points.count)).map { next + $0 }
            for start in stride(from: 0, to: own.count, by: Self.chunkSize) {
                let part = own.select(start..<min(own.count, start + Self.chunkSize))
                try Self.insertChunk(part, run: id, tag: tag, attempt: 1, in: database)
            }
            try database.execute(
                sql: "INSERT INTO metricSeries (runID, tag, firstID, attempt, value, rowCount) VALUES (?, ?, ?, 1, 0, 0)",
                arguments: [id, tag, next])
            try Self.renewSeries(run: id, tag: tag, in: database)
            try database.execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'metric'")
            try database.execute(
                sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('metric', ?)", arguments: [next + Int64(points.count)])
        }
    }

    /// Packs all rows of a run's series.
    static func packMetrics(run: String, in database: Database) throws {
        let series = try Row.fetchAll(
            database, sql: "SELECT tag, rowCount FROM metricSeries WHERE runID = ? AND rowCount > 0", arguments: [run])
        for row in series { try pack(run: run, tag: row["tag"], rows: row["rowCount"], keeping: 0, in: database) }
    }

    /// Moves the oldest rows of a series into chunks until at most `keeping` are left. A chunk holds points of one attempt.
    private static func pack(run: String, tag: String, rows: Int, keeping: Int, in database: Database) throws {
        var left = rows
        while left > keeping {
            // What waits in large number, in an old catalogue, is packed large at once.
            let (found, attempt) = try oldestRows(run: run, tag: tag, limit: left >= chunkSize ? chunkSize : packedSize, in: database)
            guard let last = found.ids.last else { break }
            try insertChunk(found, run: run, tag: tag, attempt: attempt, in: database)
            try database.execute(sql: "DELETE FROM metric WHERE runID = ? AND tag = ? AND id <= ?", arguments: [run, tag, last])
            left -= found.count
            if found.count < chunkSize { try mergeChunks(run: run, tag: tag, in: database) }
        }
        try database.execute(sql: "UPDATE metricSeries SET rowCount = ? WHERE runID = ? AND tag = ?", arguments: [max(0, left), run, tag])
    }

    private static func insertChunk(_ points: MetricColumns, run: String, tag: String, attempt: Int, in database: Database) throws {
        guard let first = points.ids.first, let last = points.ids.last else { return }
        let outline = points.outline(group: outlineGroup)
        try database.execute(sql: """
            INSERT INTO metricChunk (runID, tag, attempt, firstID, lastID, lastStep, count, outlineCount, outline, samples)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, arguments: [
                run, tag, attempt, first, last, points.steps.max() ?? 0, points.count, outline.count, outline.packed(), points.packed(),
            ])
    }

    /// Makes one large chunk of the newest small ones of an attempt, when they are enough for it.
    private static func mergeChunks(run: String, tag: String, in database: Database) throws {
        let newest = try Row.fetchAll(database, sql: """
            SELECT id, attempt, count FROM metricChunk WHERE runID = ? AND tag = ? ORDER BY firstID DESC LIMIT ?
            """, arguments: [run, tag, chunkSize / packedSize])
        let counts = newest.map { $0["count"] as Int }, attempts = Set(newest.map { $0["attempt"] as Int })
        guard let attempt = attempts.first, attempts.count == 1, counts.allSatisfy({ $0 <= packedSize }), counts.reduce(0, +) == chunkSize
        else { return }
        var whole = MetricColumns()
        for row in newest.reversed() {
            let id: Int64 = row["id"], count: Int = row["count"]
            let samples = try Data.fetchOne(database, sql: "SELECT samples FROM metricChunk WHERE id = ?", arguments: [id])
            whole.append(try MetricColumns(packed: samples ?? Data(), count: count))
            try database.execute(sql: "DELETE FROM metricChunk WHERE id = ?", arguments: [id])
        }
        try insertChunk(whole, run: run, tag: tag, attempt: attempt, in: database)
    }

    private static func oldestRows(run: String, tag: String, limit: Int, in database: Database) throws -> (MetricColumns, attempt: Int) {
        var found = MetricColumns(), attempt: Int?
        let rows = try Row.fetchCursor(database, sql: """
            SELECT id, step, epoch, wallTime, value, attempt FROM metric WHERE runID = ? AND tag = ? ORDER BY id LIMIT ?
            """, arguments: [run, tag, limit])
        while let row = try rows.next() {
            let own: Int = row[5]
            if let attempt, attempt != own { break }
            attempt = own
            found.append(row)
        }
        return (found, attempt ?? 0)
    }

    /// Forgets the points of the attempts since `attempt` whose step is greater than `step`.
    static func removeMetrics(run: String, after step: Int, since attempt: Int, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM metric WHERE runID = ? AND step > ? AND attempt >= ?", arguments: [run, step, attempt])
        let chunks = try Row.fetchAll(database, sql: """
            SELECT id, count, samples FROM metricChunk WHERE runID = ? AND attempt >= ? AND lastStep > ?
            """, arguments: [run, attempt, step])
        for chunk in chunks {
            let id: Int64 = chunk["id"], samples: Data = chunk["samples"]
            let all = try MetricColumns(packed: samples, count: chunk["count"])
            let kept = all.select(all.steps.indices.filter { all.steps[$0] <= step })
            guard let last = kept.ids.last else {
                try database.execute(sql: "DELETE FROM metricChunk WHERE id = ?", arguments: [id])
                continue
            }
            let outline = kept.outline(group: outlineGroup)
            try database.execute(sql: """
                UPDATE metricChunk SET firstID = ?, lastID = ?, lastStep = ?, count = ?, outlineCount = ?, outline = ?, samples = ? WHERE id = ?
                """, arguments: [
                    kept.ids[0], last, kept.steps.max() ?? 0, kept.count, outline.count, outline.packed(), kept.packed(), id,
                ])
        }
        for tag in try String.fetchAll(database, sql: "SELECT tag FROM metricSeries WHERE runID = ?", arguments: [run]) {
            try renewSeries(run: run, tag: tag, in: database)
        }
    }

    /// Brings what is known of a series in line with its points; a series without any is forgotten.
    private static func renewSeries(run: String, tag: String, in database: Database) throws {
        let arguments: StatementArguments = [run, tag]
        let rows = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM metric WHERE runID = ? AND tag = ?", arguments: arguments) ?? 0
        let newestRow = try Row.fetchOne(
            database, sql: "SELECT attempt, value FROM metric WHERE runID = ? AND tag = ? ORDER BY id DESC LIMIT 1", arguments: arguments)
        let newestChunk = try Row.fetchOne(database, sql: """
            SELECT attempt, count, samples FROM metricChunk WHERE runID = ? AND tag = ? ORDER BY firstID DESC LIMIT 1
            """, arguments: arguments)
        var newest: (attempt: Int, value: Double?)?
        if let newestRow {
            newest = (newestRow["attempt"], newestRow["value"])
        } else if let newestChunk {
            newest = (newestChunk["attempt"], try MetricColumns(packed: newestChunk["samples"], count: newestChunk["count"]).values.last)
        }
        guard let newest else {
            return try database.execute(sql: "DELETE FROM metricSeries WHERE runID = ? AND tag = ?", arguments: arguments)
        }
        let first = try Int64.fetchOne(database, sql: """
            SELECT MIN(id) FROM (
                SELECT MIN(id) AS id FROM metric WHERE runID = ? AND tag = ? AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?)
                UNION ALL SELECT MIN(firstID) FROM metricChunk
                WHERE runID = ? AND tag = ? AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?)
            )
            """, arguments: [run, tag, run, run, tag, run]) ?? 0
        let value = newest.value.flatMap { $0.isNaN ? nil : $0 }
        try database.execute(sql: """
            UPDATE metricSeries SET firstID = ?, attempt = ?, value = ?, rowCount = ? WHERE runID = ? AND tag = ?
            """, arguments: [first, newest.attempt, value, rows, run, tag])
    }
}

extension MetricColumns {
    /// A row that begins with id, step, epoch, wallTime, value.
    mutating func append(_ row: Row) {
        append(id: row[0], step: row[1], epoch: row[2], wallTime: row[3], value: (row[4] as Double?) ?? .nan)
    }
}
