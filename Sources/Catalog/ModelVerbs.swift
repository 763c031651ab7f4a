import GRDB

extension CatalogStore {
    /// Stores a model; one that has the same id is replaced.
    package func save(model: ModelRecord) throws(CatalogError) {
        try write { try model.upsert($0) }
    }

    /// Newest first.
    package func models() throws(CatalogError) -> [ModelRecord] {
        try read { try ModelRecord.order(Column("createdAt").desc).fetchAll($0) }
    }

    package func models(run: String) throws(CatalogError) -> [ModelRecord] {
        try read { try ModelRecord.filter(Column("runID") == run).order(Column("createdAt")).fetchAll($0) }
    }

    /// By id, or by name: of several with one name the newest.
    package func model(_ key: String) throws(CatalogError) -> ModelRecord {
        try read { database in
            try ModelRecord.filter(Column("id") == key || Column("name") == key).order(Column("createdAt").desc).fetchOne(database)
                .orThrow(.notFound(kind: "model", identifier: key))
        }
    }
}
