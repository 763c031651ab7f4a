import GRDB

extension CatalogStore {
    /// Every change of the schema, in order, by name. A released migration is never edited.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 datasets, runs, models") { database in
            try database.execute(sql: datasetTables)
            try database.execute(sql: runTables)
        }
        migrator.registerMigration("models: origin and parent") { database in
            for column in ["format TEXT", "originPath TEXT", "originHash TEXT", "parentModelID TEXT REFERENCES model(id) ON DELETE SET NULL"] {
                try database.execute(sql: "ALTER TABLE model ADD COLUMN \(column)")
            }
        }
        migrator.registerMigration("metrics: packed chunks") { database in
            try database.execute(sql: metricChunkTables)
            try packStoredMetrics(in: database)
        }
        migrator.registerMigration("blueprints") { try $0.execute(sql: blueprintTable) }
        migrator.registerMigration("runs table: search, order, change") { database in
            for column in RunTableSchema.columns { try database.execute(sql: "ALTER TABLE run ADD COLUMN \(column)") }
            // SQLite's own lower() knows ASCII only.
            for row in try Row.fetchAll(database, sql: "SELECT rowid AS number, id, name FROM run") {
                let text = RunRecord.searchText(name: row["name"], id: row["id"]), number: Int64 = row["number"]
                try database.execute(sql: "UPDATE run SET searchText = ? WHERE rowid = ?", arguments: [text, number])
            }
            try database.execute(sql: RunTableSchema.tables)
            try database.execute(sql: RunTableSchema.backfill)
            try database.execute(sql: RunTableSchema.indexes)
            try database.execute(sql: RunTableSchema.triggers)
        }
        migrator.registerMigration("evaluations") { try $0.execute(sql: evaluationTable) }
        return migrator
    }

    private static let datasetTables = """
        CREATE TABLE project (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, createdAt REAL NOT NULL);

        CREATE TABLE dataset (
            id TEXT PRIMARY KEY, projectID TEXT NOT NULL REFERENCES project(id), name TEXT NOT NULL, task TEXT NOT NULL,
            root TEXT NOT NULL, format TEXT NOT NULL, createdAt REAL NOT NULL, labels TEXT NOT NULL, report TEXT NOT NULL,
            problemCount INTEGER NOT NULL, itemCount INTEGER NOT NULL
        );
        CREATE TABLE datasetItem (
            id INTEGER PRIMARY KEY, datasetID TEXT NOT NULL REFERENCES dataset(id) ON DELETE CASCADE,
            path TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, split TEXT,
            -- [[label, xMin, yMin, xMax, yMax, isCrowd]] or [[label]]: one value keeps a million boxes cheap,
            -- and json_each still reads it.
            annotations TEXT NOT NULL
        );
        CREATE INDEX datasetItemOfDataset ON datasetItem(datasetID);

        CREATE TABLE view (
            id TEXT PRIMARY KEY, datasetID TEXT NOT NULL REFERENCES dataset(id) ON DELETE CASCADE, name TEXT NOT NULL,
            createdAt REAL NOT NULL, labels TEXT NOT NULL, split TEXT, itemCount INTEGER NOT NULL,
            UNIQUE (datasetID, name)
        );
        CREATE TABLE snapshot (
            id TEXT PRIMARY KEY, viewID TEXT NOT NULL REFERENCES view(id) ON DELETE CASCADE,
            datasetID TEXT NOT NULL REFERENCES dataset(id) ON DELETE CASCADE, name TEXT NOT NULL, createdAt REAL NOT NULL,
            trainCount INTEGER NOT NULL, valCount INTEGER NOT NULL, testCount INTEGER NOT NULL, labelCounts TEXT NOT NULL
        );
        -- Items and annotations never change after an import, so a reference freezes them.
        CREATE TABLE snapshotItem (
            snapshotID TEXT NOT NULL REFERENCES snapshot(id) ON DELETE CASCADE,
            itemID INTEGER NOT NULL REFERENCES datasetItem(id) ON DELETE CASCADE,
            split TEXT NOT NULL, PRIMARY KEY (snapshotID, itemID)
        ) WITHOUT ROWID;
        CREATE INDEX snapshotItemOfItem ON snapshotItem(itemID);
        """

    private static let runTables = """
        CREATE TABLE run (
            id TEXT PRIMARY KEY, projectID TEXT NOT NULL REFERENCES project(id), name TEXT NOT NULL, version TEXT NOT NULL,
            createdAt REAL NOT NULL, queuedAt REAL NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL, task TEXT NOT NULL,
            architecture TEXT NOT NULL, service TEXT NOT NULL, configuration TEXT NOT NULL, draft TEXT NOT NULL,
            trainSnapshotID TEXT REFERENCES snapshot(id), valSnapshotID TEXT REFERENCES snapshot(id),
            startModelID TEXT REFERENCES model(id) ON DELETE SET NULL,
            cores INTEGER NOT NULL, memoryBytes INTEGER NOT NULL, imageSize INTEGER NOT NULL, batchSize INTEGER NOT NULL,
            attempt INTEGER NOT NULL, seriesAttempt INTEGER NOT NULL, resumeFrom TEXT,
            step INTEGER NOT NULL, totalSteps INTEGER NOT NULL, epoch INTEGER NOT NULL, totalEpochs INTEGER NOT NULL,
            phase TEXT NOT NULL, startedAt REAL, endedAt REAL, trainedSeconds REAL NOT NULL,
            etaSeconds REAL, imagesPerSecond REAL, waitMilliseconds REAL, learningRate REAL,
            bestMetric REAL, bestMetricName TEXT, peakMemoryBytes INTEGER,
            stopRequestedAt REAL, processID INTEGER, processStart TEXT, processPlace TEXT, heartbeatAt REAL
        );
        CREATE INDEX runByCreation ON run(createdAt);
        CREATE INDEX runByStatus ON run(status);

        CREATE TABLE attempt (
            runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, number INTEGER NOT NULL, startedAt REAL NOT NULL,
            endedAt REAL, status TEXT NOT NULL, message TEXT NOT NULL, resumedFrom TEXT, PRIMARY KEY (runID, number)
        ) WITHOUT ROWID;

        -- SQLite has no NaN: a value of NULL is one.
        CREATE TABLE metric (
            id INTEGER PRIMARY KEY AUTOINCREMENT, runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            attempt INTEGER NOT NULL, step INTEGER NOT NULL, epoch REAL NOT NULL, wallTime REAL NOT NULL, tag TEXT NOT NULL,
            value REAL
        );
        CREATE INDEX metricOfRun ON metric(runID, tag, id);
        CREATE TABLE logLine (
            id INTEGER PRIMARY KEY AUTOINCREMENT, runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            time REAL NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL
        );
        CREATE INDEX logLineOfRun ON logLine(runID, id);
        CREATE TABLE checkpoint (
            runID TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, path TEXT NOT NULL, attempt INTEGER NOT NULL,
            step INTEGER NOT NULL, epoch INTEGER NOT NULL, kind TEXT NOT NULL, createdAt REAL NOT NULL,
            PRIMARY KEY (runID, path)
        ) WITHOUT ROWID;

        CREATE TABLE model (
            id TEXT PRIMARY KEY, projectID TEXT NOT NULL REFERENCES project(id), name TEXT NOT NULL, version TEXT NOT NULL,
            architecture TEXT NOT NULL, task TEXT NOT NULL, status TEXT NOT NULL, labels TEXT NOT NULL, createdAt REAL NOT NULL,
            runID TEXT REFERENCES run(id) ON DELETE SET NULL, snapshotID TEXT REFERENCES snapshot(id) ON DELETE SET NULL,
            weightsPath TEXT NOT NULL, imageSize INTEGER NOT NULL, metrics TEXT NOT NULL
        );
        CREATE TABLE reservation (
            runID TEXT PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE, cores INTEGER NOT NULL, memoryBytes INTEGER NOT NULL,
            createdAt REAL NOT NULL
        );
        """
}
