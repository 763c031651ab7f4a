import Catalog
import Foundation

/// The use cases of the program: everything that screens and commands do goes through here.
///
/// Several processes may each have a workbench on one home; the catalogue is where they meet.
package final class Workbench: WorkbenchService {
    /// `$TRAINYARD_HOME`: the catalogue, `runs/`, `models/`, `cache/`.
    package let home: URL
    package let store: CatalogStore
    let manager: RunManager
    let machine: MachineResources

    /// Opens or makes a home, and marks as aborted what died with its process.
    package convenience init(home: URL) throws(WorkbenchError) {
        try self.init(home: home, executor: LocalTrainer(), machine: MachineResources())
    }

    init(home: URL, executor: any RunExecutor, machine: MachineResources) throws(WorkbenchError) {
        self.home = home.standardizedFileURL
        self.machine = machine
        do {
            for folder in ["runs", "models", "cache"] {
                try FileManager.default.createDirectory(
                    at: home.appendingPathComponent(folder), withIntermediateDirectories: true)
            }
        } catch {
            throw WorkbenchError(
                .failed, "The folder \(home.path) cannot be made (\(error.localizedDescription)); set TRAINYARD_HOME to one that can.")
        }
        do {
            store = try CatalogStore(directory: home)
            try store.markDeadRuns(at: Date().timeIntervalSince1970)
        } catch { throw WorkbenchError(error) }
        manager = RunManager(store: store, home: self.home, executor: executor, machine: machine)
    }

    /// `$TRAINYARD_HOME`, or `trainyard` in the user's data folder.
    package static func defaultHome(environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        if let path = environment["TRAINYARD_HOME"], !path.isEmpty { return URL(fileURLWithPath: path) }
        let data: URL =
            if let path = environment["XDG_DATA_HOME"], path.hasPrefix("/") { URL(fileURLWithPath: path) }
            else { URL(fileURLWithPath: NSHomeDirectory()).appendingPathComponent(".local/share") }
        return data.appendingPathComponent("trainyard")
    }

    static var now: Double { Date().timeIntervalSince1970 }

    func folder(ofRun id: String) -> URL { home.appendingPathComponent("runs").appendingPathComponent(id) }
}

extension WorkbenchError {
    init(_ error: CatalogError) {
        switch error {
        case .notFound: self.init(.notFound, error.description)
        case .conflict: self.init(.conflict, error.description)
        case .storage: self.init(.failed, error.description)
        }
    }
}

/// Runs catalogue calls and turns their errors into the workbench's.
func withCatalog<Value>(_ body: () throws -> Value) throws(WorkbenchError) -> Value {
    do { return try body() } catch let error as CatalogError { throw WorkbenchError(error) } catch let error as WorkbenchError {
        throw error
    } catch { throw WorkbenchError(.failed, "\(error)") }
}
