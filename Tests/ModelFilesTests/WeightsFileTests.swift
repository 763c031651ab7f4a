import Foundation
@testable import ModelFiles
import NeuralNetworks
import Testing

/// Files that torch wrote, beside this file's folder of fixtures.
enum Fixture {
    static let all = [
        "mixed.pth", "mixed-legacy.pth", "mixed-protocol5.pth", "mixed-deflated.pth", "checkpoint.pth", "checkpoint-legacy.pth", "average.pth",
        "calls.pth", "module.pth",
    ]

    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
    }

    /// Writes bytes to a file of their own and runs `body` with it.
    static func withFile<Value>(_ data: Data, _ body: (URL) throws -> Value) throws -> Value {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        try data.write(to: url)
        return try body(url)
    }
}

@Suite struct WeightsFileTests {
    private struct Expected: Decodable {
        let shape: [Int]
        let values: [Number]

        /// A number, or the name of one that JSON lacks.
        enum Number: Decodable {
            case number(Double), name(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) { self = .number(number) } else {
                    self = .name(try container.decode(String.self))
                }
            }

            var value: Double {
                switch self {
                case .number(let number): number
                case .name(let name): name == "inf" ? .infinity : -.infinity
                }
            }
        }
    }

    private func expected(_ name: String) throws -> [String: Expected] {
        let data = try Data(contentsOf: Fixture.url("expected.json"))
        return try #require(try JSONDecoder().decode([String: [String: Expected]].self, from: data)[name])
    }

    /// Each file, what it must hold, its format, and a part of each note.
    @Test(arguments: [
        ("mixed.pth", "mixed", WeightsFile.Format.torch, []), ("mixed-legacy.pth", "mixed", .torchLegacy, []),
        ("mixed-protocol5.pth", "mixed", .torch, []), ("mixed-deflated.pth", "mixed", .torch, []),
        ("checkpoint.pth", "checkpoint", .torch, ["took \"model\"", "\"module.\""]),
        ("checkpoint-legacy.pth", "checkpoint", .torchLegacy, ["took \"model\"", "\"module.\""]),
        ("average.pth", "average", .torch, ["took \"model_ema\"", "\"module.\""]),
    ])
    func filesOfTorchHoldWhatTheyShould(name: String, content: String, format: WeightsFile.Format, notes: [String]) throws {
        let file = try WeightsFile(contentsOf: Fixture.url(name))
        #expect(file.format == format)
        #expect(file.notes.count == notes.count)
        for (note, part) in zip(file.notes, notes) { #expect(note.contains(part), "\(note)") }
        let expected = try expected(content)
        #expect(Set(file.tensors.map(\.key)) == Set(expected.keys))
        for tensor in file.tensors {
            let wanted = try #require(expected[tensor.key])
            #expect(tensor.shape == wanted.shape, "\(tensor.key)")
            let numbers = wanted.values.map(\.value)
            switch tensor.values() {
            case .float32(let values): #expect(tensor.element.isFloat && values == numbers.map(Float.init), "\(tensor.key)")
            case .int64(let values): #expect(!tensor.element.isFloat && values == numbers.map { Int64($0) }, "\(tensor.key)")
            }
        }
    }

    @Test func halfPrecisionWidensExactly() {
        for bits in UInt16.min...UInt16.max {
            let exponent = Int(bits >> 10) & 0x1F, fraction = Double(bits & 0x3FF) / 1024
            let magnitude = switch exponent {
            case 0: fraction * 0x1p-14
            case 31: fraction == 0 ? Double.infinity : Double.nan
            default: (1 + fraction) * pow(2, Double(exponent - 15))
            }
            let wanted = Float(bits >> 15 == 0 ? magnitude : -magnitude), found = TensorBytes.widened(bits)
            #expect(found == wanted && found.sign == wanted.sign || found.isNaN && wanted.isNaN, "\(bits)")
        }
    }

    // MARK: Refusals

    private func refusal(_ data: Data) throws -> WeightsFileError? {
        try Fixture.withFile(data) { url in
            do { _ = try WeightsFile(contentsOf: url) } catch let error as WeightsFileError { return error }
            return nil
        }
    }

    @Test(arguments: [("calls.pth", "posix.system"), ("module.pth", "torch.nn.modules.container.Sequential")])
    func whatCouldRunCodeIsNamed(name: String, global: String) throws {
        let url = try Fixture.url(name)
        #expect { try WeightsFile(contentsOf: url) } throws: { error in
            guard case .torch(.couldRunCode(url.path, let what))? = error as? WeightsFileError else { return false }
            return what.contains(global) && "\(error)".contains("state_dict")
        }
    }

    @Test func otherFilesAreNamed() throws {
        #expect(try { if case .unknownFormat(_, false)? = try refusal(Data("hello, weights".utf8)) { true } else { false } }())
        var tar = Data(count: 512)
        tar.replaceSubrange(257..<262, with: "ustar".utf8)
        #expect(try { if case .unknownFormat(_, true)? = try refusal(tar) { true } else { false } }())
        #expect(try refusal(Data()) != nil)
        #expect(throws: WeightsFileError.self) { try WeightsFile(contentsOf: URL(fileURLWithPath: "/nowhere/weights.pth")) }
    }

    @Test func aFileCutShortOrChangedIsDamaged() throws {
        let whole = try Data(contentsOf: Fixture.url("mixed.pth"))
        for count in stride(from: 4, to: whole.count, by: 97) { #expect(try refusal(whole.prefix(count)) != nil) }
        let legacy = try Data(contentsOf: Fixture.url("mixed-legacy.pth"))
        for count in stride(from: 15, to: legacy.count, by: 97) { #expect(try refusal(legacy.prefix(count)) != nil) }
        // One bit of a stored tensor: the checksum tells.
        let archive = try ZipArchive(whole)
        let entry = try #require(archive.entries.first { $0.name.hasSuffix("/data/0") })
        var changed = whole
        changed[entry.range.lowerBound] ^= 1
        #expect(try #require(try refusal(changed)).description.contains("checksum"))
    }

    @Test func wordsBeforeAndWithinKeysAreRecognised() {
        for (old, new) in [
            ("features.denseblock1.denselayer1.norm.1.weight", "features.denseblock1.denselayer1.norm1.weight"),
            ("features.denseblock4.denselayer16.conv.2.weight", "features.denseblock4.denselayer16.conv2.weight"),
            ("features.denseblock1.denselayer1.norm1.weight", "features.denseblock1.denselayer1.norm1.weight"),
            ("features.transition1.norm.weight", "features.transition1.norm.weight"),
            ("encoder.layers.encoder_layer_0.mlp.linear_1.bias", "encoder.layers.encoder_layer_0.mlp.0.bias"),
            ("encoder.layers.encoder_layer_0.mlp.linear_2.weight", "encoder.layers.encoder_layer_0.mlp.3.weight"),
            ("encoder.ln.weight", "encoder.ln.weight"), ("fc.weight", "fc.weight"), ("..", ".."),
        ] { #expect(WeightsFile.currentKey(for: old) == new) }
    }

    @Test func safetensorsOfEveryPrecisionAreRead() throws {
        let header = #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[1,2],"data_offsets":[4,8]}}"#
        var data = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
        data += [0x80, 0x3F, 0x00, 0xC0, 0x00, 0x3C, 0x00, 0xC0]
        try Fixture.withFile(data) { url in
            let file = try WeightsFile(contentsOf: url)
            #expect(file.format == .safetensors && file.tensors.map(\.key) == ["a", "b"])
            #expect(file.tensors.map { $0.values() } == [.float32([1, -2]), .float32([1, -2])])
        }
    }
}
