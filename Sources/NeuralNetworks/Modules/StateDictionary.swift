/// A module's parameters and buffers as plain values, in torch's order, layout and names.
package struct StateDictionary: Sendable, Equatable {
    /// One tensor: its key, its shape in torch's order of dimensions and its values row by row.
    package struct Entry: Sendable, Equatable {
        package var key: String
        package var shape: [Int]
        package var values: Values

        package init(key: String, shape: [Int], values: Values) {
            self.key = key
            self.shape = shape
            self.values = values
        }
    }

    package enum Values: Sendable, Equatable {
        case float32([Float])
        case int64([Int64])

        package var count: Int {
            switch self {
            case .float32(let values): values.count
            case .int64(let values): values.count
            }
        }

        package var byteCount: Int {
            switch self {
            case .float32(let values): values.count * 4
            case .int64(let values): values.count * 8
            }
        }

        /// torch's name of the element type.
        package var typeName: String {
            switch self {
            case .float32: "float32"
            case .int64: "int64"
            }
        }
    }

    package var entries: [Entry]

    package init(entries: [Entry] = []) { self.entries = entries }

    package subscript(key: String) -> Entry? { entries.first { $0.key == key } }

    package var byteCount: Int { entries.reduce(0) { $0 + $1.values.byteCount } }
}

/// Optimiser and averaging state is saved in the form of state dictionary entries.
package typealias NamedTensor = StateDictionary.Entry
