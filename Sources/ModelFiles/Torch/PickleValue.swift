/// The functions and types that a pickle may name; nothing else exists for it.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case size
    case rebuildTensor
    case rebuildParameter
    case storage(TensorElement)

    /// Nil for every global that is not on the list.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch", "Size"): self = .size
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", "FloatStorage"): self = .storage(.float32)
        case ("torch", "DoubleStorage"): self = .storage(.float64)
        case ("torch", "HalfStorage"): self = .storage(.float16)
        case ("torch", "BFloat16Storage"): self = .storage(.bfloat16)
        case ("torch", "LongStorage"): self = .storage(.int64)
        case ("torch", "IntStorage"): self = .storage(.int32)
        case ("torch", "ShortStorage"): self = .storage(.int16)
        case ("torch", "CharStorage"): self = .storage(.int8)
        case ("torch", "ByteStorage"): self = .storage(.uint8)
        case ("torch", "BoolStorage"): self = .storage(.bool)
        default: return nil
        }
    }
}

/// A value that a pickle made. What has parts is an index into `PickleObjects`, so values are small, may refer to each
/// other in circles, and are freed without recursion however deeply they nest.
enum PickleValue: Equatable {
    case none
    case bool(Bool)
    case integer(Int64)
    /// Beyond 64 bits; the little-endian bytes stand in the file at this range.
    case wideInteger(Range<Int>)
    case float(Double)
    /// Bytes are passed over: no state dictionary has any.
    case bytes
    case global(PickleGlobal)
    case string(Int), list(Int), tuple(Int), dictionary(Int), storage(Int), tensor(Int)
}

/// A storage as a pickle describes it: `elementCount` elements in the file's data of this key, from `offset` on.
struct PickledStorage: Equatable {
    let element: TensorElement
    let key: String
    let offset: Int
    let elementCount: Int
}

/// A tensor as a pickle describes it; offset and strides count elements of its storage.
struct PickledTensor: Equatable {
    let storage: PickledStorage
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// What the values of one pickle refer to.
struct PickleObjects {
    var strings: [String] = []
    var lists: [[PickleValue]] = []
    var tuples: [[PickleValue]] = []
    /// Pairs in the order of their insertion; a later pair of the same key counts.
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [PickledStorage] = []
    var tensors: [PickledTensor] = []

    func string(_ value: PickleValue) -> String? { if case .string(let index) = value { strings[index] } else { nil } }

    /// A tuple's or list's elements.
    func elements(_ value: PickleValue) -> [PickleValue]? {
        switch value {
        case .tuple(let index): tuples[index]
        case .list(let index): lists[index]
        default: nil
        }
    }
}
