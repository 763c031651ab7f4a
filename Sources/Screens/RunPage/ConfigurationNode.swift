import Foundation

/// A JSON document as far as a screen shows it.
indirect enum ConfigurationNode: Decodable, Equatable, Sendable {
    case object([(key: String, value: ConfigurationNode)])
    case array([ConfigurationNode])
    case leaf(String)

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Key.self) {
            self = .object(try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                ($0.stringValue, try container.decode(ConfigurationNode.self, forKey: $0))
            })
            return
        }
        if var list = try? decoder.unkeyedContainer() {
            var elements: [ConfigurationNode] = []
            while !list.isAtEnd { elements.append(try list.decode(ConfigurationNode.self)) }
            self = .array(elements)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() { self = .leaf("null") }
        else if let flag = try? value.decode(Bool.self) { self = .leaf(flag ? "true" : "false") }
        else if let whole = try? value.decode(Int.self) { self = .leaf(String(whole)) }
        else if let number = try? value.decode(Double.self) { self = .leaf("\(number)") }
        else { self = .leaf(Self.quoted(try value.decode(String.self))) }
    }

    init?(json: String) {
        guard let node = try? JSONDecoder().decode(ConfigurationNode.self, from: Data(json.utf8)) else { return nil }
        self = node
    }

    static func == (left: ConfigurationNode, right: ConfigurationNode) -> Bool { left.settings.elementsEqual(right.settings, by: ==) }

    /// Every value with its place, as in `runform/model/architecture`; a list of plain values is one.
    var settings: [(path: String, value: String)] {
        var result: [(String, String)] = []
        collect("", into: &result)
        return result
    }

    private func collect(_ path: String, into result: inout [(String, String)]) {
        switch self {
        case .object(let members) where !members.isEmpty:
            for (key, value) in members { value.collect(path.isEmpty ? key : path + "/" + key, into: &result) }
        case .array(let elements) where elements.contains(where: { $0.isNested }):
            for (index, element) in elements.enumerated() { element.collect(path + "/\(index)", into: &result) }
        default: result.append((path, line))
        }
    }

    private var isNested: Bool {
        if case .leaf = self { false } else { true }
    }

    /// On one row.
    private var line: String {
        switch self {
        case .object(let members): "{" + members.map { Self.quoted($0.key) + ": " + $0.value.line }.joined(separator: ", ") + "}"
        case .array(let elements): "[" + elements.map(\.line).joined(separator: ", ") + "]"
        case .leaf(let text): text
        }
    }

    /// As JSON, indented by two; lists of plain values stay on one row.
    var rows: [String] {
        var result: [String] = []
        write(prefix: "", indent: "", suffix: "", into: &result)
        return result
    }

    private func write(prefix: String, indent: String, suffix: String, into rows: inout [String]) {
        switch self {
        case .object(let members) where !members.isEmpty:
            rows.append(indent + prefix + "{")
            for (index, member) in members.enumerated() {
                member.value.write(
                    prefix: Self.quoted(member.key) + ": ", indent: indent + "  ", suffix: index + 1 < members.count ? "," : "", into: &rows)
            }
            rows.append(indent + "}" + suffix)
        case .array(let elements) where elements.contains(where: { $0.isNested }):
            rows.append(indent + prefix + "[")
            for (index, element) in elements.enumerated() {
                element.write(prefix: "", indent: indent + "  ", suffix: index + 1 < elements.count ? "," : "", into: &rows)
            }
            rows.append(indent + "]" + suffix)
        default: rows.append(indent + prefix + line + suffix)
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}

/// A setting that two configurations give differently; nil where one does not name it.
struct ConfigurationDifference: Equatable, Sendable {
    let path: String
    let here: String?
    let there: String?

    static func between(_ here: ConfigurationNode, _ there: ConfigurationNode) -> [ConfigurationDifference] {
        let own = here.settings, other = Dictionary(there.settings.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
        let known = Set(own.map(\.path))
        let changed = own.compactMap { setting -> ConfigurationDifference? in
            other[setting.path] == setting.value ? nil : .init(path: setting.path, here: setting.value, there: other[setting.path])
        }
        let added = there.settings.filter { !known.contains($0.path) }.map { ConfigurationDifference(path: $0.path, here: nil, there: $0.value) }
        return (changed + added).sorted { $0.path < $1.path }
    }
}
