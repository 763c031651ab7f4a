import Glibc
import TensorEngine

/// An average of a module's float tensors over training, batch norm's running statistics included.
///
/// a = d·a + (1 − d)·θ with d = decay · (1 − exp(−updates/tau)), so that early steps are forgotten quickly.
package final class ExponentialMovingAverage {
    package let decay: Double
    package let tau: Double
    package private(set) var updates = 0
    /// True while the module holds the averages and `self` the trained values.
    package private(set) var isSwappedIn = false
    private let pairs: [(key: String, live: Tensor, average: Tensor)]

    /// Starts from the module's present values.
    package init(_ module: Module, decay: Double = 0.9999, tau: Double = 2000) {
        self.decay = decay
        self.tau = tau
        pairs = module.namedMembers().compactMap { key, member in
            switch member {
            case .parameter(let parameter): (key, parameter.value, parameter.value.copy())
            case .buffer(let buffer): (key, buffer.value, buffer.value.copy())
            case .counter, .index: nil
            }
        }
    }

    /// Takes the module's values into the average; call once after each optimiser step.
    package func update() {
        precondition(!isSwappedIn, "the average is updated while the module holds it")
        updates += 1
        let factor = Float(decay * (1 - exp(-Double(updates) / tau)))
        for pair in pairs { OptimizerKernels.exponentialAverage(average: pair.average, value: pair.live, decay: factor) }
    }

    /// Puts the averages into the module, to evaluate or save it; the trained values wait here.
    package func swapIn() {
        guard !isSwappedIn else { return }
        exchange()
        isSwappedIn = true
    }

    /// Puts the trained values back.
    package func swapOut() {
        guard isSwappedIn else { return }
        exchange()
        isSwappedIn = false
    }

    private func exchange() {
        for (_, live, average) in pairs {
            withExtendedLifetime((live.storage, average.storage)) {
                let left = live.floats, right = average.floats
                parallelFor(live.count, grain: 1 << 15) { range in
                    for index in range {
                        let kept = left[index]
                        left[index] = right[index]
                        right[index] = kept
                    }
                }
            }
        }
    }

    /// The averages, in the engine's layout, and the number of updates.
    package func exportState() -> [NamedTensor] {
        precondition(!isSwappedIn, "the average is exported while the module holds it")
        return [NamedTensor(key: "updates", shape: [], values: .int64([Int64(updates)]))] + pairs.map { key, _, average in
            NamedTensor(key: key, shape: average.shape.dimensions, values: .float32(average.array))
        }
    }

    package func importState(_ state: [NamedTensor]) throws(OptimizerStateError) {
        precondition(!isSwappedIn, "the average is imported while the module holds it")
        var remaining = Dictionary(state.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        guard let saved = remaining.removeValue(forKey: "updates") else { throw .missing(key: "updates") }
        guard case .int64(let counts) = saved.values, counts.count == 1 else {
            throw .malformed(key: saved.key, expected: [], found: saved.shape)
        }
        var restored: [Tensor] = []
        for (key, _, average) in pairs {
            guard let entry = remaining.removeValue(forKey: key) else { throw .missing(key: key) }
            restored.append(try entry.tensor(shape: average.shape))
        }
        if let key = remaining.keys.min() { throw .unknown(key: key) }
        for (pair, tensor) in zip(pairs, restored) { pair.average.assign(tensor) }
        updates = Int(counts[0])
    }
}
