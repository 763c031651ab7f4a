import Compression
import Foundation
import NeuralNetworks

/// Writes state dictionaries as `torch.save` does: a zip archive of a pickle in protocol 2 and one file a storage.
enum TorchWriter {
    static func write(_ state: StateDictionary, to url: URL) throws {
        var pickle: [UInt8] = [0x80, 2] + global("collections", "OrderedDict") + [0x29, 0x52, 0x28]
        for (index, entry) in state.entries.enumerated() {
            let isInteger = if case .int64 = entry.values { true } else { false }
            var strides = [Int](repeating: 1, count: entry.shape.count)
            for axis in entry.shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * entry.shape[axis + 1] }
            pickle += text(entry.key) + global("torch._utils", "_rebuild_tensor_v2") + [0x28, 0x28] + text("storage")
            pickle += global("torch", isInteger ? "LongStorage" : "FloatStorage") + text("\(index)") + text("cpu")
            pickle += integer(entry.values.count) + [0x74, 0x51] + integer(0) + tuple(entry.shape) + tuple(strides)
            pickle += [0x89] + global("collections", "OrderedDict") + [0x29, 0x52, 0x74, 0x52]
        }
        pickle += [0x75, 0x2E]
        var files = [("weights/data.pkl", Data(pickle)), ("weights/byteorder", Data("little".utf8))]
        for (index, entry) in state.entries.enumerated() {
            let data = switch entry.values {
            case .float32(let values): values.withUnsafeBytes { Data($0) }
            case .int64(let values): values.withUnsafeBytes { Data($0) }
            }
            files.append(("weights/data/\(index)", data))
        }
        try archive(files).write(to: url)
    }

    // MARK: Pickle

    private static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
    private static func text(_ text: String) -> [UInt8] { [0x58] + bytes(UInt32(text.utf8.count)) + Array(text.utf8) }
    private static func integer(_ value: Int) -> [UInt8] { [0x4A] + bytes(Int32(value)) }
    private static func tuple(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(integer) + [0x74] }
    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    // MARK: Zip

    private static func archive(_ files: [(name: String, data: Data)]) -> Data {
        var archive = Data(), directory = Data()
        for (name, data) in files {
            let offset = archive.count, checksum = data.withUnsafeBytes { checksum($0) }
            // Version, flags, method, time and date; then checksum, both sizes, and the lengths of name and extra field.
            let common = bytes(UInt16(0)) + bytes(UInt16(0)) + bytes(UInt32(0)) + bytes(checksum) + bytes(UInt32(data.count)) + bytes(UInt32(data.count))
            let lengths = bytes(UInt16(name.utf8.count)) + bytes(UInt16(0))
            archive += Array("PK\u{3}\u{4}".utf8) + bytes(UInt16(20)) + common + lengths + Array(name.utf8)
            archive += data
            directory += Array("PK\u{1}\u{2}".utf8) + bytes(UInt16(20)) + bytes(UInt16(20)) + common + lengths
            directory += [UInt8](repeating: 0, count: 10) + bytes(UInt32(offset)) + Array(name.utf8)
        }
        let count = bytes(UInt16(files.count))
        let place = bytes(UInt32(directory.count)) + bytes(UInt32(archive.count))
        return archive + directory + Array("PK\u{5}\u{6}".utf8) + [0, 0, 0, 0] + count + count + place + [0, 0]
    }
}
