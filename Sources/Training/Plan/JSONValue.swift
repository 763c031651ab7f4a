/// A JSON document as a value, so that a validator can look at all of it before anything is decoded.
package enum JSONValue: Codable, Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The value in words for a message: `the string "Adam"`, `3`, `an object`.
    package var summary: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .array(let values): "an array of \(values.count)"
        case .object: "an object"
        }
    }

    package subscript(key: String) -> JSONValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    /// The number, whole or not; nil for anything else.
    package var numeric: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// This value with `other`'s fields laid over it; anything but two objects is replaced. Settings in `kwargs` belong to a
    /// name: under another name none of them stays.
    package func overlaid(by other: JSONValue) -> JSONValue {
        guard case .object(var base) = self, case .object(let over) = other else { return other }
        if let name = over["name"], name != base["name"] { base["kwargs"] = nil }
        return .object(base.merging(over) { $0.overlaid(by: $1) })
    }

    /// Puts a value at a path of keys, making objects on the way.
    package mutating func set(_ path: some Collection<String>, _ value: JSONValue) {
        guard let key = path.first else {
            self = value
            return
        }
        var fields: [String: JSONValue] = if case .object(let fields) = self { fields } else { [:] }
        var inner = fields[key] ?? .object([:])
        inner.set(path.dropFirst(), value)
        fields[key] = inner
        self = .object(fields)
    }

    /// Takes away what stands at a path of keys.
    package mutating func remove(_ path: some Collection<String>) {
        guard let key = path.first, case .object(var fields) = self else { return }
        if path.count == 1 { fields[key] = nil } else { fields[key]?.remove(path.dropFirst()) }
        self = .object(fields)
    }
}
