import TensorEngine

/// One tensor of a state that is to be saved. Its values stay where training uses them until they are asked for, so that a
/// large state can be saved without a copy of it.
package struct StateSource {
    package let slot: StateSlot
    private let read: () -> StateDictionary.Values

    /// `values` gives as many as the slot has, of its type.
    package init(_ slot: StateSlot, values: @escaping () -> StateDictionary.Values) {
        self.slot = slot
        read = values
    }

    /// The tensor as the engine keeps it.
    init(key: String, _ tensor: Tensor) {
        self.init(StateSlot(key: key, shape: tensor.shape.dimensions, isInteger: false)) { .float32(tensor.array) }
    }

    /// Values that are at hand.
    init(_ entry: StateDictionary.Entry) {
        let isInteger = if case .int64 = entry.values { true } else { false }
        self.init(StateSlot(key: entry.key, shape: entry.shape, isInteger: isInteger)) { entry.values }
    }

    /// A copy of the present values.
    package var values: StateDictionary.Values { read() }

    package var entry: StateDictionary.Entry { StateDictionary.Entry(key: slot.key, shape: slot.shape, values: values) }

    /// The same tensor with a prefix before its key.
    package func under(_ prefix: String) -> StateSource {
        StateSource(StateSlot(key: prefix + slot.key, shape: slot.shape, isInteger: slot.isInteger), values: read)
    }
}
