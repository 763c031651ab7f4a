import GRDB

/// One version of a blueprint: a part of a run's configuration under a name.
package struct BlueprintRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "blueprint"
    package var id: String
    package var projectID: String
    package var name: String
    /// Counts from 1; saving under the same name makes the next.
    package var version: Int
    package var createdAt: Double
    /// JSON of the keys that the blueprint sets.
    package var configuration: String

    package init(
        id: String = CatalogStore.newIdentifier(), projectID: String = "default", name: String, version: Int = 1, createdAt: Double,
        configuration: String
    ) {
        self.id = id
        self.projectID = projectID
        self.name = name
        self.version = version
        self.createdAt = createdAt
        self.configuration = configuration
    }
}

extension CatalogStore {
    static let blueprintTable = """
        CREATE TABLE blueprint (
            id TEXT PRIMARY KEY, projectID TEXT NOT NULL REFERENCES project(id), name TEXT NOT NULL, version INTEGER NOT NULL,
            createdAt REAL NOT NULL, configuration TEXT NOT NULL, UNIQUE (projectID, name, version)
        );
        """

    /// Stores the next version under a name, and returns it.
    package func save(blueprint name: String, configuration: String, at time: Double) throws(CatalogError) -> BlueprintRecord {
        try write { database in
            let last = try Int.fetchOne(database, sql: "SELECT MAX(version) FROM blueprint WHERE name = ?", arguments: [name]) ?? 0
            let record = BlueprintRecord(name: name, version: last + 1, createdAt: time, configuration: configuration)
            try record.insert(database)
            return record
        }
    }

    /// All versions, by name, the newest of each first.
    package func blueprints() throws(CatalogError) -> [BlueprintRecord] {
        try read { try BlueprintRecord.order(Column("name"), Column("version").desc).fetchAll($0) }
    }

    /// By id or name; without a version the newest.
    package func blueprint(_ key: String, version: Int? = nil) throws(CatalogError) -> BlueprintRecord {
        try read { database in
            var request = BlueprintRecord.filter(Column("id") == key || Column("name") == key).order(Column("version").desc)
            if let version { request = request.filter(Column("version") == version) }
            return try request.fetchOne(database)
                .orThrow(.notFound(kind: "blueprint", identifier: version.map { "\(key) version \($0)" } ?? key))
        }
    }

    /// Gives all versions of a blueprint another name; refuses one that is taken.
    package func renameBlueprint(_ name: String, to new: String) throws(CatalogError) {
        try write { database in
            let isTaken = try BlueprintRecord.filter(Column("name") == new).fetchCount(database) > 0
            guard !isTaken else { throw CatalogError.conflict("There is a blueprint \"\(new)\" already; choose another name.") }
            try database.execute(sql: "UPDATE blueprint SET name = ? WHERE name = ?", arguments: [new, name])
            guard database.changesCount > 0 else { throw CatalogError.notFound(kind: "blueprint", identifier: name) }
        }
    }

    /// Deletes all versions of a blueprint. Runs that were made from it keep their configuration.
    package func removeBlueprint(_ name: String) throws(CatalogError) {
        try write { database in
            try database.execute(sql: "DELETE FROM blueprint WHERE name = ?", arguments: [name])
            guard database.changesCount > 0 else { throw CatalogError.notFound(kind: "blueprint", identifier: name) }
        }
    }
}
