import TensorEngine

/// What loading found besides the keys that fit.
package struct StateLoadingReport: Sendable, Equatable {
    package var loaded: [String] = []
    /// Keys of the module that the state lacks; they keep their values.
    package var missing: [String] = []
    /// Keys of the state that the module lacks.
    package var unexpected: [String] = []
    /// Keys whose shapes differ; they keep their values.
    package var mismatched: [String] = []
}

/// Why a state dictionary does not fit a module.
package enum StateLoadingError: Error, Equatable, CustomStringConvertible {
    case keysDiffer(missing: [String], unexpected: [String])
    case shapeDiffers(key: String, expected: [Int], found: [Int])
    case typeDiffers(key: String, expected: String, found: String)
    case valueCount(key: String, shape: [Int], found: Int)
    case constantDiffers(key: String)

    package var description: String {
        switch self {
        case .keysDiffer(let missing, let unexpected):
            let parts = [("lacks", missing), ("has the unknown", unexpected)].filter { !$0.1.isEmpty }.map { word, keys in
                "\(word) \(keys.prefix(5).joined(separator: ", "))\(keys.count > 5 ? " and \(keys.count - 5) more" : "")"
            }
            return "The weights \(parts.joined(separator: " and ")); check that they were saved from the same architecture."
        case .shapeDiffers(let key, let expected, let found):
            return "The weights' tensor \(key) has shape \(found), the network needs \(expected); check the architecture and the number of classes."
        case .typeDiffers(let key, let expected, let found):
            return "The weights' tensor \(key) holds \(found), the network needs \(expected); save it again in that type."
        case .valueCount(let key, let shape, let found):
            return "The weights' tensor \(key) has \(found) values but its shape is \(shape); the file is damaged, make it anew."
        case .constantDiffers(let key):
            return "The weights' tensor \(key) holds other numbers than the network is built with; check that it is the same architecture."
        }
    }
}

extension Module {
    /// The tensors of the state, in torch's order and layout, with the values that each has when it is asked for them.
    package final var stateSources: [StateSource] {
        namedMembers().map { key, member in
            StateSource(StateSlot(key: key, shape: member.torchShape, isInteger: member.isInteger)) { member.torchValues }
        }
    }

    /// The current values in torch's order and layout, of all keys or of some.
    package final func stateDictionary(where isIncluded: (_ key: String) -> Bool = { _ in true }) -> StateDictionary {
        StateDictionary(entries: stateSources.filter { isIncluded($0.slot.key) }.map(\.entry))
    }

    /// Lets `body` overwrite one tensor after another where it lies, so that a large network never exists twice; counters become
    /// zero. What `body` leaves alone keeps its values.
    package final func fillState(
        _ body: (_ key: String, _ shape: [Int], _ values: UnsafeMutableBufferPointer<Float>, _ order: TorchOrder) -> Void
    ) {
        for (key, member) in namedMembers() {
            let (tensor, order): (Tensor, TorchOrder)
            switch member {
            case .parameter(let parameter): (tensor, order) = (parameter.value, parameter.torchOrder)
            case .buffer(let buffer): (tensor, order) = (buffer.value, .same)
            case .counter(let counter):
                counter.value = 0
                continue
            case .index: continue  // Constants of the network.
            }
            withExtendedLifetime(tensor.storage) {
                body(key, member.torchShape, UnsafeMutableBufferPointer(start: tensor.floats, count: tensor.count), order)
            }
        }
    }

    /// Overwrites parameters and buffers with a state dictionary's values.
    ///
    /// Strict loading changes nothing unless every key and shape fits. Otherwise what fits is loaded and the
    /// report lists the rest.
    @discardableResult
    package final func load(_ state: StateDictionary, strict: Bool = true) throws(StateLoadingError) -> StateLoadingReport {
        let members = namedMembers()
        let entries = Dictionary(state.entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(members.map(\.key))
        var report = StateLoadingReport()
        report.missing = members.map(\.key).filter { entries[$0] == nil }
        report.unexpected = state.entries.map(\.key).filter { !known.contains($0) }
        if strict, !(report.missing.isEmpty && report.unexpected.isEmpty) {
            throw .keysDiffer(missing: report.missing, unexpected: report.unexpected)
        }
        var fitting: [(member: ModuleMember, entry: StateDictionary.Entry)] = []
        for (key, member) in members {
            guard let entry = entries[key] else { continue }
            do {
                try member.check(entry)
                fitting.append((member, entry))
                report.loaded.append(key)
            } catch {
                if strict { throw error }
                report.mismatched.append(key)
            }
        }
        for (member, entry) in fitting { member.assign(entry) }
        return report
    }
}

extension ModuleMember {
    var torchShape: [Int] {
        switch self {
        case .parameter(let parameter): parameter.torchShape
        case .buffer(let buffer): buffer.value.shape.dimensions
        case .counter: []
        case .index(let index): [index.values.count]
        }
    }

    fileprivate var isInteger: Bool {
        switch self {
        case .parameter, .buffer: false
        case .counter, .index: true
        }
    }

    fileprivate var torchValues: StateDictionary.Values {
        switch self {
        case .parameter(let parameter): .float32(parameter.torchValues)
        case .buffer(let buffer): .float32(buffer.value.array)
        case .counter(let counter): .int64([counter.value])
        case .index(let index): .int64(index.values)
        }
    }

    fileprivate func check(_ entry: StateDictionary.Entry) throws(StateLoadingError) {
        guard entry.values.count == entry.shape.reduce(1, *) else {
            throw .valueCount(key: entry.key, shape: entry.shape, found: entry.values.count)
        }
        guard entry.shape == torchShape else {
            throw .shapeDiffers(key: entry.key, expected: torchShape, found: entry.shape)
        }
        switch (self, entry.values) {
        case (.parameter, .float32), (.buffer, .float32), (.counter, .int64): return
        case (.index(let index), .int64(let values)):
            guard values == index.values else { throw .constantDiffers(key: entry.key) }
        case (.counter, _), (.index, _): throw .typeDiffers(key: entry.key, expected: "int64", found: entry.values.typeName)
        default: throw .typeDiffers(key: entry.key, expected: "float32", found: entry.values.typeName)
        }
    }

    fileprivate func assign(_ entry: StateDictionary.Entry) {
        switch (self, entry.values) {
        case (.parameter(let parameter), .float32(let values)): parameter.assign(torchValues: values)
        case (.buffer(let buffer), .float32(let values)): buffer.value.assign(Tensor(values, shape: buffer.value.shape))
        case (.counter(let counter), .int64(let values)): counter.value = values.first ?? 0
        case (.index, .int64): break
        default: preconditionFailure("assigned without a check")
        }
    }
}

extension Parameter {
    /// The shape in torch's order of dimensions.
    package var torchShape: [Int] {
        switch layout {
        case .plain, .flattened: shape.dimensions
        case .convolution: [shape[0], shape[3], shape[1], shape[2]]
        }
    }

    /// The values in torch's order.
    package var torchValues: [Float] { torchOrder(of: value) }

    /// The gathered gradient in torch's order; nil when none has gathered.
    package var torchGradient: [Float]? { gradient.map(torchOrder) }

    private func torchOrder(of tensor: Tensor) -> [Float] {
        let values = tensor.array
        return torchOrder == .same ? values : reordered(values, isFromEngine: true)
    }

    /// Overwrites the value with values in torch's order.
    package func assign(torchValues: [Float]) {
        value.assign(Tensor(torchOrder == .same ? torchValues : reordered(torchValues, isFromEngine: false), shape: shape))
    }

    /// Where the engine keeps what torch keeps elsewhere.
    package var torchOrder: TorchOrder {
        switch layout {
        case .plain: .same
        case .convolution: shape[1] * shape[2] > 1 ? TorchOrder(channels: shape[3], cells: shape[1] * shape[2]) : .same
        case .flattened(let channels, let height, let width): TorchOrder(channels: channels, cells: height * width)
        }
    }

    /// Values with the positions of torch and of the engine exchanged.
    private func reordered(_ values: [Float], isFromEngine: Bool) -> [Float] {
        let order = torchOrder
        return [Float](unsafeUninitializedCapacity: values.count) { result, count in
            order.forEach(in: 0..<values.count) { engine, torch in
                result.initializeElement(at: isFromEngine ? torch : engine, to: values[isFromEngine ? engine : torch])
            }
            count = values.count
        }
    }
}
