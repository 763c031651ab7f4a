import Foundation
@testable import ModelFiles
import NeuralNetworks
import TensorEngine
import Testing

/// What no torch would write: every file ends in an error or a value, never in a trap.
@Suite struct HostileFileTests {
    private func run(_ bytes: [UInt8]) throws -> PickleValue {
        let data = Data(bytes)
        var machine = PickleMachine(try ByteCursor(data, 0..<data.count))
        return try machine.run()
    }

    /// The fault of a pickle that must have one.
    private func fault(_ bytes: [UInt8], line: SourceLocation = #_sourceLocation) -> TorchFileFault? {
        do {
            let value = try run(bytes)
            Issue.record("the pickle made \(value)", sourceLocation: line)
        } catch let fault as TorchFileFault { return fault } catch {
            Issue.record("not a fault of the file: \(error)", sourceLocation: line)
        }
        return nil
    }

    private func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
    private func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    @Test func stackAndMemoAreGuarded() {
        for bytes: [UInt8] in [
            [], [0x2E], [0x61], [0x74], [0x75], [0x65], [0x30], [0x31], [0x32], [0x52], [0x51], [0x62], [0x73], [0x85], [0x86], [0x87], [0x93],
            [0x71, 0], [0x94], [0x68, 9], [0x6A, 1, 2, 3, 4], [0x72, 255, 255, 255, 255],
            // A mark keeps what is below it: popping through it, or appending to what lies below.
            [0x5D, 0x28, 0x30], [0x5D, 0x28, 0x4E, 0x61], [0x4E, 0x28, 0x85], [0x4E, 0x28, 0x2E],
            // A key without a value, items of a number, an append to a tuple.
            [0x7D, 0x28, 0x4E, 0x75], [0x4B, 1, 0x4E, 0x4E, 0x73], [0x29, 0x4E, 0x61],
            // Lengths beyond the end and beyond the range of integers.
            [0x58, 255, 255, 255, 255], [0x8D, 255, 255, 255, 255, 255, 255, 255, 255], [0x8E, 0, 0, 0, 0, 0, 0, 0, 0x7F], [0x8A, 255, 1],
            [0x8C, 2, 0xC3, 0x28], [0x95, 1], [0x63, 0x61], [0x4A, 1, 2], [0x47, 1],
        ] {
            if case .damaged? = fault(bytes) {} else { Issue.record("\(bytes)") }
        }
        if case .unsupported? = fault([0x80, 6]) {} else { Issue.record("a later protocol") }
    }

    @Test func everyOtherOpcodeAndGlobalIsNamed() {
        for (opcode, name) in [
            (0x69, "INST"), (0x6F, "OBJ"), (0x81, "NEWOBJ"), (0x82, "EXT1"), (0x92, "NEWOBJ_EX"), (0x50, "PERSID"), (0x97, "NEXT_BUFFER"), (0xFF, "0xFF"),
        ] {
            guard case .couldRunCode(let what)? = fault([0x28, UInt8(opcode), 0x2E]) else { continue }
            #expect(what.contains(name) && what.contains("byte 1"))
        }
        for (module, name) in [
            ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("torch.serialization", "load"),
            ("torch", "load"), ("torch", "ComplexFloatStorage"), ("collections", "OrderedDict.fromkeys"), ("argparse", "Namespace"),
        ] {
            #expect(fault(global(module, name)) == .couldRunCode("the Python object \(module).\(name)"))
            #expect(fault(text(module) + text(name) + [0x93]) == .couldRunCode("the Python object \(module).\(name)"))
        }
        // What is on the list cannot be called in other ways either.
        #expect(fault(global("torch", "FloatStorage") + [0x29, 0x52]) == .couldRunCode("a call of a storage's type"))
        if case .couldRunCode? = fault(text("eval") + text("1") + [0x85, 0x52]) {} else { Issue.record("a call of a text") }
        if case .couldRunCode? = fault([0x5D, 0x7D, 0x62]) {} else { Issue.record("the state of a list") }
        if case .damaged? = fault(Array(repeating: 0x61, count: 400).withPrefix(0x63)) {} else { Issue.record("a global without an end") }
    }

    /// `depth` lists, each within the one before: built and freed without recursion.
    @Test func deepNestingAndCirclesAreHarmless() throws {
        let depth = 300_000
        let value = try run(Array(repeating: 0x5D, count: depth) + Array(repeating: 0x61, count: depth - 1) + [0x2E])
        #expect(value == .list(0))
        #expect(try run([0x5D, 0x94, 0x68, 0, 0x61, 0x2E]) == .list(0))
        // A dictionary that is its own "model".
        let circle = Array([[0x7D, 0x94], text("model"), [0x68, 0, 0x73, 0x2E]].joined())
        var machine = PickleMachine(try ByteCursor(Data(circle), 0..<circle.count))
        let root = try machine.run()
        let contents = TorchFile.Contents(form: .zip, root: root, objects: machine.objects, storages: [:])
        #expect(throws: TorchFileFault.self) { try TorchStateDictionary(contents) }
    }

    @Test func bombsRunOut() {
        // More opcodes than any checkpoint has.
        if case .damaged? = fault(Array(repeating: 0x29, count: 1_000_001)) {} else { Issue.record("opcodes") }
        // One list of pairs, made a dictionary over and over.
        let pair: [UInt8] = [0x4E, 0x4E, 0x86]
        var bytes: [UInt8] = [0x5D, 0x28] + Array(repeating: pair, count: 50_000).joined() + [0x65, 0x85, 0x94]
        bytes += global("collections", "OrderedDict") + [0x94]
        for _ in 0..<100_000 { bytes += [0x68, 1, 0x68, 0, 0x52, 0x30] }
        #expect(fault(bytes) == .damaged("its pickle repeats a dictionary too often"))
    }

    @Test func tensorsStayWithinTheirStorage() {
        let data = Data(count: 40)
        func bytes(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> TensorBytes? {
            TensorBytes(data: data, element: .float32, offset: offset, shape: shape, strides: strides)
        }
        #expect(bytes(0, [10], [1]) != nil && bytes(9, [], []) != nil && bytes(1, [3, 3], [3, 1]) != nil && bytes(99, [0], [1]) != nil)
        #expect(bytes(0, [1 << 20], [0])?.values().count == 1 << 20)
        for (offset, shape, strides) in [
            (10, [], []), (0, [11], [1]), (1, [10], [1]), (0, [2], [10]), (-1, [2], [1]), (0, [2], [-1]), (0, [-1], [1]), (0, [2], []),
            (0, [1 << 40], [0]), (0, [1 << 40, 1 << 40], [0, 0]), (0, [Int.max, Int.max], [1, 1]), (Int.max, [2], [1]), (0, [2], [Int.max]),
        ] as [(Int, [Int], [Int])] { #expect(bytes(offset, shape, strides) == nil, "\(offset) \(shape) \(strides)") }
    }

    // MARK: Mutations

    /// Changes a few places: single bits, whole bytes, numbers of four bytes, cuts, repeats and holes.
    private func mutate(_ original: Data, _ random: inout RandomSource) -> Data {
        var data = original
        for _ in 0...Int(random.next() % 3) {
            guard data.count > 8 else { break }
            let place = Int(random.next() % UInt64(data.count))
            switch random.next() % 7 {
            case 0: data[place] ^= 1 << UInt8(random.next() % 8)
            case 1: data[place] = UInt8(truncatingIfNeeded: random.next())
            case 2: for index in place..<min(place + 4, data.count) { data[index] = random.next() % 2 == 0 ? 0xFF : UInt8(truncatingIfNeeded: random.next()) }
            case 3: data = Data(data.prefix(place))
            case 4: data.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 5: data.remove(at: place)
            default:
                let part = Data(data[place..<min(place + 40, data.count)])
                data.insert(contentsOf: part, at: Int(random.next() % UInt64(data.count)))
            }
        }
        return data
    }

    /// Reads as far as it goes; whatever happens must be a value or a typed fault.
    private func read(_ data: Data, form: TorchFile.Form) -> Bool {
        do throws(TorchFileFault) {
            let dictionary = try TorchStateDictionary(TorchFile.read(data, form: form))
            return dictionary.tensors.allSatisfy { $0.bytes.values().count == $0.bytes.shape.reduce(1, *) }
        } catch { return false }
    }

    @Test(arguments: Fixture.all) func mutatedFilesNeverTrap(name: String) throws {
        let original = try Data(contentsOf: Fixture.url(name))
        let form = try #require(TorchFile.form(of: original))
        var random = RandomSource(seed: UInt64(original.count))
        var survivors = 0
        for _ in 0..<600 where read(mutate(original, &random), form: form) { survivors += 1 }
        #expect(survivors < 600)
    }

    /// The checksums of zip archives shield their pickles; here they are attacked alone.
    @Test(arguments: ["mixed.pth", "mixed-protocol5.pth", "checkpoint.pth"]) func mutatedPicklesNeverTrap(name: String) throws {
        let original = try Data(contentsOf: Fixture.url(name))
        let archive = try ZipArchive(original)
        let pickle = Data(try archive.contents(of: #require(archive.entries.first { $0.name.hasSuffix("data.pkl") })))
        let storages = Dictionary(uniqueKeysWithValues: try archive.entries.filter { $0.name.contains("/data/") }.map {
            (URL(fileURLWithPath: $0.name).lastPathComponent, try archive.contents(of: $0))
        })
        var random = RandomSource(seed: 7), survivors = 0
        for _ in 0..<2000 {
            let bytes = mutate(pickle, &random)
            do throws(TorchFileFault) {
                var machine = PickleMachine(try ByteCursor(bytes, 0..<bytes.count))
                let root = try machine.run()
                let contents = TorchFile.Contents(form: .zip, root: root, objects: machine.objects, storages: storages)
                for tensor in try TorchStateDictionary(contents).tensors { _ = tensor.bytes.values() }
                survivors += 1
            } catch { continue }
        }
        #expect(survivors > 0 && survivors < 2000)
    }
}

extension Array {
    fileprivate func withPrefix(_ element: Element) -> [Element] { [element] + self }
}
