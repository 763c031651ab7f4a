import CKernels

/// One recorded operation: what its gradient needs, and how it flows back.
///
/// A step is a named struct that keeps tensors, not a closure, so that the bytes a training step saves can be
/// summed before it runs.
package protocol GradientStep {
    /// The operation's name, for profiles and memory estimates.
    var name: String { get }
    /// The tensors kept for the backward pass.
    var saved: [Tensor] { get }
    /// Takes the gradients of its outputs from the tape and adds those of its inputs to it and to parameters.
    func backward(on tape: Tape)
}

/// The record of one forward pass: steps in order, and the gradient of each node while going back.
///
/// Integers name the nodes, so nothing is released recursively, and the order is always the same.
package final class Tape {
    /// A tensor's place on a tape.
    package struct Node {
        package let tape: Tape
        package let identifier: Int
        /// False for a network's input: operations then skip that gradient.
        package let needsGradient: Bool
    }

    private var steps: [(any GradientStep)?] = []
    private var gradients: [Tensor?] = []

    package init() {}

    private func makeNode(needsGradient: Bool) -> Node {
        gradients.append(nil)
        return Node(tape: self, identifier: gradients.count - 1, needsGradient: needsGradient)
    }

    /// The tensor as the start of a recorded computation. Ask for its gradient only where it is wanted.
    package func input(_ tensor: Tensor, needsGradient: Bool = false) -> Tensor {
        Tensor(shape: tensor.shape, storage: tensor.storage, node: makeNode(needsGradient: needsGradient))
    }

    /// Gives an operation's result a node; the operation then records the step that names this node.
    package func output(_ tensor: Tensor) -> Tensor {
        Tensor(shape: tensor.shape, storage: tensor.storage, node: makeNode(needsGradient: true))
    }

    package func record(_ step: some GradientStep) { steps.append(step) }

    /// Adds `gradient` to that of `node`. The caller gives the tensor away: it may be added to in place later.
    package func accumulate(_ gradient: Tensor, into node: Node?) {
        guard let node, node.needsGradient else { return }
        if let present = gradients[node.identifier] {
            precondition(present.shape == gradient.shape, "gradients of shapes \(present.shape) and \(gradient.shape)")
            Tensor.accumulate(gradient, into: present)
        } else {
            gradients[node.identifier] = gradient
        }
    }

    /// The gradient that has gathered for `node`, removed from the tape; nil when nothing depended on it.
    package func takeGradient(of node: Node?) -> Tensor? {
        guard let node else { return nil }
        defer { gradients[node.identifier] = nil }
        return gradients[node.identifier]
    }

    /// The bytes kept for the backward pass, each storage counted once.
    package var savedBytes: Int {
        var seen = Set<ObjectIdentifier>()
        var total = 0
        for step in steps {
            for tensor in step?.saved ?? [] where seen.insert(ObjectIdentifier(tensor.storage)).inserted {
                total += tensor.storage.byteCount
            }
        }
        return total
    }

    /// Walks back from `outputs`, each with the gradient of the loss with respect to it, and releases every step
    /// as soon as it is done. A scalar loss starts with a gradient of one.
    package func backward(from outputs: [(tensor: Tensor, gradient: Tensor)]) {
        for (tensor, gradient) in outputs { accumulate(gradient, into: tensor.node) }
        while let last = steps.popLast() { last?.backward(on: self) }
    }

    package func backward(from loss: Tensor) {
        backward(from: [(loss, .filled(loss.shape, with: 1))])
    }
}

extension Tensor {
    /// Adds `source` to `target` in place.
    static func accumulate(_ source: Tensor, into target: Tensor) {
        withExtendedLifetime((source.storage, target.storage)) {
            let from = source.floats, to = target.floats
            parallelFor(target.count, grain: 1 << 15) { range in
                ty_accumulate(from + range.lowerBound, to + range.lowerBound, range.count)
            }
        }
    }
}
