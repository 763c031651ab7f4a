import TensorEngine

/// Adam (Kingma and Ba, 2014) by torch's rule; weight decay is added to the gradient.
package class Adam: Optimizer {
    package var groups: [ParameterGroup]
    private let epsilon: Float
    private let slots = OptimizerSlots(names: ["exp_avg", "exp_avg_sq"])

    package init(_ groups: [ParameterGroup], epsilon: Float = 1e-8) {
        self.groups = groups
        self.epsilon = epsilon
    }

    /// True when weight decay shrinks the value itself instead of joining the gradient.
    var isDecoupled: Bool { false }

    package final func step() {
        for group in groups {
            for parameter in group.parameters where parameter.requiresGradient && parameter.hasGradient {
                guard let gradient = parameter.gradient else { continue }
                let slot = slots.advance(parameter)
                OptimizerKernels.adam(
                    value: parameter.value, gradient: gradient, first: slot.tensors[0], second: slot.tensors[1],
                    learningRate: group.learningRate, beta1: group.betas.first, beta2: group.betas.second, epsilon: epsilon,
                    weightDecay: group.weightDecay, decoupled: isDecoupled, step: slot.step)
            }
        }
    }

    package final func exportState() -> [NamedTensor] { slots.export(groups.flatMap(\.parameters)) }

    package final func importState(_ state: [NamedTensor]) throws(OptimizerStateError) {
        try slots.restore(state, parameters: groups.flatMap(\.parameters))
    }
}

/// Adam with decoupled weight decay, θ −= ηλθ before the update (Loshchilov and Hutter, 2017), by torch's rule.
package final class AdamW: Adam {
    override var isDecoupled: Bool { true }
}
