import TensorEngine

/// Parameters that share an optimiser's settings; the settings may change between steps, as a schedule wants it.
package struct ParameterGroup {
    package let parameters: [Parameter]
    package var learningRate: Float
    package var weightDecay: Float
    /// Momentum, or the first of the betas where the rule has betas.
    package var momentum: Float

    package init(_ parameters: [Parameter], learningRate: Float, weightDecay: Float = 0, momentum: Float = 0) {
        self.parameters = parameters
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.momentum = momentum
    }

    /// These settings for some of the parameters.
    func with(_ parameters: [Parameter]) -> ParameterGroup {
        ParameterGroup(parameters, learningRate: learningRate, weightDecay: weightDecay, momentum: momentum)
    }
}

/// Changes parameters by their gradients; parameters without a gradient stay as they are.
package protocol Optimizer: AnyObject {
    var groups: [ParameterGroup] { get set }
    /// One step from where the parameters stand. `evaluate` clears and gathers the gradients of the present values and gives
    /// their loss. Most rules call it once, before they change anything; L-BFGS calls it again along its line. What it throws
    /// ends the step; the rules that call it once have then changed nothing.
    /// - Returns: the loss at the start of the step.
    @discardableResult
    func step<Failure: Error>(_ evaluate: () throws(Failure) -> Double) throws(Failure) -> Double
    /// Everything but the groups' settings, so that training resumes bit for bit.
    var stateSources: [StateSource] { get }
    /// Takes over exported state; throws when it belongs to other parameters.
    func importState(_ state: [NamedTensor]) throws(OptimizerStateError)
}

extension Optimizer {
    /// A copy of the state.
    package func exportState() -> [NamedTensor] { stateSources.map(\.entry) }
}

/// An optimiser that calls `evaluate` once and keeps tensors beside each parameter.
package protocol SlotOptimizer: Optimizer {
    var slots: OptimizerSlots { get }
    /// Changes the parameters of `groups` by their gathered gradients; each parameter by itself, so that they may come in parts.
    func update(_ groups: [ParameterGroup])
}

extension SlotOptimizer {
    @discardableResult
    package func step<Failure: Error>(_ evaluate: () throws(Failure) -> Double) throws(Failure) -> Double {
        let loss = try evaluate()
        update(groups)
        return loss
    }

    package var stateSources: [StateSource] { slots.sources(groups) }

    package func importState(_ state: [NamedTensor]) throws(OptimizerStateError) { try slots.restore(state, groups: groups) }
}

/// Why saved optimiser or averaging state does not fit.
package enum OptimizerStateError: Error, Equatable, CustomStringConvertible {
    case missing(key: String)
    case unknown(key: String)
    case malformed(key: String, expected: [Int], found: [Int])

    package var description: String {
        switch self {
        case .missing(let key):
            "The saved optimiser state lacks \(key); resume with the optimiser that wrote the checkpoint."
        case .unknown(let key):
            "The saved optimiser state has the unknown tensor \(key); resume with the network and optimiser that wrote the checkpoint."
        case .malformed(let key, let expected, let found):
            "The saved optimiser state's tensor \(key) has shape \(found) where \(expected) is needed; resume with the network that wrote the checkpoint."
        }
    }
}
