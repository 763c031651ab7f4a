import Foundation
import NeuralNetworks

/// The tensors of a file of weights, whatever its format, under torch's names.
///
/// The file stays mapped and a tensor is only converted when its values are asked for, so reading takes little more memory than
/// the largest tensor.
package struct WeightsFile: Sendable {
    package enum Format: String, Sendable, Codable {
        case torch = "torch (zip)"
        case torchLegacy = "torch (before 1.6)"
        case safetensors
        case checkpoint = "trainyard checkpoint"
    }

    /// One tensor without its values; shape in torch's order.
    package struct Tensor: Sendable {
        package fileprivate(set) var key: String
        package var shape: [Int] { bytes.shape }
        package var element: TensorElement { bytes.element }
        package var slot: StateSlot { StateSlot(key: key, shape: shape, isInteger: !element.isFloat) }
        fileprivate let bytes: TensorBytes

        /// The values row by row: float32 for floats, int64 for integers.
        package func values() -> StateDictionary.Values { bytes.values() }
    }

    package let format: Format
    package private(set) var tensors: [Tensor]
    /// The texts that a safetensors file carries.
    package let metadata: [String: String]
    /// What was chosen or renamed on the way, one sentence each.
    package private(set) var notes: [String] = []

    /// Reads a file of `torch.save`, a safetensors file or a checkpoint of a run, told apart by their first bytes.
    package init(contentsOf url: URL) throws(WeightsFileError) {
        let data: Data
        do {
            data = try Data(contentsOf: url, options: .alwaysMapped)
        } catch {
            throw .torch(.unreadable(path: url.path, reason: error.localizedDescription))
        }
        if let form = TorchFile.form(of: data) {
            do {
                let contents = try TorchFile.read(data, form: form)
                let dictionary = try TorchStateDictionary(contents)
                format = form == .zip ? .torch : .torchLegacy
                tensors = dictionary.tensors.map { Tensor(key: $0.key, bytes: $0.bytes) }
                notes = dictionary.notes
                metadata = [:]
            } catch { throw .torch(TorchFileError(path: url.path, error)) }
        } else if Self.resemblesSafetensors(data) {
            let file: SafetensorsFile.Contents
            do { file = try SafetensorsFile.contents(of: data, path: url.path) } catch { throw .safetensors(error) }
            let isCheckpoint = file.metadata["trainyard.format"] != nil
            format = isCheckpoint ? .checkpoint : .safetensors
            metadata = file.metadata
            let averaged = "model."
            tensors = file.tensors.compactMap { key, bytes in
                guard isCheckpoint else { return Tensor(key: key, bytes: bytes) }
                return key.hasPrefix(averaged) ? Tensor(key: String(key.dropFirst(averaged.count)), bytes: bytes) : nil
            }
            if isCheckpoint { notes.append("took the averaged weights of a run's checkpoint") }
        } else {
            throw .unknownFormat(path: url.path, isTar: data.count > 262 && data[257..<262].elementsEqual("ustar".utf8))
        }
        stripWrappers()
        renameOldKeys()
    }

    /// Eight bytes of length, then JSON.
    private static func resemblesSafetensors(_ data: Data) -> Bool { data.count > 8 && data[8] == UInt8(ascii: "{") }

    // MARK: Keys

    /// Wrappers for parallel training, averaging and compilation put a word before every key.
    private mutating func stripWrappers() {
        // torch's AveragedModel counts its updates beside the wrapped network.
        let counter = "n_averaged"
        for prefix in ["module.", "_orig_mod."] {
            let inner = tensors.filter { $0.key != counter }
            guard !inner.isEmpty, inner.allSatisfy({ $0.key.hasPrefix(prefix) }) else { continue }
            tensors = inner
            for index in tensors.indices { tensors[index].key.removeFirst(prefix.count) }
            notes.append("left out the prefix \"\(prefix)\" of every key")
        }
    }

    private mutating func renameOldKeys() {
        var examples: [String] = []
        for index in tensors.indices {
            let new = Self.currentKey(for: tensors[index].key)
            guard new != tensors[index].key else { continue }
            examples.append("\(tensors[index].key) to \(new)")
            tensors[index].key = new
        }
        if let first = examples.first { notes.append("renamed \(examples.count) keys of an older torchvision, such as \(first)") }
    }

    /// torchvision's present name for a key of its older files: DenseNet's `norm.1` is `norm1`, a transformer's
    /// `mlp.linear_1` is `mlp.0`.
    static func currentKey(for key: String) -> String {
        var parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3 else { return key }
        for index in 0..<parts.count - 2 {
            if parts[index].hasPrefix("denselayer"), ["norm", "relu", "conv"].contains(parts[index + 1]), ["1", "2"].contains(parts[index + 2]) {
                parts[index + 1] += parts.remove(at: index + 2)
                break
            }
            if parts[index] == "mlp", let place = ["linear_1": "0", "linear_2": "3"][parts[index + 1]] { parts[index + 1] = place }
        }
        return parts.joined(separator: ".")
    }
}

/// Why a file of weights cannot be used.
package enum WeightsFileError: Error, Equatable, CustomStringConvertible {
    case torch(TorchFileError)
    case safetensors(SafetensorsError)
    case unknownFormat(path: String, isTar: Bool)

    package var description: String {
        switch self {
        case .torch(let error): error.description
        case .safetensors(let error): error.description
        case .unknownFormat(let path, let isTar):
            isTar
                ? "The file \(path) has torch's form from before 2018; load it in Python and save it again with torch.save."
                : "The file \(path) holds weights in no known format; give a .pth of torch.save, a .safetensors file or a run's checkpoint."
        }
    }
}
