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
    /// The parameters that it adds gradients to or whose values it reads on the way back.
    var parameters: [Parameter] { get }
    /// Takes the gradients of its outputs from the tape and adds those of its inputs to it and to parameters.
    func backward(on tape: Tape)
}

extension GradientStep {
    package var parameters: [Parameter] { [] }
}

/// The record of one forward pass: steps in order, and the gradient of each node while going back.
///
/// Integers name the nodes, so nothing is released recursively, and the order is always the same.
package final class Tape {
    /// A tensor's place on a tape.
    package struct Node {
        package let tape: Tape
        package let identifier: Int
        fileprivate let isWanted: Bool

        /// False for a network's input and for what frozen layers make of it: operations then skip that gradient.
        package var needsGradient: Bool { isWanted && identifier >= tape.firstLearningNode }
    }

    private var steps: [any GradientStep] = []
    private var gradients: [Gathered?] = []
    /// How many of the steps name a parameter.
    private var uses: [ObjectIdentifier: Int] = [:]
    /// Whether a step or an input so far asks for a gradient. Until then nothing is kept: a frozen backbone costs its forward pass alone.
    private var learns = false
    /// The nodes before this one depend on nothing that asks for a gradient.
    private var firstLearningNode = 0

    /// What has gathered for a node. Nodes that were handed one gradient hold it together until one of them changes it.
    private struct Gathered {
        let tensor: Tensor
        var share: Share?
        var isShared: Bool { (share?.holders ?? 1) > 1 }
    }

    private final class Share {
        var holders = 1
    }

    /// The numbers that the recorded operations' matrix products multiply, on the way forth and back.
    package let products: ProductPrecision

    package init(products: ProductPrecision = .single) { self.products = products }

    private func makeNode(needsGradient: Bool) -> Node {
        gradients.append(nil)
        return Node(tape: self, identifier: gradients.count - 1, isWanted: needsGradient)
    }

    /// The tensor as the start of a recorded computation. Ask for its gradient only where it is wanted.
    package func input(_ tensor: Tensor, needsGradient: Bool = false) -> Tensor {
        learns = learns || needsGradient
        return Tensor(shape: tensor.shape, storage: tensor.storage, node: makeNode(needsGradient: needsGradient))
    }

    /// Gives an operation's result a node; the operation then records the step that names this node.
    package func output(_ tensor: Tensor) -> Tensor {
        Tensor(shape: tensor.shape, storage: tensor.storage, node: makeNode(needsGradient: true))
    }

    /// Keeps the step, unless neither it nor any before it leads back to something that learns.
    package func record(_ step: some GradientStep) {
        learns = learns || step.parameters.contains(where: \.requiresGradient)
        guard learns else {
            firstLearningNode = gradients.count
            return
        }
        steps.append(step)
        for parameter in step.parameters { uses[ObjectIdentifier(parameter), default: 0] += 1 }
    }

    /// Adds `gradient` to that of `node`. The caller gives the tensor away: it may be added to in place later.
    package func accumulate(_ gradient: Tensor, into node: Node?) {
        add(Gathered(tensor: gradient), to: node)
    }

    private func add(_ addend: Gathered, to node: Node?) {
        guard let node, node.needsGradient else {
            addend.share?.holders -= 1
            return
        }
        guard let present = gradients[node.identifier] else {
            gradients[node.identifier] = addend
            return
        }
        precondition(
            present.tensor.shape == addend.tensor.shape, "gradients of shapes \(present.tensor.shape) and \(addend.tensor.shape)")
        if !present.isShared {
            Tensor.accumulate(addend.tensor, into: present.tensor)
            addend.share?.holders -= 1
        } else if !addend.isShared {
            Tensor.accumulate(present.tensor, into: addend.tensor)
            present.share?.holders -= 1
            gradients[node.identifier] = addend
        } else {
            gradients[node.identifier] = Gathered(tensor: Tensor.add(present.tensor, addend.tensor))
            present.share?.holders -= 1
            addend.share?.holders -= 1
        }
    }

    /// The gradient that has gathered for `node`, removed from the tape; nil when nothing depended on it.
    ///
    /// It belongs to the caller, who may change it.
    package func takeGradient(of node: Node?) -> Tensor? {
        guard let taken = remove(node) else { return nil }
        guard taken.isShared else { return taken.tensor }
        taken.share?.holders -= 1
        return taken.tensor.copy()
    }

    /// As `takeGradient`, for callers that need not change it: no copy is made of what other nodes hold as well, and
    /// `isOwn` says whether it may be changed after all.
    package func takeGradientToRead(of node: Node?) -> (tensor: Tensor, isOwn: Bool)? {
        guard let taken = remove(node) else { return nil }
        defer { taken.share?.holders -= 1 }
        return (taken.tensor, !taken.isShared)
    }

    /// Hands the gradient of `node` to all of `receivers`, without a copy.
    package func passGradient(of node: Node?, to receivers: [Node?]) {
        guard var passed = remove(node) else { return }
        let takers = receivers.compactMap { $0 }.filter(\.needsGradient)
        if takers.count > 1 {
            let share = passed.share ?? Share()
            share.holders += takers.count
            passed.share = share
        }
        for taker in takers { add(passed, to: taker) }
        if takers.count != 1 { passed.share?.holders -= 1 }
    }

    /// The gradient that has gathered for `node` so far, to be added to in place; nil when there is none or others hold it.
    package func gatheredGradient(of node: Node) -> Tensor? {
        guard node.needsGradient, let present = gradients[node.identifier], !present.isShared else { return nil }
        return present.tensor
    }

    private func remove(_ node: Node?) -> Gathered? {
        guard let node else { return nil }
        defer { gradients[node.identifier] = nil }
        return gradients[node.identifier]
    }

    /// The bytes kept for the backward pass, each storage counted once.
    package var savedBytes: Int {
        var seen = Set<ObjectIdentifier>()
        var total = 0
        for step in steps {
            for tensor in step.saved where seen.insert(ObjectIdentifier(tensor.storage)).inserted {
                total += tensor.storage.byteCount
            }
        }
        return total
    }

    /// Walks back from `outputs`, each with the gradient of the loss with respect to it, and releases every step
    /// as soon as it is done. A scalar loss starts with a gradient of one.
    ///
    /// `whenDone` is called with each parameter once no step is left that adds to its gradient or reads its value: it may
    /// change both.
    package func backward(from outputs: [(tensor: Tensor, gradient: Tensor)], whenDone: ((Parameter) -> Void)? = nil) {
        for (tensor, gradient) in outputs { accumulate(gradient, into: tensor.node) }
        while let last = steps.popLast() {
            last.backward(on: self)
            guard let whenDone else { continue }
            for parameter in last.parameters {
                let left = uses[ObjectIdentifier(parameter), default: 1] - 1
                uses[ObjectIdentifier(parameter)] = left
                if left == 0 { whenDone(parameter) }
            }
        }
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
