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
    /// Pairs of tensors: average, live.
    private let segments: TensorSegments

    /// Starts from the module's present values.
    package init(_ module: Module, decay: Double = 0.9999, tau: Double = 2000) {
        self.decay = decay
        self.tau = tau
        segments = TensorSegments(module.namedMembers().compactMap { _, member in
            switch member {
            case .parameter(let parameter): [parameter.value.copy(), parameter.value]
            case .buffer(let buffer): [buffer.value.copy(), buffer.value]
            case .counter, .index: nil
            }
        })
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

    /// Takes over averages of `module`, which this is the average of, in the form of its state dictionary, and how many updates
    /// made them. Integers of the state are the module's own and are loaded into it.
    package func restore(_ averages: StateDictionary, updates: Int, in module: Module) throws(StateLoadingError) {
        precondition(!isSwappedIn, "the average is restored while the module holds it")
        swapIn()
        defer { swapOut() }
        try module.load(averages, strict: true)
        self.updates = updates
    }
}
