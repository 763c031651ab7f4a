import TensorEngine

/// Stochastic gradient descent by torch's rule: g += λθ; b = μb + g (b = g the first time); θ −= η(g + μb) with
/// Nesterov's momentum (Sutskever et al., 2013), θ −= ηb without.
package final class SGD: Optimizer {
    package var groups: [ParameterGroup]
    private let nesterov: Bool
    private let slots = OptimizerSlots(names: ["momentum_buffer"])

    package init(_ groups: [ParameterGroup], nesterov: Bool = false) {
        self.groups = groups
        self.nesterov = nesterov
    }

    package func step() {
        for group in groups {
            for parameter in group.parameters where parameter.requiresGradient && parameter.hasGradient {
                guard let gradient = parameter.gradient else { continue }
                let slot = slots.advance(parameter)
                OptimizerKernels.sgd(
                    value: parameter.value, gradient: gradient, momentumBuffer: slot.tensors[0],
                    learningRate: group.learningRate, momentum: group.momentum, weightDecay: group.weightDecay,
                    nesterov: nesterov, isFirst: slot.step == 1)
            }
        }
    }

    package func exportState() -> [NamedTensor] { slots.export(groups.flatMap(\.parameters)) }

    package func importState(_ state: [NamedTensor]) throws(OptimizerStateError) {
        try slots.restore(state, parameters: groups.flatMap(\.parameters))
    }
}
