import Foundation
import GRDB

/// Why the catalogue could not do what was asked.
package enum CatalogError: Error, Sendable, CustomStringConvertible {
    /// Nothing has that id or name.
    case notFound(kind: String, identifier: String)
    /// Something else still needs the record, or its state does not allow the change.
    case conflict(String)
    /// SQLite or the disk refused.
    case storage(String)

    package var description: String {
        switch self {
        case .notFound(let kind, let identifier):
            "There is no \(kind) \"\(identifier)\"; `trainyard \(kind)s list` shows those that exist."
        case .conflict(let text): text
        case .storage(let text): "The catalogue could not be read or written: \(text). Check the disk and TRAINYARD_HOME."
        }
    }
}

/// The SQLite file that every process meets in: projects, datasets, views, snapshots, runs, metrics, checkpoints, models.
///
/// Write-ahead logging lets other processes read while one writes; each verb is one transaction, so a process killed at
/// any instant leaves either all of a change or nothing.
package final class CatalogStore: Sendable {
    /// The folder that holds `trainyard.sqlite`.
    package let directory: URL
    private let pool: DatabasePool
    let texts = RunTexts()

    /// Opens or makes `directory/trainyard.sqlite` and brings its schema up to date.
    package init(directory: URL) throws(CatalogError) {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            var configuration = Configuration()
            // Another process may hold the write lock for the length of a large import.
            configuration.busyMode = .timeout(20)
            configuration.foreignKeysEnabled = true
            configuration.maximumReaderCount = 4
            configuration.prepareDatabase { database in
                // With WAL a killed process loses nothing that was committed; only a power cut may.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                // A search of a hundred thousand runs reads an index of thirty megabytes; it stays in memory from then on.
                try database.execute(sql: "PRAGMA cache_size = -65536")
            }
            pool = try DatabasePool(path: directory.appendingPathComponent("trainyard.sqlite").path, configuration: configuration)
            try Self.migrator.migrate(pool)
            try pool.write { database in
                try database.execute(
                    sql: "INSERT OR IGNORE INTO project (id, name, createdAt) VALUES ('default', 'default', ?)",
                    arguments: [Date().timeIntervalSince1970])
            }
        } catch {
            throw CatalogError.storage("\(error)")
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
        do { return try pool.read(body) } catch let error as CatalogError { throw error } catch {
            throw CatalogError.storage("\(error)")
        }
    }

    /// Reads beside the caller; what fails is tried no more.
    func readAside(_ body: @escaping @Sendable (Database) throws -> Void) {
        pool.asyncRead { database in try? body(database.get()) }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
        do { return try pool.write(body) } catch let error as CatalogError { throw error } catch {
            throw CatalogError.storage("\(error)")
        }
    }

    /// Asks SQLite whether the file is whole; returns what it complains about.
    package func integrityProblems() throws(CatalogError) -> [String] {
        try read { database in
            try String.fetchAll(database, sql: "PRAGMA quick_check").filter { $0 != "ok" }
        }
    }

    /// A new identifier for a record.
    package static func newIdentifier() -> String { UUID().uuidString.lowercased() }
}
