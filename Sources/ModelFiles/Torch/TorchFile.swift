import Foundation

/// A file that `torch.save` wrote, read without running anything: the zip form of PyTorch 1.6 and later, and the older form of
/// pickles followed by storages, in which much of torchvision's own weights is still published.
enum TorchFile {
    /// Which of torch's two forms a file has.
    enum Form { case zip, legacy }

    struct Contents {
        let form: Form
        let root: PickleValue
        let objects: PickleObjects
        /// Each storage's bytes by its key.
        let storages: [String: Data]
    }

    /// Nil when the file's first bytes belong to neither form.
    static func form(of data: Data) -> Form? {
        if data.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        return data.starts(with: magicPickle) ? .legacy : nil
    }

    static func read(_ data: Data, form: Form) throws(TorchFileFault) -> Contents {
        switch form {
        case .zip: try readZip(data)
        case .legacy: try readLegacy(data)
        }
    }

    // MARK: Zip

    /// `<top>/data.pkl`, `<top>/data/<key>` and optionally `<top>/byteorder`, whatever the top folder is called.
    private static func readZip(_ data: Data) throws(TorchFileFault) -> Contents {
        let archive = try ZipArchive(data)
        let suffix = "data.pkl"
        guard let pickle = archive.entries.first(where: { $0.name == suffix || $0.name.hasSuffix("/" + suffix) && $0.name.split(separator: "/").count == 2 })
        else { throw .unsupported("is a zip archive without a data.pkl, so not one of torch.save") }
        let top = pickle.name.dropLast(suffix.count)
        if let order = archive.entries.first(where: { $0.name == top + "byteorder" }) {
            guard try archive.contents(of: order) == Data("little".utf8) else { throw .unsupported("was saved in big-endian order") }
        }
        let bytes = try archive.contents(of: pickle)
        var machine = PickleMachine(try ByteCursor(bytes, 0..<bytes.count))
        let root = try machine.run()
        let wanted = Set(machine.objects.storages.map(\.key))
        var storages: [String: Data] = [:]
        for entry in archive.entries where entry.name.hasPrefix(top + "data/") {
            let key = String(entry.name.dropFirst(top.count + "data/".count))
            if wanted.contains(key) { storages[key] = try archive.contents(of: entry) }
        }
        return Contents(form: .zip, root: root, objects: machine.objects, storages: storages)
    }

    // MARK: Legacy

    /// A pickle of torch's magic number 0x1950a86a20f9469cfc6c.
    private static let magicPickle: [UInt8] = [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]

    /// Pickles of the magic number, the protocol, the writer's machine, the value and the storages' keys; then each storage's
    /// number of elements and its bytes.
    private static func readLegacy(_ data: Data) throws(TorchFileFault) -> Contents {
        var position = magicPickle.count
        guard data.count >= position else { throw .damaged("it ends within its first pickle") }
        func run() throws(TorchFileFault) -> (value: PickleValue, objects: PickleObjects) {
            var machine = PickleMachine(try ByteCursor(data, position..<data.count))
            let value = try machine.run()
            position = machine.position
            return (value, machine.objects)
        }
        guard try run().value == .integer(1001) else { throw .unsupported("has another protocol than torch's 1001") }
        let system = try run()
        if case .dictionary(let index) = system.value {
            for pair in system.objects.dictionaries[index] where system.objects.string(pair.key) == "little_endian" {
                guard pair.value == .bool(true) else { throw .unsupported("was saved in big-endian order") }
            }
        }
        let (root, objects) = try run()
        let keys = try run()
        var elements: [String: TensorElement] = [:]
        for storage in objects.storages { elements[storage.key] = storage.element }
        var storages: [String: Data] = [:]
        var cursor = try ByteCursor(data, position..<data.count)
        for value in keys.objects.elements(keys.value) ?? [] {
            guard let key = keys.objects.string(value), let element = elements[key], storages[key] == nil else {
                throw .damaged("its list of storages does not fit its tensors")
            }
            let (byteCount, hasOverflow) = try cursor.length(UInt64.self).multipliedReportingOverflow(by: element.byteCount)
            guard !hasOverflow else { throw .damaged("the storage \(key) is impossibly long") }
            let range = try cursor.take(byteCount)
            storages[key] = data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound]
        }
        return Contents(form: .legacy, root: root, objects: objects, storages: storages)
    }
}

extension TorchFile.Contents {
    /// A tensor's place in its storage's bytes; a place outside of them is damage.
    func bytes(of tensor: PickledTensor, key: String) throws(TorchFileFault) -> TensorBytes {
        let storage = tensor.storage
        guard let data = storages[storage.key] else { throw .damaged("the storage \(storage.key) of \(key) is missing") }
        let width = storage.element.byteCount
        let (end, hasOverflow) = storage.offset.addingReportingOverflow(storage.elementCount)
        guard !hasOverflow, end <= data.count / width else {
            throw .damaged("the storage \(storage.key) has \(data.count) bytes, too few for \(key)")
        }
        let part = data[data.startIndex + storage.offset * width..<data.startIndex + end * width]
        guard let bytes = TensorBytes(data: part, element: storage.element, offset: tensor.offset, shape: tensor.shape, strides: tensor.strides)
        else { throw .damaged("\(key) of shape \(tensor.shape) lies outside of its storage") }
        return bytes
    }
}
