import Compression
import Foundation
import NeuralNetworks

/// Writes state dictionaries as `torch.save` does: a zip archive of a pickle in protocol 2 and one file a storage.
enum TorchWriter {
    static func write(_ state: StateDictionary, to url: URL) throws {
        var pickle: [UInt8] = [0x80, 2]
        pickle += emptyOrderedDictionary
        pickle.append(0x28)
        for (index, entry) in state.entries.enumerated() {
            let isInteger = if case .int64 = entry.values { true } else { false }
            var strides = [Int](repeating: 1, count: entry.shape.count)
            for axis in entry.shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * entry.shape[axis + 1] }
            let parts: [[UInt8]] = [
                text(entry.key), global("torch._utils", "_rebuild_tensor_v2"), [0x28, 0x28], text("storage"),
                global("torch", isInteger ? "LongStorage" : "FloatStorage"), text("\(index)"), text("cpu"), integer(entry.values.count),
                [0x74, 0x51], integer(0), tuple(entry.shape), tuple(strides), [0x89], emptyOrderedDictionary, [0x74, 0x52],
            ]
            pickle += parts.joined()
        }
        pickle += [0x75, 0x2E]
        var files = [(name: "weights/data.pkl", data: Data(pickle)), (name: "weights/byteorder", data: Data("little".utf8))]
        for (index, entry) in state.entries.enumerated() {
            let data = switch entry.values {
            case .float32(let values): values.withUnsafeBytes { Data($0) }
            case .int64(let values): values.withUnsafeBytes { Data($0) }
            }
            files.append((name: "weights/data/\(index)", data: data))
        }
        try archive(files).write(to: url)
    }

    // MARK: Pickle

    private static let emptyOrderedDictionary = global("collections", "OrderedDict") + [0x29, 0x52]
    private static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
    private static func text(_ text: String) -> [UInt8] { [0x58] + bytes(UInt32(text.utf8.count)) + Array(text.utf8) }
    private static func integer(_ value: Int) -> [UInt8] { [0x4A] + bytes(Int32(value)) }
    private static func tuple(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(integer) + [0x74] }
    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    // MARK: Zip

    private static func archive(_ files: [(name: String, data: Data)]) -> Data {
        var archive = Data(), directory = Data()
        for (name, data) in files {
            let sum: UInt32 = data.withUnsafeBytes { checksum($0) }
            let size = UInt32(data.count), offset = UInt32(archive.count), nameLength = UInt16(name.utf8.count)
            // Flags and method, time and date, checksum, both sizes, the lengths of name and extra field.
            let words: [UInt32] = [0, 0, sum, size, size]
            var common: [UInt8] = words.flatMap { bytes($0) }
            common += bytes(nameLength)
            common += bytes(UInt16(0))
            archive.append(contentsOf: [0x50, 0x4B, 3, 4, 20, 0])
            archive.append(contentsOf: common)
            archive.append(contentsOf: name.utf8)
            archive.append(data)
            directory.append(contentsOf: [0x50, 0x4B, 1, 2, 20, 0, 20, 0])
            directory.append(contentsOf: common)
            directory.append(contentsOf: [UInt8](repeating: 0, count: 10))
            directory.append(contentsOf: bytes(offset))
            directory.append(contentsOf: name.utf8)
        }
        var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
        end += bytes(UInt16(files.count))
        end += bytes(UInt16(files.count))
        end += bytes(UInt32(directory.count))
        end += bytes(UInt32(archive.count))
        end += [0, 0]
        return archive + directory + Data(end)
    }
}
