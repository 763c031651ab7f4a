/// One tensor of a state dictionary without its values.
package struct StateSlot: Sendable, Equatable, Codable {
    package let key: String
    /// In torch's order of dimensions.
    package let shape: [Int]
    /// True for int64, false for float32.
    package let isInteger: Bool

    package init(key: String, shape: [Int], isInteger: Bool) {
        self.key = key
        self.shape = shape
        self.isInteger = isInteger
    }

    /// torch's name of the element type.
    package var typeName: String { isInteger ? "int64" : "float32" }
    package var byteCount: Int { shape.reduce(isInteger ? 8 : 4, *) }
}

extension Module {
    /// What the state dictionary holds, without values.
    package final var stateLayout: [StateSlot] {
        stateSources.map(\.slot)
    }
}

/// How the tensors of a file fit a network, decided by keys, shapes and types alone.
package struct StateFit: Sendable, Equatable, Codable {
    package struct Difference: Sendable, Equatable, Codable {
        package let network: StateSlot
        package let file: StateSlot
    }

    /// Keys that are taken from the file.
    package private(set) var taken: [String] = []
    /// Keys of the network that the file lacks.
    package private(set) var missing: [String] = []
    /// Keys of the file that the network lacks.
    package private(set) var unused: [String] = []
    package private(set) var different: [Difference] = []
    /// Layers that another number of classes gives another size: they start fresh.
    package private(set) var replaced: [Difference] = []
    /// Counters of batches, which files from before torch 0.4.1 lack: they start at zero.
    package private(set) var uncounted: [String] = []
    /// Auxiliary heads, which only training uses, of the network alone and of the file alone.
    package private(set) var freshAuxiliary: [String] = []
    package private(set) var unusedAuxiliary: [String] = []

    /// True when nothing is left to decide: what is not taken has a reason.
    package var isComplete: Bool { missing.isEmpty && unused.isEmpty && different.isEmpty }

    /// Compares a file with `network`, the layout for the classes that are wanted, and `sized`, the layout of the same
    /// architecture for as many classes as the file has.
    package init(file: [StateSlot], network: [StateSlot], sized: [StateSlot]) {
        let found = Dictionary(file.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let expected = Dictionary(sized.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(network.map(\.key))
        let hasAuxiliary = file.contains { Self.isAuxiliary($0.key) }
        for slot in network {
            guard let given = found[slot.key] else {
                if slot.key.hasSuffix("num_batches_tracked") {
                    uncounted.append(slot.key)
                } else if Self.isAuxiliary(slot.key), !hasAuxiliary {
                    freshAuxiliary.append(slot.key)
                } else {
                    missing.append(slot.key)
                }
                continue
            }
            if given == slot {
                taken.append(slot.key)
            } else if given == expected[slot.key] {
                replaced.append(Difference(network: slot, file: given))
            } else {
                different.append(Difference(network: slot, file: given))
            }
        }
        let needsAuxiliary = network.contains { Self.isAuxiliary($0.key) }
        for slot in file where !known.contains(slot.key) {
            if Self.isAuxiliary(slot.key), !needsAuxiliary { unusedAuxiliary.append(slot.key) } else { unused.append(slot.key) }
        }
    }

    /// GoogLeNet's `aux1` and `aux2`, Inception's `AuxLogits`.
    private static func isAuxiliary(_ key: String) -> Bool { key.prefix(3).lowercased() == "aux" }
}
