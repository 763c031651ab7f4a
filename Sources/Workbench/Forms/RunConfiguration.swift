import Foundation
import Training

/// What a run is to be: its name, its version and the whole of its configuration. Forms, JSON and commands edit this one value.
package struct RunConfiguration: Sendable, Equatable {
    package var name: String
    package var version: String
    /// The configuration's JSON.
    var document: JSONValue

    init(name: String, version: String, document: JSONValue) {
        self.name = name
        self.version = version
        self.document = document
    }

    init(name: String, version: String, plan: RunPlan) throws {
        self.init(name: name, version: version, document: try JSONDecoder().decode(JSONValue.self, from: RunPlan.encode(plan)))
    }

    /// The configuration that a JSON text holds; nil when the text is no JSON.
    package init?(name: String, version: String, json: String) {
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)) else { return nil }
        self.init(name: name, version: version, document: document)
    }

    /// The configuration as indented JSON with sorted keys.
    package var json: String { document.text }

    var data: Data { Data(json.utf8) }

    // MARK: What screens show of it

    package var task: TaskKind { string("/runform/task_type").flatMap(TaskKind.init) ?? .objectDetection }
    package var architecture: String { string("/runform/model/architecture") ?? "" }
    /// The id of the model that the run starts from; nil starts from random weights.
    package var startModel: String? { string("/runform/model/weights") }
    package var labels: [String] {
        guard case .array(let labels)? = value("/runform/labels") else { return [] }
        return labels.compactMap { if case .string(let label) = $0 { label } else { nil } }
    }
    package var epochs: Int? { integer("/train_kwargs/n_epochs") }
    package var steps: Int? { integer("/train_kwargs/n_global_steps") }
    package var batchSize: Int { integer("/runform/train_data/batch_size") ?? 16 }
    package var imageSize: Int { integer("/runform/model/input_size/height") ?? 0 }
    /// The cores asked for, whole ones; nil takes what is free.
    package var cores: Int? { quantity("/resources/cpu").map { max(1, Int($0.rounded(.up))) } }
    package var memoryBytes: Int? { quantity("/resources/memory").map { Int($0) } }

    package subscript(side: DataSide) -> DataChoice {
        get {
            guard case .array(let datasets)? = value(side.pointer), let first = datasets.first else { return DataChoice() }
            func text(_ key: String) -> String { if case .string(let text)? = first[key] { text } else { "" } }
            return DataChoice(datasetID: text("id"), snapshotID: text("version_id"), furtherCount: datasets.count - 1)
        }
        set {
            let dataset = JSONValue.object([
                "id": .string(newValue.datasetID), "version_id": .string(newValue.snapshotID), "project_id": .string("default"),
            ])
            var all: [JSONValue] = if case .array(let datasets)? = value(side.pointer) { datasets } else { [] }
            if all.isEmpty { all = [dataset] } else { all[0] = dataset }
            set(side.pointer, .array(all))
        }
    }

    // MARK: Places

    /// The names along a JSON pointer. Forms ask for hundreds of values with each key, and hardly a name needs its signs restored.
    static func keys(_ pointer: String) -> [String] {
        let names = pointer.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        guard pointer.utf8.contains(UInt8(ascii: "~")) else { return names }
        return names.map { $0.replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    func value(_ pointer: String) -> JSONValue? { Self.keys(pointer).reduce(document as JSONValue?) { $0?[$1] } }

    mutating func set(_ pointer: String, _ value: JSONValue?) {
        if let value { document.set(Self.keys(pointer), value) } else { document.remove(Self.keys(pointer)) }
    }

    private func string(_ pointer: String) -> String? { if case .string(let text)? = value(pointer) { text } else { nil } }

    private func integer(_ pointer: String) -> Int? { if case .integer(let number)? = value(pointer) { number } else { nil } }

    private func quantity(_ pointer: String) -> Double? {
        switch value(pointer) {
        case .string(let text)?: ResourceQuantity.parse(text)
        case .integer(let number)?: Double(number)
        case .number(let number)?: number
        default: nil
        }
    }
}

/// The two sides of a run's data.
package enum DataSide: String, Sendable, Equatable, CaseIterable {
    case train, validation

    var pointer: String {
        switch self {
        case .train: "/runform/train_data/datasets"
        case .validation: "/runform/val_data/datasets"
        }
    }
}

/// The dataset and the snapshot that one side reads.
package struct DataChoice: Sendable, Equatable {
    package var datasetID: String
    package var snapshotID: String
    /// Datasets that the JSON names beyond this one.
    package var furtherCount: Int

    package init(datasetID: String = "", snapshotID: String = "", furtherCount: Int = 0) {
        self.datasetID = datasetID
        self.snapshotID = snapshotID
        self.furtherCount = furtherCount
    }
}

extension JSONValue {
    /// On one line, as a command's argument.
    var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

extension JSONValue {
    /// Indented by two spaces, with sorted keys; arrays of plain values stand on one line.
    var text: String { text(margin: "") }

    private func text(margin: String) -> String {
        let inner = margin + "  "
        switch self {
        case .object(let fields) where !fields.isEmpty:
            let lines = fields.sorted { $0.key < $1.key }.map { "\(inner)\(JSONValue.string($0.key).line): \($0.value.text(margin: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(margin)}"
        case .array(let values) where values.contains(where: \.isNested):
            return "[\n" + values.map { inner + $0.text(margin: inner) }.joined(separator: ",\n") + "\n\(margin)]"
        case .array(let values): return "[" + values.map(\.line).joined(separator: ", ") + "]"
        default: return line
        }
    }

    private var isNested: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }
}
