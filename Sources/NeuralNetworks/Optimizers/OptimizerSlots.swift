import TensorEngine

/// What an optimiser keeps beside each parameter, made when the parameter is first updated.
package final class OptimizerSlots {
    /// A tensor of a slot: torch's name, its shape and the value it starts with.
    struct Part {
        var name: String
        var shape: Shape
        var start: Float = 0
    }

    /// How often a parameter was updated, and the numbers kept with it, in the order of `scalars`.
    struct Moment: Hashable {
        var step = 0
        var scalars: [Float]
    }

    private struct Slot {
        var moment: Moment
        var tensors: [Tensor]
    }

    private let scalars: [String]
    private let parts: (ParameterGroup, Parameter) -> [Part]
    private var slots: [ObjectIdentifier: Slot] = [:]

    /// - Parameters:
    ///   - scalars: names of the numbers kept beside the tensors; they start at 1.
    ///   - parts: the tensors of a parameter in a group, in the order of the kernel's columns.
    init(scalars: [String] = [], parts: @escaping (ParameterGroup, Parameter) -> [Part]) {
        self.scalars = scalars
        self.parts = parts
    }

    /// Tensors of the parameter's own shape that start with zeros.
    convenience init(_ names: [String], scalars: [String] = []) {
        self.init(scalars: scalars) { _, parameter in names.map { Part(name: $0, shape: parameter.shape) } }
    }

    /// Counts one more update of `parameter`; gives the count with its tensors.
    func advance(_ parameter: Parameter, in group: ParameterGroup) -> (moment: Moment, tensors: [Tensor]) {
        let identifier = ObjectIdentifier(parameter)
        var slot = slots[identifier] ?? Slot(
            moment: Moment(scalars: scalars.map { _ in 1 }),
            tensors: parts(group, parameter).map { .filled($0.shape, with: $0.start) })
        slot.moment.step += 1
        slots[identifier] = slot
        return (slot.moment, slot.tensors)
    }

    /// Counts one more update of every parameter with a gradient, and calls `body` once for those of a group that were updated
    /// equally often: their segments are value, gradient and the slot's tensors. What `body` does to the numbers is kept.
    func update(_ groups: [ParameterGroup], _ body: (ParameterGroup, inout Moment, TensorSegments) -> Void) {
        for group in groups {
            var batches: [(moment: Moment, parameters: [Parameter], segments: [[Tensor]])] = []
            var places: [Moment: Int] = [:]
            for parameter in group.parameters where parameter.requiresGradient {
                guard let gradient = parameter.gradient else { continue }
                let (moment, tensors) = advance(parameter, in: group)
                let place = places[moment] ?? batches.count
                if place == batches.count {
                    batches.append((moment, [], []))
                    places[moment] = place
                }
                batches[place].parameters.append(parameter)
                batches[place].segments.append([parameter.value, gradient] + tensors)
            }
            for batch in batches {
                var moment = batch.moment
                body(group, &moment, TensorSegments(batch.segments))
                guard moment != batch.moment else { continue }
                for parameter in batch.parameters { slots[ObjectIdentifier(parameter)]?.moment = moment }
            }
        }
    }

    // MARK: State

    /// Keys are `<index over all groups>.<name>` and `<index>.step`.
    func sources(_ groups: [ParameterGroup]) -> [StateSource] {
        members(of: groups).enumerated().flatMap { index, member -> [StateSource] in
            guard let slot = slots[ObjectIdentifier(member.parameter)] else { return [] }
            let step = NamedTensor(key: "\(index).step", shape: [], values: .int64([Int64(slot.moment.step)]))
            let numbers = zip(scalars, slot.moment.scalars).map { name, value in
                NamedTensor(key: "\(index).\(name)", shape: [], values: .float32([value]))
            }
            let tensors = zip(parts(member.group, member.parameter), slot.tensors).map { part, tensor in
                StateSource(key: "\(index).\(part.name)", tensor)
            }
            return ([step] + numbers).map { StateSource($0) } + tensors
        }
    }

    func restore(_ state: [NamedTensor], groups: [ParameterGroup]) throws(OptimizerStateError) {
        var remaining = StateReader(state)
        var restored: [ObjectIdentifier: Slot] = [:]
        for (index, member) in members(of: groups).enumerated() {
            guard remaining.holds("\(index).step") else { continue }
            var slot = Slot(moment: Moment(step: try remaining.counts("\(index).step", count: 1)[0], scalars: []), tensors: [])
            for name in scalars { slot.moment.scalars.append(try remaining.tensor("\(index).\(name)", shape: []).scalar) }
            for part in parts(member.group, member.parameter) {
                slot.tensors.append(try remaining.tensor("\(index).\(part.name)", shape: part.shape))
            }
            restored[ObjectIdentifier(member.parameter)] = slot
        }
        try remaining.finish()
        slots = restored
    }

    private func members(of groups: [ParameterGroup]) -> [(group: ParameterGroup, parameter: Parameter)] {
        groups.flatMap { group in group.parameters.map { (group, $0) } }
    }
}

/// Saved state, taken entry by entry; what is left over at the end is an error.
struct StateReader {
    private var remaining: [String: NamedTensor]

    init(_ state: [NamedTensor]) {
        remaining = Dictionary(state.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func holds(_ key: String) -> Bool { remaining[key] != nil }

    private mutating func take(_ key: String) throws(OptimizerStateError) -> NamedTensor {
        guard let entry = remaining.removeValue(forKey: key) else { throw .missing(key: key) }
        return entry
    }

    /// Whole numbers of at least zero.
    mutating func counts(_ key: String, count: Int) throws(OptimizerStateError) -> [Int] {
        let entry = try take(key)
        guard case .int64(let values) = entry.values, values.count == count, values.allSatisfy({ $0 >= 0 }) else {
            throw .malformed(key: key, expected: [count], found: entry.shape)
        }
        return values.map { Int($0) }
    }

    /// Doubles, kept as their bit patterns.
    mutating func doubles(_ key: String, count: Int) throws(OptimizerStateError) -> [Double] {
        let entry = try take(key)
        guard case .int64(let values) = entry.values, values.count == count else {
            throw .malformed(key: key, expected: [count], found: entry.shape)
        }
        return values.map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }

    mutating func tensor(_ key: String, shape: Shape) throws(OptimizerStateError) -> Tensor {
        let entry = try take(key)
        guard case .float32(let values) = entry.values, entry.shape == shape.dimensions, values.count == shape.count else {
            throw .malformed(key: key, expected: shape.dimensions, found: entry.shape)
        }
        return Tensor(values, shape: shape)
    }

    func finish() throws(OptimizerStateError) {
        if let key = remaining.keys.min() { throw .unknown(key: key) }
    }
}

extension StateDictionary.Entry {
    /// An entry of doubles as their bit patterns, since files hold single precision only.
    static func doubles(_ key: String, _ values: [Double]) -> StateDictionary.Entry {
        StateDictionary.Entry(key: key, shape: [values.count], values: .int64(values.map { Int64(bitPattern: $0.bitPattern) }))
    }
}
