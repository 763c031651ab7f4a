import GRDB

/// An evaluation of a run and the file that holds what it found.
package struct EvaluationEntry: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "evaluation"
    package var runID: String
    package var step: Int
    package var epoch: Int
    package var attempt: Int
    /// Whether it was the best of the run when it was made.
    package var isBest: Bool
    package var path: String
    package var createdAt: Double

    package init(runID: String, step: Int, epoch: Int, attempt: Int, isBest: Bool, path: String, createdAt: Double) {
        self.runID = runID
        self.step = step
        self.epoch = epoch
        self.attempt = attempt
        self.isBest = isBest
        self.path = path
        self.createdAt = createdAt
    }
}

extension CatalogStore {
    static let evaluationTable = """
        CREATE TABLE evaluation (
            runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, step INTEGER NOT NULL, epoch INTEGER NOT NULL,
            attempt INTEGER NOT NULL, isBest INTEGER NOT NULL, path TEXT NOT NULL, createdAt REAL NOT NULL,
            PRIMARY KEY (runID, step)
        ) WITHOUT ROWID;
        """

    /// A run keeps the files of its newest and its best evaluation, so the catalogue names no others.
    static func record(_ evaluation: EvaluationEntry, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM evaluation WHERE runID = ? AND step <= ? AND (isBest = 0 OR ?)",
            arguments: [evaluation.runID, evaluation.step, evaluation.isBest])
        try evaluation.insert(database)
    }

    /// Takes away the evaluations that a resumed run makes again: those after the step it goes on from; nil takes all.
    static func forgetEvaluations(ofRun id: String, after step: Int?, in database: Database) throws {
        try database.execute(sql: "DELETE FROM evaluation WHERE runID = ? AND step > ?", arguments: [id, step ?? -1])
    }

    /// Oldest first: the best, then the newest where that is another one.
    package func evaluations(run id: String) throws(CatalogError) -> [EvaluationEntry] {
        try read { try EvaluationEntry.filter(Column("runID") == id).order(Column("step")).fetchAll($0) }
    }
}
