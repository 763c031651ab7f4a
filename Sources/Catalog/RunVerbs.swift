import GRDB

/// What a batch of a run's events changes; nil leaves a value as it is.
package struct RunUpdate: Sendable {
    package var step: Int?
    package var totalSteps: Int?
    package var epoch: Int?
    package var totalEpochs: Int?
    package var phase: String?
    package var etaSeconds: Double?
    package var imagesPerSecond: Double?
    package var waitMilliseconds: Double?
    package var learningRate: Double?
    package var bestMetric: Double?
    package var bestMetricName: String?
    package var peakMemoryBytes: Int?
    package var trainedSeconds: Double?
    package var metrics: [MetricValue] = []
    package var log: [LogEntry] = []
    package var checkpoints: [CheckpointRecord] = []
    package var evaluations: [EvaluationEntry] = []

    package init() {}
}

extension CatalogStore {
    package func insert(run: RunRecord) throws(CatalogError) {
        try insert(runs: [run])
    }

    /// Stores many in one transaction.
    package func insert(runs: [RunRecord]) throws(CatalogError) {
        try write { database in
            for run in runs { try run.insert(database) }
        }
    }

    /// By id, or by name: of several with one name the newest.
    package func run(_ key: String) throws(CatalogError) -> RunRecord {
        try read { try Self.run(key, in: $0) }
    }

    private static func run(_ key: String, in database: Database) throws -> RunRecord {
        try RunRecord.filter(Column("id") == key || Column("name") == key).order(Column("createdAt").desc).fetchOne(database)
            .orThrow(.notFound(kind: "run", identifier: key))
    }

    /// Writes a batch of events in one transaction, with a sign of life of the process.
    package func apply(_ update: RunUpdate, to id: String, at time: Double) throws(CatalogError) {
        try write { database in
            try database.execute(sql: """
                UPDATE run SET heartbeatAt = ?, step = COALESCE(?, step), totalSteps = COALESCE(?, totalSteps),
                    epoch = COALESCE(?, epoch), totalEpochs = COALESCE(?, totalEpochs), phase = COALESCE(?, phase),
                    etaSeconds = COALESCE(?, etaSeconds), imagesPerSecond = COALESCE(?, imagesPerSecond),
                    waitMilliseconds = COALESCE(?, waitMilliseconds), learningRate = COALESCE(?, learningRate),
                    bestMetric = COALESCE(?, bestMetric), bestMetricName = COALESCE(?, bestMetricName),
                    peakMemoryBytes = COALESCE(?, peakMemoryBytes), trainedSeconds = COALESCE(?, trainedSeconds)
                WHERE id = ?
                """, arguments: [
                    time, update.step, update.totalSteps, update.epoch, update.totalEpochs, update.phase, update.etaSeconds,
                    update.imagesPerSecond, update.waitMilliseconds, update.learningRate, update.bestMetric, update.bestMetricName,
                    update.peakMemoryBytes, update.trainedSeconds, id,
                ])
            guard database.changesCount == 1 else { throw CatalogError.notFound(kind: "run", identifier: id) }
            try Self.append(update.metrics, run: id, in: database)
            for entry in update.log { try Self.append(entry, run: id, in: database) }
            for checkpoint in update.checkpoints { try checkpoint.insert(database, onConflict: .replace) }
            for evaluation in update.evaluations { try Self.record(evaluation, in: database) }
        }
    }

    static func append(_ entry: LogEntry, run: String, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO logLine (runID, time, level, text) VALUES (?, ?, ?, ?)",
            arguments: [run, entry.time, entry.level, entry.text])
        if entry.level == "warning" {
            try database.execute(sql: "UPDATE run SET warningCount = warningCount + 1 WHERE id = ?", arguments: [run])
        }
    }

    // MARK: Reading what runs leave

    /// The last lines, oldest first.
    package func logTail(run id: String, count: Int) throws(CatalogError) -> [LogRecord] {
        try read { database in
            try LogRecord.fetchAll(
                database, sql: "SELECT id, time, level, text FROM logLine WHERE runID = ? ORDER BY id DESC LIMIT ?",
                arguments: [id, count]).reversed()
        }
    }

    /// Lines written after the one with the given id.
    package func log(run id: String, after: Int64) throws(CatalogError) -> [LogRecord] {
        try read { database in
            try LogRecord.fetchAll(
                database, sql: "SELECT id, time, level, text FROM logLine WHERE runID = ? AND id > ? ORDER BY id",
                arguments: [id, after])
        }
    }

    /// Oldest first.
    package func checkpoints(run id: String) throws(CatalogError) -> [CheckpointRecord] {
        try read { try CheckpointRecord.filter(Column("runID") == id).order(Column("step"), Column("createdAt")).fetchAll($0) }
    }

    package func attempts(run id: String) throws(CatalogError) -> [AttemptRecord] {
        try read { try AttemptRecord.filter(Column("runID") == id).order(Column("number")).fetchAll($0) }
    }

    /// Seconds a step took, and the peak memory, in finished runs that did the same work; newest first.
    package func pace(architecture: String, imageSize: Int, batchSize: Int, cores: Int) throws(CatalogError)
        -> [(secondsPerStep: Double, peakMemoryBytes: Int?)]
    {
        try read { database in
            try Row.fetchAll(database, sql: """
                SELECT trainedSeconds / step AS pace, peakMemoryBytes FROM run
                WHERE architecture = ? AND imageSize = ? AND batchSize = ? AND cores = ? AND step >= 5 AND trainedSeconds > 0
                ORDER BY COALESCE(endedAt, heartbeatAt) DESC LIMIT 5
                """, arguments: [architecture, imageSize, batchSize, cores]).map { ($0["pace"], $0["peakMemoryBytes"]) }
        }
    }

    /// Deletes a finished run with its series, log and checkpoint records.
    ///
    /// Refuses while the run is live, and while another run starts from a model that it left.
    package func removeRun(_ id: String) throws(CatalogError) {
        try write { database in
            let run = try Self.run(id, in: database)
            guard run.status.isTerminal else {
                throw CatalogError.conflict("The run \"\(run.name)\" is \(run.status.rawValue); abort it first.")
            }
            let users = try String.fetchAll(database, sql: """
                SELECT DISTINCT run.name FROM run JOIN model ON model.id = run.startModelID
                WHERE model.runID = ? AND run.id <> ? AND run.status IN (\(Self.liveStatusList))
                """, arguments: [run.id, run.id])
            guard users.isEmpty else {
                throw CatalogError.conflict(
                    "The model of \"\(run.name)\" is in use by the run \(users.joined(separator: ", ")); wait for it to end, or abort it.")
            }
            try run.delete(database)
        }
    }

    static let liveStatusList = RunStatus.allCases.filter(\.isLive).map { "'\($0.rawValue)'" }.joined(separator: ", ")
}
