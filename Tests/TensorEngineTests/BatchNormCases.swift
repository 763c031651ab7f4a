import TensorEngine

/// Batch norm in both modes, under every activation, with and without a residual, over few and many channels.
enum BatchNormCases {
    static var all: [OperationCase] {
        Activation.allCases.flatMap { activation in
            [true, false].flatMap { isTraining in
                [true, false].map { hasResidual in
                    make([2, 3, 2, 5], isTraining: isTraining, activation: activation, hasResidual: hasResidual)
                }
            }
        } + [
            // More channels than a wide row of few channels holds.
            make([3, 1, 1, 300], isTraining: true, activation: .silu, hasResidual: false),
            make([1, 1, 1, 3], isTraining: false, activation: .silu, hasResidual: false),
            make([0, 4, 4, 3], isTraining: true, activation: .silu, hasResidual: false),
            make([0, 4, 4, 3], isTraining: false, activation: .relu, hasResidual: true),
        ]
    }

    static func make(_ shape: [Int], isTraining: Bool, activation: Activation, hasResidual: Bool) -> OperationCase {
        let channels = shape[shape.count - 1], isTimed = channels == 5 && isTraining
        return OperationCase(
            name: "batchNorm \(shape) \(isTraining ? "training" : "evaluation") \(activation)\(hasResidual ? " + residual" : "")",
            inputs: hasResidual ? [shape, shape] : [shape], parameters: [[channels], [channels]],
            speedInputs: isTimed ? [[Int]](repeating: [8, 80, 80, 5 * 13], count: hasResidual ? 2 : 1) : nil,
            run: { x, parameters in
                let width = x[0].shape[-1]
                let own = width == channels ? parameters : [1, 0].map { Parameter(.filled([width], with: $0)) }
                return [.batchNorm(
                    x[0], weight: own[0], bias: own[1],
                    runningMean: Tensor((0..<width).map { Float($0 % 3) - 1 }, shape: [width]),
                    runningVariance: Tensor((0..<width).map { Float($0 % 4) + 0.5 }, shape: [width]), momentum: 0.1,
                    epsilon: 1e-3, isTraining: isTraining, activation: activation, residual: hasResidual ? x[1] : nil)]
            },
            reference: { x, parameters in
                var y = Reference(shape)
                for c in 0..<channels {
                    let own = stride(from: c, to: y.count, by: channels)
                    let n = Double(y.count / channels)
                    var mean = Double(c % 3) - 1, variance = Double(c % 4) + 0.5
                    if isTraining {
                        mean = own.reduce(0) { $0 + x[0].values[$1] } / n
                        variance = own.reduce(0) { $0 + (x[0].values[$1] - mean) * (x[0].values[$1] - mean) } / n
                    }
                    for i in own {
                        let normal = (x[0].values[i] - mean) / (variance + Double(Float(1e-3))).squareRoot()
                        let z = normal * parameters[0].values[c] + parameters[1].values[c] + (hasResidual ? x[1].values[i] : 0)
                        y.values[i] = OperationCases.activate(activation, z)
                    }
                }
                return [y]
            })
    }
}
