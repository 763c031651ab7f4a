import Foundation
import ModelFiles
import NeuralNetworks
import Testing

@Suite struct SafetensorsTests {
    private let state = StateDictionary(entries: [
        .init(key: "b.weight", shape: [2, 3], values: .float32([1, -2.5, 0, .infinity, Float(bitPattern: 1), 7])),
        .init(key: "a.count", shape: [], values: .int64([Int64.min])),
        .init(key: "empty", shape: [0, 4], values: .float32([])),
    ])

    private func temporaryFile() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-\(UUID().uuidString).safetensors")
    }

    @Test func roundTripKeepsOrderBitsAndMetadata() throws {
        let url = temporaryFile()
        defer { try? FileManager.default.removeItem(at: url) }
        let metadata = ["labels": "a \"quoted\"\n\\ line", "format": "pt"]
        try SafetensorsFile.write(state, metadata: metadata, to: url)
        let (read, found) = try SafetensorsFile.read(url)
        #expect(read.entries.filter { $0.values.count > 0 } == state.entries.filter { $0.values.count > 0 })
        #expect(read["empty"]?.shape == [0, 4])
        #expect(found == metadata)
    }

    /// Header texts over eight bytes of data, each unsound in one way.
    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[2]}}"#,
        "[1]", "not JSON",
    ])
    func unsoundHeaderIsRefused(header: String) throws {
        let url = temporaryFile()
        defer { try? FileManager.default.removeItem(at: url) }
        try file(header, length: UInt64(header.utf8.count)).write(to: url)
        #expect { try SafetensorsFile.read(url) } throws: { error in
            if case .damaged(let path, _)? = error as? SafetensorsError { path == url.path } else { false }
        }
    }

    @Test func wrongLengthAndTypeAreNamed() throws {
        let url = temporaryFile()
        defer { try? FileManager.default.removeItem(at: url) }
        try file("{}", length: .max).write(to: url)
        #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(url) }
        try Data([1, 2]).write(to: url)
        #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(url) }
        let tiny = #"{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}"#
        try file(tiny, length: UInt64(tiny.utf8.count)).write(to: url)
        #expect(throws: SafetensorsError.unsupportedType(path: url.path, key: "a", type: "F8_E4M3")) { try SafetensorsFile.read(url) }
    }

    private func file(_ header: String, length: UInt64) -> Data {
        var data = withUnsafeBytes(of: length.littleEndian) { Data($0) }
        data.append(contentsOf: header.utf8)
        data.append(Data(count: 8))
        return data
    }
}
