import GRDB

/// A run whose process was found gone.
package struct DeadRun: Sendable, Equatable {
    package var runID: String
    package var name: String
    /// What it can be resumed from; nil when it died before its first checkpoint.
    package var lastCheckpoint: CheckpointRecord?
}

extension CatalogStore {
    /// Seconds without a sign of life after which a process that cannot be seen from here counts as gone.
    static let heartbeatLimit = 120.0

    /// Makes a process answer for a run that waits.
    package func claim(run id: String, by process: ProcessIdentity, at time: Double) throws(CatalogError) {
        try write { database in
            try database.execute(sql: """
                UPDATE run SET processID = ?, processStart = ?, processPlace = ?, heartbeatAt = ?,
                    status = CASE WHEN status = 'created' THEN 'pending' ELSE status END
                WHERE id = ? AND status IN ('created', 'pending', 'rerun')
                """, arguments: [process.processID, process.start, process.place, time, id])
            guard database.changesCount == 1 else { throw CatalogError.conflict("The run is no longer waiting; look at its status.") }
        }
    }

    /// Takes cores and memory for a waiting run when they are free and no run that waits longer stands before it.
    ///
    /// Returns nil when the run holds them now and is preparing, otherwise the reason it waits, which is stored as well.
    package func tryStart(run id: String, totalCores: Int, totalMemoryBytes: Int, at time: Double) throws(CatalogError) -> String? {
        try write { database in
            guard let run = try RunRecord.fetchOne(database, key: id) else { throw CatalogError.notFound(kind: "run", identifier: id) }
            guard run.status.isWaiting else { throw CatalogError.conflict("The run is \(run.status.rawValue), not waiting.") }
            let held = try Self.reservations(in: database)
            let freeCores = totalCores - held.reduce(0) { $0 + $1.cores }
            let freeMemory = totalMemoryBytes - held.reduce(0) { $0 + $1.memoryBytes }
            let earlier = try String.fetchOne(database, sql: """
                SELECT name FROM run WHERE status IN ('pending', 'rerun') AND id <> ? AND processID IS NOT NULL
                    AND (queuedAt < ? OR (queuedAt = ? AND id < ?)) ORDER BY queuedAt LIMIT 1
                """, arguments: [id, run.queuedAt, run.queuedAt, id])
            let wait: (reason: String, issue: RunIssue)? =
                if let earlier { ("waits behind \(earlier)", .waitsBehind(run: earlier)) }
                else if run.cores > freeCores {
                    ("waits for \(run.cores) \(run.cores == 1 ? "core" : "cores"), \(max(0, freeCores)) free",
                        .waitsForCores(needed: run.cores, free: max(0, freeCores)))
                } else if run.memoryBytes > freeMemory {
                    ("waits for memory", .waitsForMemory(neededBytes: run.memoryBytes, freeBytes: max(0, freeMemory)))
                } else { nil }
            if let wait {
                try database.execute(
                    sql: "UPDATE run SET message = ?, issue = ?, heartbeatAt = ? WHERE id = ?",
                    arguments: [wait.reason, wait.issue.stored, time, id])
                return wait.reason
            }
            try database.execute(
                sql: "INSERT OR REPLACE INTO reservation (runID, cores, memoryBytes, createdAt) VALUES (?, ?, ?, ?)",
                arguments: [id, run.cores, run.memoryBytes, time])
            try database.execute(sql: """
                UPDATE run SET status = 'preparing', message = '', issue = NULL, heartbeatAt = ?, endedAt = NULL, startedAt = COALESCE(startedAt, ?)
                WHERE id = ?
                """, arguments: [time, time, id])
            try AttemptRecord(
                runID: id, number: run.attempt, startedAt: time, endedAt: nil, status: .preparing, message: "", resumedFrom: run.resumeFrom
            ).insert(database, onConflict: .replace)
            return nil
        }
    }

    /// What live runs hold.
    package func reservations() throws(CatalogError) -> [ReservationRecord] {
        try read { try Self.reservations(in: $0) }
    }

    private static func reservations(in database: Database) throws -> [ReservationRecord] {
        try ReservationRecord.fetchAll(database, sql: """
            SELECT runID, run.name AS runName, reservation.cores, reservation.memoryBytes
            FROM reservation JOIN run ON run.id = reservation.runID ORDER BY reservation.createdAt
            """)
    }

    /// From preparing to running; a run that was asked to stop meanwhile stays stopping.
    package func markRunning(run id: String, at time: Double) throws(CatalogError) {
        try write { database in
            try database.execute(
                sql: "UPDATE run SET status = 'running', heartbeatAt = ? WHERE id = ? AND status = 'preparing'", arguments: [time, id])
            try database.execute(sql: """
                UPDATE attempt SET status = 'running' WHERE runID = ? AND number = (SELECT attempt FROM run WHERE id = ?)
                """, arguments: [id, id])
        }
    }

    /// Ends a run and gives its cores and memory back.
    package func finish(run id: String, status: RunStatus, message: String, issue: RunIssue? = nil, at time: Double) throws(CatalogError) {
        precondition(status.isTerminal, "a run does not finish as \(status.rawValue)")
        try write { database in
            try Self.finish(run: id, status: status, message: message, issue: issue, at: time, in: database)
            try Self.packMetrics(run: id, in: database)
        }
    }

    private static func finish(
        run id: String, status: RunStatus, message: String, issue: RunIssue?, at time: Double, in database: Database
    ) throws {
        try database.execute(sql: """
            UPDATE run SET status = ?, message = ?, issue = ?, endedAt = ?, stopRequestedAt = NULL, resumeFrom = NULL, phase = '',
                etaSeconds = NULL, heartbeatAt = ?, processID = NULL, processStart = NULL, processPlace = NULL
            WHERE id = ?
            """, arguments: [status, message, issue?.stored, time, time, id])
        try database.execute(sql: """
            UPDATE attempt SET status = ?, message = ?, endedAt = ? WHERE runID = ? AND number = (SELECT attempt FROM run WHERE id = ?)
            """, arguments: [status, message, time, id, id])
        try database.execute(sql: "DELETE FROM reservation WHERE runID = ?", arguments: [id])
    }

    /// Asks a live run to stop; its process sees it within a second. A run that only waits ends at once as terminated.
    package func requestStop(run id: String, at time: Double) throws(CatalogError) {
        try write { database in
            guard let run = try RunRecord.fetchOne(database, key: id) else { throw CatalogError.notFound(kind: "run", identifier: id) }
            guard run.status.isLive else {
                throw CatalogError.conflict("The run \"\(run.name)\" has already ended (\(run.status.rawValue)); there is nothing to abort.")
            }
            if run.status.isWaiting {
                try Self.finish(run: id, status: .terminated, message: "Aborted while it waited.", issue: nil, at: time, in: database)
            } else {
                try database.execute(
                    sql: "UPDATE run SET status = 'stopping', stopRequestedAt = COALESCE(stopRequestedAt, ?) WHERE id = ?",
                    arguments: [time, id])
            }
        }
    }

    package func isStopRequested(run id: String) throws(CatalogError) -> Bool {
        try read { database in
            try Bool.fetchOne(database, sql: "SELECT stopRequestedAt IS NOT NULL FROM run WHERE id = ?", arguments: [id]) ?? true
        }
    }

    /// Puts a finished run back into the queue as a further attempt, from a checkpoint or from its beginning.
    package func requeue(run id: String, from checkpoint: CheckpointRecord?, at time: Double) throws(CatalogError) {
        try write { database in
            guard let run = try RunRecord.fetchOne(database, key: id) else { throw CatalogError.notFound(kind: "run", identifier: id) }
            guard run.status.isTerminal else {
                throw CatalogError.conflict("The run \"\(run.name)\" is \(run.status.rawValue); abort it or wait for its end first.")
            }
            if let checkpoint {
                // The steps after the checkpoint are done again: their values would stand twice in every series.
                try Self.removeMetrics(run: id, after: checkpoint.step, since: run.seriesAttempt, in: database)
                let share = run.step > 0 ? min(1, Double(checkpoint.step) / Double(run.step)) : 0
                try database.execute(sql: """
                    UPDATE run SET step = ?, epoch = ?, trainedSeconds = trainedSeconds * ? WHERE id = ?
                    """, arguments: [checkpoint.step, checkpoint.epoch, share, id])
            } else {
                try database.execute(sql: """
                    UPDATE run SET step = 0, epoch = 0, seriesAttempt = attempt + 1, trainedSeconds = 0, warningCount = 0, bestMetric = NULL,
                        bestMetricName = NULL, startedAt = NULL WHERE id = ?
                    """, arguments: [id])
                try database.execute(sql: "DELETE FROM checkpoint WHERE runID = ?", arguments: [id])
            }
            try Self.forgetEvaluations(ofRun: id, after: checkpoint?.step, in: database)
            try database.execute(sql: """
                UPDATE run SET status = 'rerun', attempt = attempt + 1, queuedAt = ?, message = '', issue = NULL, endedAt = NULL, resumeFrom = ?,
                    stopRequestedAt = NULL, imagesPerSecond = NULL WHERE id = ?
                """, arguments: [time, checkpoint?.path, id])
        }
    }

    /// Marks runs as aborted whose status is live and whose process is gone, and gives back what they held.
    ///
    /// A process of another host or container cannot be seen; its heartbeat decides. A run that no process has taken yet
    /// is left alone for as long.
    @discardableResult
    package func markDeadRuns(at time: Double) throws(CatalogError) -> [DeadRun] {
        // Most calls find nothing: look before taking the write lock.
        let candidates = try read { try Self.deadRuns(at: time, in: $0) }
        guard !candidates.isEmpty else { return [] }
        return try write { database in
            try Self.deadRuns(at: time, in: database).map { run in
                let checkpoint = try CheckpointRecord.filter(Column("runID") == run.id)
                    .order(Column("step").desc, Column("createdAt").desc).fetchOne(database)
                let offer = checkpoint.map { "resume continues from step \($0.step)" } ?? "no checkpoint was saved yet; rerun starts again"
                let cause = if case .outOfMemory = Self.issue(ofDead: run, checkpoint: checkpoint) { ", most likely for lack of memory," } else { "" }
                let message = "Its process ended unexpectedly\(cause) at step \(run.step); \(offer)."
                try Self.finish(run: run.id, status: .aborted, message: message, issue: Self.issue(ofDead: run, checkpoint: checkpoint), at: run.heartbeatAt ?? time,
                    in: database)
                try Self.append(LogEntry(time: time, level: "error", text: message), run: run.id, in: database)
                return DeadRun(runID: run.id, name: run.name, lastCheckpoint: checkpoint)
            }
        }
    }

    /// A process that vanishes at its memory's limit was ended by the system for that.
    private static func issue(ofDead run: RunRecord, checkpoint: CheckpointRecord?) -> RunIssue {
        if let peak = run.peakMemoryBytes, run.memoryBytes > 0, Double(peak) >= 0.97 * Double(run.memoryBytes) {
            return .outOfMemory(peakBytes: peak, limitBytes: run.memoryBytes)
        }
        return .processGone(step: run.step, checkpointStep: checkpoint?.step)
    }

    private static func deadRuns(at time: Double, in database: Database) throws -> [RunRecord] {
        try RunRecord.fetchAll(database, sql: "SELECT * FROM run WHERE status IN (\(liveStatusList))").filter { run in
            if let isRunning = run.owner?.isRunning { return !isRunning }
            return time - (run.heartbeatAt ?? run.queuedAt) > heartbeatLimit
        }
    }
}
