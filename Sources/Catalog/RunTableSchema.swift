/// What makes the runs table quick with a hundred thousand runs: everything a query asks for in one covering index, the text of
/// names and ids in a trigram index, an index for each order, and a clock that tells what has changed.
///
/// Triggers keep all of it true, whoever writes to `run`.
enum RunTableSchema {
    static let columns = [
        // The name and the id in lower case, a line break between them.
        "searchText TEXT NOT NULL DEFAULT ''",
        // Settings of the configuration that queries ask for.
        "initialRate REAL", "optimizer TEXT", "weightDecay REAL", "momentum REAL", "seed INTEGER", "labelSet INTEGER",
        // Why the run waits or how it ended, as JSON, and how many warnings stand in its log.
        "issue TEXT", "warningCount INTEGER NOT NULL DEFAULT 0",
        // The clock's reading at the last change that the table shows.
        "revision INTEGER NOT NULL DEFAULT 0",
        "progress REAL GENERATED ALWAYS AS (CASE WHEN status = 'success' THEN 1.0 WHEN totalSteps > 0 "
            + "THEN min(1.0, step * 1.0 / totalSteps) ELSE 0.0 END) VIRTUAL",
        "statusRank INTEGER GENERATED ALWAYS AS (\(statusRank)) VIRTUAL",
    ]

    /// What goes on first, then what waits, then what went wrong.
    private static let statusRank: String = {
        let order: [RunStatus] = [.running, .stopping, .preparing, .pending, .rerun, .created, .failed, .aborted, .terminated, .success]
        return "CASE status " + order.enumerated().map { "WHEN '\($1.rawValue)' THEN \($0)" }.joined(separator: " ") + " END"
    }()

    static let tables = """
        -- Many runs learn the same labels: a set is stored once.
        CREATE TABLE labelSet (id INTEGER PRIMARY KEY, labels TEXT NOT NULL UNIQUE);
        CREATE TABLE labelOfSet (
            label TEXT NOT NULL COLLATE NOCASE, labelSet INTEGER NOT NULL REFERENCES labelSet(id), PRIMARY KEY (label, labelSet)
        ) WITHOUT ROWID;
        CREATE TRIGGER labelSetAdded AFTER INSERT ON labelSet BEGIN
            INSERT OR IGNORE INTO labelOfSet (label, labelSet) SELECT value, NEW.id FROM json_each(NEW.labels);
        END;

        -- One row: how often the table changed, and how often its order or its members did.
        CREATE TABLE runClock (revision INTEGER NOT NULL, arrangement INTEGER NOT NULL);
        INSERT INTO runClock VALUES (1, 1);

        CREATE VIRTUAL TABLE runText USING fts5(text, content='', tokenize='trigram');
        """

    /// Fills the columns above of runs that were stored before them.
    static let backfill = """
        INSERT OR IGNORE INTO labelSet (labels) SELECT DISTINCT json_extract(configuration, '$.runform.labels') FROM run
            WHERE json_valid(configuration) AND json_type(configuration, '$.runform.labels') = 'array';
        UPDATE run SET \(settings(of: "run")) WHERE json_valid(configuration);
        INSERT INTO runText (rowid, text) SELECT rowid, searchText FROM run;
        UPDATE run SET warningCount = (SELECT COUNT(*) FROM logLine WHERE runID = run.id AND level = 'warning');
        """

    private static func settings(of row: String) -> String {
        let paths = [
            ("initialRate", "$.runform.optimizer.kwargs.lr"), ("optimizer", "$.runform.optimizer.name"),
            ("weightDecay", "$.runform.optimizer.kwargs.weight_decay"), ("momentum", "$.runform.optimizer.kwargs.momentum"),
            ("seed", "$.seed"),
        ]
        return paths.map { "\($0) = json_extract(\(row).configuration, '\($1)')" }.joined(separator: ", ")
            + ", labelSet = (SELECT id FROM labelSet WHERE labels = json_extract(\(row).configuration, '$.runform.labels'))"
    }

    /// What `runTable` holds: all that queries and orders ask for.
    static let covered = """
        createdAt, searchText, status, service, task, architecture, optimizer, labelSet, initialRate, weightDecay, momentum, seed, \
        totalEpochs, totalSteps, batchSize, imageSize, cores, memoryBytes, attempt, bestMetric, step, startedAt, endedAt, progress, statusRank
        """

    static let indexes = """
        CREATE INDEX runTable ON run(\(covered));
        CREATE INDEX runByName ON run(searchText);
        CREATE INDEX runByStatusRank ON run(statusRank);
        CREATE INDEX runByProgress ON run(progress);
        CREATE INDEX runByBest ON run(bestMetric);
        CREATE INDEX runByService ON run(service);
        CREATE INDEX runByTask ON run(task);
        CREATE INDEX runByArchitecture ON run(architecture);
        CREATE INDEX runByOptimizer ON run(optimizer);
        CREATE INDEX runByRevision ON run(revision);
        CREATE INDEX runByStartModel ON run(startModelID);
        CREATE INDEX modelByRun ON model(runID);
        CREATE INDEX modelByParent ON model(parentModelID);
        """

    static let triggers = """
        CREATE TRIGGER runAdded AFTER INSERT ON run BEGIN
            UPDATE runClock SET revision = revision + 1, arrangement = arrangement + 1;
            INSERT OR IGNORE INTO labelSet (labels) SELECT json_extract(NEW.configuration, '$.runform.labels')
                WHERE json_valid(NEW.configuration) AND json_type(NEW.configuration, '$.runform.labels') = 'array';
            UPDATE run SET revision = (SELECT revision FROM runClock) WHERE rowid = NEW.rowid;
            UPDATE run SET \(settings(of: "NEW")) WHERE rowid = NEW.rowid AND json_valid(NEW.configuration);
            INSERT INTO runText (rowid, text) VALUES (NEW.rowid, NEW.searchText);
        END;
        CREATE TRIGGER runRemoved AFTER DELETE ON run BEGIN
            UPDATE runClock SET revision = revision + 1, arrangement = arrangement + 1;
            INSERT INTO runText (runText, rowid, text) VALUES ('delete', OLD.rowid, OLD.searchText);
        END;
        CREATE TRIGGER runChanged AFTER UPDATE OF
            status, message, step, totalSteps, startedAt, endedAt, bestMetric, attempt, issue, warningCount ON run
        WHEN NEW.status IS NOT OLD.status OR NEW.message IS NOT OLD.message OR NEW.step IS NOT OLD.step
            OR NEW.totalSteps IS NOT OLD.totalSteps OR NEW.startedAt IS NOT OLD.startedAt OR NEW.endedAt IS NOT OLD.endedAt
            OR NEW.bestMetric IS NOT OLD.bestMetric OR NEW.attempt IS NOT OLD.attempt OR NEW.issue IS NOT OLD.issue
            OR NEW.warningCount IS NOT OLD.warningCount
        BEGIN
            UPDATE runClock SET revision = revision + 1,
                arrangement = arrangement + (NEW.status IS NOT OLD.status OR NEW.attempt IS NOT OLD.attempt);
            UPDATE run SET revision = (SELECT revision FROM runClock) WHERE rowid = NEW.rowid;
        END;
        -- A model that appears or goes is shown with its run.
        CREATE TRIGGER modelOfRunAdded AFTER INSERT ON model WHEN NEW.runID IS NOT NULL BEGIN
            UPDATE runClock SET revision = revision + 1;
            UPDATE run SET revision = (SELECT revision FROM runClock) WHERE id = NEW.runID;
        END;
        """
}
