import TensorEngine

/// Updates parameters while the backward pass goes on, each as soon as its gradient is whole, and clears these gradients.
///
/// A training step then never holds all gradients at once, and a gradient is often still in the cache when it is used. What it
/// leaves is the same, bit for bit, as when all parameters are updated afterwards. Gradients that depend on each other, as by a joint norm, cannot
/// be used this way.
package final class EarlyUpdate {
    /// Fewer bytes of gradients wait for more, so that small parameters are updated together.
    private static let bytesAtOnce = 4 << 20

    private let optimizer: any SlotOptimizer
    private let groupOfParameter: [ObjectIdentifier: Int]
    private var waiting: [[Parameter]]
    private var waitingBytes = 0

    package init(_ optimizer: any SlotOptimizer) {
        self.optimizer = optimizer
        groupOfParameter = Dictionary(
            optimizer.groups.enumerated().flatMap { index, group in group.parameters.map { (ObjectIdentifier($0), index) } },
            uniquingKeysWith: { first, _ in first })
        waiting = optimizer.groups.map { _ in [] }
    }

    /// Takes a parameter whose gradient is whole. `prepare` sees the parameters that are about to be updated and may change their
    /// gradients; where it says no, they are left as they are.
    package func take(_ parameter: Parameter, prepare: ([Parameter]) -> Bool = { _ in true }) {
        guard let gradient = parameter.gradient, let group = groupOfParameter[ObjectIdentifier(parameter)] else { return }
        waiting[group].append(parameter)
        waitingBytes += 4 * gradient.count
        if waitingBytes >= Self.bytesAtOnce { finish(prepare: prepare) }
    }

    /// Updates what still waits, at the end of the backward pass.
    package func finish(prepare: ([Parameter]) -> Bool = { _ in true }) {
        let parameters = waiting.flatMap { $0 }
        if prepare(parameters) {
            optimizer.update(zip(optimizer.groups, waiting).map { $0.with($1) })
        }
        for parameter in parameters { parameter.clearGradient() }
        for index in waiting.indices { waiting[index].removeAll(keepingCapacity: true) }
        waitingBytes = 0
    }
}
