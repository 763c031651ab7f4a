import Foundation
import NeuralNetworks

/// Why a safetensors file cannot be used.
package enum SafetensorsError: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case damaged(path: String, reason: String)
    case unsupportedType(path: String, key: String, type: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "The file \(path) cannot be read: \(reason); check the path and its permissions."
        case .unwritable(let path, let reason): "The file \(path) cannot be written: \(reason); check the folder and free space."
        case .damaged(let path, let reason): "The file \(path) is not a sound safetensors file: \(reason); copy or export it again."
        case .unsupportedType(let path, let key, let type):
            "The file \(path) holds \(key) as \(type); save it in a plain type such as F32."
        }
    }
}

/// State dictionaries in the safetensors format: eight bytes of header length, a JSON header, the tensors' bytes.
package enum SafetensorsFile {
    /// The largest header that readers accept.
    static let maximumHeaderBytes = 100_000_000

    /// Writes float32 tensors as F32 and int64 tensors as I64, little-endian, in the dictionary's order. The file
    /// appears complete or not at all.
    package static func write(
        _ state: StateDictionary, metadata: [String: String] = [:], to url: URL
    ) throws(SafetensorsError) {
        let slots = state.entries.map { entry in
            let isInteger = if case .int64 = entry.values { true } else { false }
            return StateSlot(key: entry.key, shape: entry.shape, isInteger: isInteger)
        }
        try write(slots, metadata: metadata, to: url) { state.entries[$0].values }
    }

    /// The same with each tensor's values asked for when their turn comes, so that no two need be in memory at once.
    package static func write(
        _ slots: [StateSlot], metadata: [String: String], to url: URL, values: (_ index: Int) -> StateDictionary.Values
    ) throws(SafetensorsError) {
        let fresh = url.appendingPathExtension("part-\(UUID().uuidString)")
        do {
            try header(slots, metadata).write(to: fresh)
            let file = try FileHandle(forWritingTo: fresh)
            defer { try? file.close() }
            try file.seekToEnd()
            for (index, slot) in slots.enumerated() {
                let values = values(index)
                precondition(values.byteCount == slot.byteCount, "\(slot.key) has \(values.byteCount) bytes, announced were \(slot.byteCount)")
                switch values {
                case .float32(let values): try append(values, to: file)
                case .int64(let values): try append(values, to: file)
                }
            }
            try file.synchronize()
            guard rename(fresh.path, url.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            try? FileManager.default.removeItem(at: fresh)
            throw .unwritable(path: url.path, reason: error.localizedDescription)
        }
    }

    private static func header(_ slots: [StateSlot], _ metadata: [String: String]) -> Data {
        var header = "{"
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            header += "\"__metadata__\":{\(pairs.joined(separator: ","))},"
        }
        var offset = 0
        header += slots.map { slot in
            let start = offset
            offset += slot.byteCount
            let shape = slot.shape.map(String.init).joined(separator: ",")
            return "\(quoted(slot.key)):{\"dtype\":\"\(slot.isInteger ? "I64" : "F32")\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(offset)]}"
        }.joined(separator: ",")
        if header.hasSuffix(",") { header.removeLast() }
        header += "}"
        // Tensors start at a multiple of eight, as the format's own writer aligns them.
        while header.utf8.count % 8 != 0 { header += " " }
        return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
    }

    private static func append<Value: BitwiseCopyable>(_ values: [Value], to file: FileHandle) throws {
        try values.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else { return }
            let view = Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)
            try file.write(contentsOf: view)
        }
    }

    /// Reads all of a file's tensors, or some, in the order of their bytes. Every byte must belong to exactly one tensor. What is not
    /// wanted takes no memory.
    package static func read(
        _ url: URL, where isWanted: (_ key: String) -> Bool = { _ in true }
    ) throws(SafetensorsError) -> (state: StateDictionary, metadata: [String: String]) {
        let data: Data
        do {
            data = try Data(contentsOf: url, options: .mappedIfSafe)
        } catch {
            throw .unreadable(path: url.path, reason: error.localizedDescription)
        }
        let contents = try contents(of: data, path: url.path)
        let entries = contents.tensors.filter { isWanted($0.key) }.map { StateDictionary.Entry(key: $0.key, shape: $0.bytes.shape, values: $0.bytes.values()) }
        return (StateDictionary(entries: entries), contents.metadata)
    }

    /// A file's tensors, still in its bytes.
    struct Contents {
        var tensors: [(key: String, bytes: TensorBytes)] = []
        var metadata: [String: String]
    }

    /// The format's names of the element types that are read.
    private static let elements: [String: TensorElement] = [
        "F32": .float32, "F64": .float64, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32, "I16": .int16, "I8": .int8,
        "U8": .uint8, "BOOL": .bool,
    ]

    static func contents(of data: Data, path: String) throws(SafetensorsError) -> Contents {
        guard data.count >= 8 else { throw .damaged(path: path, reason: "it ends before the header's length") }
        let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= UInt64(min(maximumHeaderBytes, data.count - 8)) else {
            throw .damaged(path: path, reason: "its header claims \(length) bytes of \(data.count - 8)")
        }
        let body = 8 + Int(length)
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: data.subdata(in: 8..<body))
        } catch {
            throw .damaged(path: path, reason: "its header is not the JSON that the format asks for")
        }
        var contents = Contents(metadata: header.metadata)
        var position = 0
        let byteCount = data.count - body
        // A tensor of no elements shares its offset with its successor, so the end decides the order too.
        for (key, tensor) in header.tensors.sorted(by: { ($0.value.start, $0.value.end, $0.key) < ($1.value.start, $1.value.end, $1.key) }) {
            guard tensor.start == position, tensor.end >= tensor.start, tensor.end <= byteCount else {
                throw .damaged(path: path, reason: "the bytes of \(key) overlap others, leave a gap or lie beyond the end")
            }
            guard let element = elements[tensor.dtype] else {
                throw .unsupportedType(path: path, key: key, type: tensor.dtype)
            }
            guard let expected = byteCountOfShape(tensor.shape, width: element.byteCount), expected == tensor.end - tensor.start,
                let bytes = TensorBytes(data: data[body + tensor.start..<body + tensor.end], element: element, shape: tensor.shape)
            else { throw .damaged(path: path, reason: "\(key) of shape \(tensor.shape) has \(tensor.end - tensor.start) bytes") }
            contents.tensors.append((key, bytes))
            position = tensor.end
        }
        guard position == byteCount else {
            throw .damaged(path: path, reason: "\(byteCount - position) bytes at its end belong to no tensor")
        }
        return contents
    }

    /// Nil for a negative extent or a product beyond the range of integers.
    private static func byteCountOfShape(_ shape: [Int], width: Int) -> Int? {
        var product = width
        for extent in shape {
            let (result, hasOverflow) = product.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !hasOverflow else { return nil }
            product = result
        }
        return product
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// The JSON header: one object a tensor, and optional metadata of strings.
private struct Header: Decodable {
    struct Tensor: Decodable {
        let dtype: String
        let shape: [Int]
        let start, end: Int

        private enum CodingKeys: String, CodingKey { case dtype, shape, offsets = "data_offsets" }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            dtype = try container.decode(String.self, forKey: .dtype)
            shape = try container.decode([Int].self, forKey: .shape)
            let offsets = try container.decode([Int].self, forKey: .offsets)
            guard offsets.count == 2, offsets[0] >= 0 else {
                throw DecodingError.dataCorruptedError(forKey: .offsets, in: container, debugDescription: "two offsets expected")
            }
            start = offsets[0]
            end = offsets[1]
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var tensors: [String: Tensor] = [:]
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys {
            if key.stringValue == "__metadata__" {
                metadata = try container.decode([String: String].self, forKey: key)
            } else {
                tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
            }
        }
    }
}
