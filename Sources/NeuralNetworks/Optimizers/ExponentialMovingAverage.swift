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
    /// The pairs as segments: average, live.
    private let segments: TensorSegments

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
        segments = TensorSegments(pairs.map { [$0.average, $0.live] })
    }

    /// Takes the module's values into the average; call once after each optimiser step.
    package func update() {
        precondition(!isSwappedIn, "the average is updated while the module holds it")
        updates += 1
        let factor = Float(decay * (1 - exp(-Double(updates) / tau)))
        OptimizerKernels.exponentialAverage(segments: segments, decay: factor)
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
        segments.forEachRun { run in
            let left = run[0], right = run[1]
            for index in 0..<run.count {
                let kept = left[index]
                left[index] = right[index]
                right[index] = kept
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
        var remaining = StateReader(state)
        let count = try remaining.counts("updates", count: 1)
        var restored: [Tensor] = []
        for (key, _, average) in pairs { restored.append(try remaining.tensor(key, shape: average.shape)) }
        try remaining.finish()
        for (pair, tensor) in zip(pairs, restored) { pair.average.assign(tensor) }
        updates = count[0]
    }
}
