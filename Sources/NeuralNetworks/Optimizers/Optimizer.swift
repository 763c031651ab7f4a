import TensorEngine

/// Parameters that share an optimiser's settings; all settings may change between steps.
package struct ParameterGroup {
    package let parameters: [Parameter]
    package var learningRate: Float
    package var weightDecay: Float
    /// SGD's momentum; the adaptive optimisers use `betas`.
    package var momentum: Float
    package var betas: (first: Float, second: Float)

    package init(
        _ parameters: [Parameter], learningRate: Float, weightDecay: Float = 0, momentum: Float = 0,
        betas: (first: Float, second: Float) = (0.9, 0.999)
    ) {
        self.parameters = parameters
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.momentum = momentum
        self.betas = betas
    }
}

/// Changes parameters by their gathered gradients; parameters without a gradient stay as they are.
package protocol Optimizer: AnyObject {
    var groups: [ParameterGroup] { get set }
    /// One update of every parameter that has a gradient.
    func step()
    /// Everything but the groups' settings, so that training resumes bit for bit.
    func exportState() -> [NamedTensor]
    /// Takes over exported state; throws when it belongs to other parameters.
    func importState(_ state: [NamedTensor]) throws(OptimizerStateError)
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

/// The tensors that an optimiser keeps beside each parameter, made when a parameter is first updated.
final class OptimizerSlots {
    /// One parameter's tensors and the number of its updates.
    struct Slot {
        var step = 0
        var tensors: [Tensor]
    }

    private let names: [String]
    private var slots: [ObjectIdentifier: Slot] = [:]

    init(names: [String]) { self.names = names }

    /// Counts one more update of `parameter` and gives its slot; a new slot starts with zeros.
    func advance(_ parameter: Parameter) -> Slot {
        let identifier = ObjectIdentifier(parameter)
        var slot = slots[identifier] ?? Slot(tensors: names.map { _ in .zeros(parameter.shape) })
        slot.step += 1
        slots[identifier] = slot
        return slot
    }

    /// Keys are `<index over all groups>.<name>` and `<index>.step`.
    func export(_ parameters: [Parameter]) -> [NamedTensor] {
        parameters.enumerated().flatMap { index, parameter -> [NamedTensor] in
            guard let slot = slots[ObjectIdentifier(parameter)] else { return [] }
            let step = NamedTensor(key: "\(index).step", shape: [], values: .int64([Int64(slot.step)]))
            return [step] + zip(names, slot.tensors).map { name, tensor in
                NamedTensor(key: "\(index).\(name)", shape: tensor.shape.dimensions, values: .float32(tensor.array))
            }
        }
    }

    func restore(_ state: [NamedTensor], parameters: [Parameter]) throws(OptimizerStateError) {
        var remaining = Dictionary(state.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var restored: [ObjectIdentifier: Slot] = [:]
        for (index, parameter) in parameters.enumerated() {
            guard let saved = remaining.removeValue(forKey: "\(index).step") else { continue }
            guard case .int64(let steps) = saved.values, let step = steps.first, steps.count == 1, step >= 0 else {
                throw .malformed(key: saved.key, expected: [], found: saved.shape)
            }
            var slot = Slot(step: Int(step), tensors: [])
            for name in names {
                let key = "\(index).\(name)"
                guard let entry = remaining.removeValue(forKey: key) else { throw .missing(key: key) }
                slot.tensors.append(try entry.tensor(shape: parameter.shape))
            }
            restored[ObjectIdentifier(parameter)] = slot
        }
        if let key = remaining.keys.min() { throw .unknown(key: key) }
        slots = restored
    }
}

extension StateDictionary.Entry {
    /// The entry as a float tensor of exactly this shape.
    func tensor(shape: Shape) throws(OptimizerStateError) -> Tensor {
        guard case .float32(let values) = values, self.shape == shape.dimensions, values.count == shape.count else {
            throw .malformed(key: key, expected: shape.dimensions, found: self.shape)
        }
        return Tensor(values, shape: shape)
    }
}

/// Scales all gradients so that their joint Euclidean norm is at most `maximumNorm`, by torch's rule
/// min(1, maximum/(norm + 1e-6)), and gives the norm from before.
@discardableResult
package func clipGradients(_ parameters: [Parameter], maximumNorm: Float) -> Float {
    let gradients = parameters.compactMap { $0.hasGradient ? $0.gradient : nil }
    let norm = Float(gradients.reduce(0.0) { $0 + OptimizerKernels.sumOfSquares($1) }.squareRoot())
    let coefficient = maximumNorm / (norm + 1e-6)
    if coefficient < 1 {
        for gradient in gradients { OptimizerKernels.scale(gradient, by: coefficient) }
    }
    return norm
}
