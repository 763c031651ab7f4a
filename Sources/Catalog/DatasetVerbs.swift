import GRDB

extension CatalogStore {
    // MARK: Projects

    package func projects() throws(CatalogError) -> [ProjectRecord] {
        try read { try ProjectRecord.order(Column("createdAt")).fetchAll($0) }
    }

    // MARK: Datasets

    /// Stores a dataset with its items in one transaction.
    package func insert(dataset: DatasetRecord, items: [ItemRecord]) throws(CatalogError) {
        try write { database in
            var dataset = dataset
            dataset.itemCount = items.count
            try dataset.insert(database)
            let statement = try database.makeStatement(sql: """
                INSERT INTO datasetItem (datasetID, path, width, height, split, annotations) VALUES (?, ?, ?, ?, ?, ?)
                """)
            for item in items {
                try statement.execute(arguments: [
                    dataset.id, item.path, item.width, item.height, item.split, StoredAnnotation.encode(item.annotations),
                ])
            }
        }
    }

    /// Newest first.
    package func datasets() throws(CatalogError) -> [DatasetRecord] {
        try read { try DatasetRecord.order(Column("createdAt").desc).fetchAll($0) }
    }

    /// By id, or by name: of several with one name the newest.
    package func dataset(_ key: String) throws(CatalogError) -> DatasetRecord {
        try read { database in
            try DatasetRecord.filter(Column("id") == key || Column("name") == key).order(Column("createdAt").desc).fetchOne(database)
                .orThrow(.notFound(kind: "dataset", identifier: key))
        }
    }

    package func items(ofDataset id: String) throws(CatalogError) -> [ItemRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM datasetItem WHERE datasetID = ? ORDER BY id", arguments: [id]).map(ItemRecord.init(row:))
        }
    }

    /// How many items of a dataset each split has; nil stands for none given.
    package func splitCounts(ofDataset id: String) throws(CatalogError) -> [String?: Int] {
        try read { database in
            var counts: [String?: Int] = [:]
            for row in try Row.fetchAll(
                database, sql: "SELECT split, COUNT(*) AS number FROM datasetItem WHERE datasetID = ? GROUP BY split", arguments: [id])
            {
                counts[row["split"] as String?] = row["number"]
            }
            return counts
        }
    }

    /// Forgets a dataset with its views and snapshots; the files stay. Refuses while a run refers to a snapshot of it.
    package func removeDataset(_ id: String) throws(CatalogError) {
        try write { database in
            let users = try String.fetchAll(database, sql: """
                SELECT DISTINCT run.name FROM run JOIN snapshot ON snapshot.id IN (run.trainSnapshotID, run.valSnapshotID)
                WHERE snapshot.datasetID = ? ORDER BY run.name
                """, arguments: [id])
            guard users.isEmpty else {
                throw CatalogError.conflict(
                    "The dataset is used by \(users.count == 1 ? "the run" : "the runs") \(users.prefix(3).joined(separator: ", ")); remove those runs first.")
            }
            guard try DatasetRecord.deleteOne(database, key: id) else {
                throw CatalogError.notFound(kind: "dataset", identifier: id)
            }
        }
    }

    // MARK: Views

    package func insert(view: ViewRecord) throws(CatalogError) {
        try write { database in
            if try ViewRecord.filter(Column("datasetID") == view.datasetID && Column("name") == view.name).fetchCount(database) > 0 {
                throw CatalogError.conflict("The dataset already has a view named \"\(view.name)\"; choose another name.")
            }
            try view.insert(database)
        }
    }

    /// Views of one dataset, or all; oldest first.
    package func views(dataset: String? = nil) throws(CatalogError) -> [ViewRecord] {
        try read { database in
            let all = ViewRecord.order(Column("createdAt"))
            return try (dataset.map { all.filter(Column("datasetID") == $0) } ?? all).fetchAll(database)
        }
    }

    /// By id, or by name: of several with one name the newest.
    package func view(_ key: String) throws(CatalogError) -> ViewRecord {
        try read { database in
            try ViewRecord.filter(Column("id") == key || Column("name") == key).order(Column("createdAt").desc).fetchOne(database)
                .orThrow(.notFound(kind: "view", identifier: key))
        }
    }

    // MARK: Snapshots

    /// Stores a snapshot and its frozen assignment of items to splits in one transaction.
    package func insert(snapshot: SnapshotRecord, assignment: [(itemID: Int64, split: String)]) throws(CatalogError) {
        try write { database in
            try snapshot.insert(database)
            let statement = try database.makeStatement(sql: "INSERT INTO snapshotItem (snapshotID, itemID, split) VALUES (?, ?, ?)")
            for (itemID, split) in assignment { try statement.execute(arguments: [snapshot.id, itemID, split]) }
        }
    }

    /// Snapshots of one view, or all; newest first.
    package func snapshots(view: String? = nil) throws(CatalogError) -> [SnapshotRecord] {
        try read { database in
            let all = SnapshotRecord.order(Column("createdAt").desc)
            return try (view.map { all.filter(Column("viewID") == $0) } ?? all).fetchAll(database)
        }
    }

    /// By id, or by name: of several with one name the newest.
    package func snapshot(_ key: String) throws(CatalogError) -> SnapshotRecord {
        try read { database in
            try SnapshotRecord.filter(Column("id") == key || Column("name") == key).order(Column("createdAt").desc).fetchOne(database)
                .orThrow(.notFound(kind: "snapshot", identifier: key))
        }
    }

    /// The snapshot's items in the dataset's order; `split` is the frozen assignment.
    package func items(ofSnapshot id: String) throws(CatalogError) -> [ItemRecord] {
        try read { database in
            try Row.fetchAll(database, sql: """
                SELECT datasetItem.id, path, width, height, snapshotItem.split AS split, annotations
                FROM snapshotItem JOIN datasetItem ON datasetItem.id = snapshotItem.itemID
                WHERE snapshotID = ? ORDER BY datasetItem.id
                """, arguments: [id]).map(ItemRecord.init(row:))
        }
    }
}

extension Optional {
    func orThrow(_ error: CatalogError) throws(CatalogError) -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
