import Catalog
import Foundation
import Training

extension Workbench {
    package func blueprints() throws -> [BlueprintSummary] {
        var names = Set<String>()
        let newest = try withCatalog { try store.blueprints().filter { names.insert($0.name).inserted } }
        return BlueprintSummary.builtIn + newest.map(Self.summary(of:))
    }

    /// Every version of one blueprint, newest first.
    package func blueprintVersions(_ name: String) throws(WorkbenchError) -> [BlueprintSummary] {
        if let builtIn = BlueprintSummary.builtIn(named: name) { return [builtIn] }
        return try withCatalog {
            let wanted = try store.blueprint(name).name
            return try store.blueprints().filter { $0.name == wanted }.map(Self.summary(of:))
        }
    }

    /// One by name, `name@version` or id.
    package func blueprint(_ key: String) throws(WorkbenchError) -> BlueprintSummary {
        if let builtIn = BlueprintSummary.builtIn(named: key) { return builtIn }
        return Self.summary(of: try record(key))
    }

    /// The keys that a saved blueprint sets, as indented JSON.
    package func blueprintConfiguration(_ key: String) throws(WorkbenchError) -> String { try blueprintPart(key).text }

    func blueprintPart(_ key: String) throws(WorkbenchError) -> JSONValue {
        let record = try record(key)
        guard let part = try? JSONDecoder().decode(JSONValue.self, from: Data(record.configuration.utf8)) else {
            throw WorkbenchError(.failed, "The blueprint \"\(record.name)\" cannot be read; save it anew.")
        }
        return part
    }

    private func record(_ key: String) throws(WorkbenchError) -> BlueprintRecord {
        if let at = key.lastIndex(of: "@"), let version = Int(key[key.index(after: at)...]) {
            return try withCatalog { try store.blueprint(String(key[..<at]), version: version) }
        }
        return try withCatalog { try store.blueprint(key) }
    }

    package func saveBlueprint(_ name: String, from configuration: RunConfiguration) throws -> BlueprintSummary {
        try save(name, part: configuration.blueprintPart)
    }

    /// Saves a partial configuration as it stands; refuses keys and values that no configuration has.
    package func saveBlueprint(_ name: String, json: Data) throws(WorkbenchError) -> BlueprintSummary {
        guard let part = try? JSONDecoder().decode(JSONValue.self, from: json), case .object = part else {
            throw WorkbenchError(.invalid, "The blueprint is no JSON object; `trainyard config validate` says where it is wrong.")
        }
        let issues = PartialConfiguration.issues(of: part)
        guard issues.isEmpty else { throw WorkbenchError(.invalid, issues.map(\.description).joined(separator: "\n")) }
        return try save(name, part: part)
    }

    private func save(_ name: String, part: JSONValue) throws(WorkbenchError) -> BlueprintSummary {
        let name = try Self.checked(name)
        return try withCatalog { Self.summary(of: try store.save(blueprint: name, configuration: part.text, at: Self.now)) }
    }

    package func renameBlueprint(_ name: String, to new: String) throws {
        try Self.refuseBuiltIn(name)
        let new = try Self.checked(new)
        try withCatalog { try store.renameBlueprint(store.blueprint(name).name, to: new) }
    }

    package func removeBlueprint(_ name: String) throws {
        try Self.refuseBuiltIn(name)
        try withCatalog { try store.removeBlueprint(store.blueprint(name).name) }
    }

    private static func refuseBuiltIn(_ name: String) throws(WorkbenchError) {
        guard BlueprintSummary.builtIn(named: name) == nil else {
            throw WorkbenchError(.conflict, "\"\(name)\" comes with the program and stays; only saved blueprints can be changed.")
        }
    }

    private static func checked(_ name: String) throws(WorkbenchError) -> String {
        let name = name.trimmingCharacters(in: .whitespaces)
        guard !name.isEmpty, name.count <= 60, !name.contains("@"), !name.contains(where: \.isNewline) else {
            throw WorkbenchError(.invalid, "A blueprint's name has 1 to 60 characters and no @; choose another.")
        }
        guard BlueprintSummary.builtIn(named: name) == nil else {
            throw WorkbenchError(.conflict, "\"\(name)\" is the name of a blueprint that comes with the program; choose another.")
        }
        return name
    }

    private static func summary(of record: BlueprintRecord) -> BlueprintSummary {
        let part = (try? JSONDecoder().decode(JSONValue.self, from: Data(record.configuration.utf8))) ?? .object([:])
        var task: TaskKind?, architecture = ""
        if case .string(let name)? = part["runform"]?["task_type"] { task = TaskKind(rawValue: name) }
        if case .string(let name)? = part["runform"]?["model"]?["architecture"] { architecture = name + ", " }
        let count = ConfigurationDifference.between(.object([:]), part).count
        return BlueprintSummary(
            id: record.id, name: record.name, title: record.name, version: "\(record.version)",
            note: "\(architecture)sets \(count) \(count == 1 ? "value" : "values")", isBuiltIn: false, createdAt: record.createdAt, task: task)
    }
}

extension Workbench {
    /// What a blueprint keeps of a configuration, as JSON.
    package func blueprintPart(of configuration: RunConfiguration) -> String { configuration.blueprintPart.text }

    /// A blueprint on a dataset with a part of a configuration on top. Without a dataset the part names the data.
    package func configuration(blueprint: String, dataset: String?, part json: Data?) throws -> RunConfiguration {
        var part: JSONValue?
        if let json {
            guard let read = try? JSONDecoder().decode(JSONValue.self, from: json) else {
                throw WorkbenchError(.invalid, "The configuration is not valid JSON; `trainyard config validate` says where.")
            }
            part = read
        }
        var named = dataset
        if named == nil {
            guard case .array(let datasets)? = part?["runform"]?["train_data"]?["datasets"], case .string(let id)? = datasets.first?["id"] else {
                throw WorkbenchError(.invalid, "A blueprint names no data: give --dataset NAME, or /runform/train_data/datasets in the file.")
            }
            named = id
        }
        var begun = try configuration(blueprint: blueprint, dataset: named)
        if let part { begun.lay(part) }
        return begun
    }
}
