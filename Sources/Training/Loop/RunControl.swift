import Synchronization

/// A run's reins, shared between threads: a stop is asked for here and seen after the current step.
package final class RunControl: Sendable {
    private let stop = Atomic(false)

    package init() {}

    /// Asks the run to finish its step, save and end as terminated.
    package func requestStop() { stop.store(true, ordering: .releasing) }

    package var isStopRequested: Bool { stop.load(ordering: .acquiring) }
}
