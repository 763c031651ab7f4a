/// The state dictionary within what `torch.save` wrote: the value itself, or a part of a whole checkpoint.
struct TorchStateDictionary {
    /// Where training scripts keep the state dictionary of a checkpoint; the first that holds tensors counts.
    private static let names = ["model", "state_dict", "model_state_dict", "model_ema", "ema"]
    /// Checkpoints within checkpoints are followed so far.
    private static let maximumDepth = 3

    private(set) var tensors: [(key: String, bytes: TensorBytes)] = []
    private(set) var notes: [String] = []

    init(_ contents: TorchFile.Contents) throws(TorchFileFault) {
        guard case .dictionary(var index) = contents.root else {
            throw .unsupported("holds no dictionary of tensors")
        }
        if let (path, inner) = Self.nested(in: index, contents.objects) {
            index = inner
            notes.append("took \"\(path.joined(separator: "/"))\" of a whole checkpoint")
        }
        var places: [String: Int] = [:], others: [String] = []
        for pair in contents.objects.dictionaries[index] {
            guard let key = contents.objects.string(pair.key) else {
                others.append("a key that is not a text")
                continue
            }
            guard case .tensor(let tensor) = pair.value else {
                others.append(key)
                continue
            }
            let bytes = try contents.bytes(of: contents.objects.tensors[tensor], key: key)
            if let place = places[key] { tensors[place].bytes = bytes } else {
                places[key] = tensors.count
                tensors.append((key, bytes))
            }
        }
        guard !tensors.isEmpty else { throw .unsupported("holds no tensors under \(Self.names.joined(separator: ", ")) or at its top") }
        if !others.isEmpty {
            notes.append("left out what is not a tensor: \(others.prefix(5).joined(separator: ", "))\(others.count > 5 ? " and \(others.count - 5) more" : "")")
        }
    }

    /// The names that lead from a dictionary to one with tensors, and that dictionary; nil when there is none within `depth`.
    private static func nested(in index: Int, _ objects: PickleObjects, depth: Int = maximumDepth) -> (path: [String], index: Int)? {
        guard depth > 0 else { return nil }
        let pairs = objects.dictionaries[index]
        for name in names {
            guard let pair = pairs.last(where: { objects.string($0.key) == name }), case .dictionary(let inner) = pair.value else { continue }
            if objects.dictionaries[inner].contains(where: { if case .tensor = $0.value { true } else { false } }) { return ([name], inner) }
            if let found = nested(in: inner, objects, depth: depth - 1) { return ([name] + found.path, found.index) }
        }
        return nil
    }
}
