import Foundation
import TensorEngine

/// Every operation besides convolution and linear, at ordinary, odd and empty shapes.
enum OperationCases {
    static var all: [OperationCase] {
        activations + elementwise + ImageAndChannelCases.all + joins + pools + losses + BatchNormCases.all + TransformerCases.all
    }

    /// f(x) in double precision.
    static func activate(_ kind: Activation, _ x: Double) -> Double {
        let hardSigmoid = min(max(x + 3, 0), 6) / 6
        return switch kind {
        case .identity: x
        case .relu: max(x, 0)
        case .relu6: min(max(x, 0), 6)
        case .silu: x / (1 + exp(-x))
        case .hardSwish: x * hardSigmoid
        case .hardSigmoid: hardSigmoid
        case .sigmoid: 1 / (1 + exp(-x))
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        }
    }

    private static var activations: [OperationCase] {
        Activation.allCases.flatMap { kind in
            [[3, 37], [0, 5]].map { shape in
                OperationCase(
                    name: "activation \(kind) \(shape)", inputs: [shape],
                    speedInputs: shape[0] > 0 ? [[8, 80, 80, 64]] : nil,
                    run: { x, _ in [.activation(x[0], kind)] },
                    reference: { x, _ in [Reference(x[0].shape, x[0].values.map { activate(kind, $0) })] })
            }
        }
    }

    private static var elementwise: [OperationCase] {
        [[2, 3, 5, 7], [0, 3]].map { shape in
            OperationCase(
                name: "add \(shape)", inputs: [shape, shape], speedInputs: shape[0] > 0 ? [[8, 80, 80, 64], [8, 80, 80, 64]] : nil,
                run: { x, _ in [.add(x[0], x[1])] },
                reference: { x, _ in [Reference(x[0].shape, zip(x[0].values, x[1].values).map { $0 + $1 })] })
        } + [
            OperationCase(
                name: "add of one tensor to itself", inputs: [[4, 3]], run: { x, _ in [.add(x[0], x[0])] },
                reference: { x, _ in [Reference(x[0].shape, x[0].values.map { 2 * $0 })] }),
            OperationCase(
                name: "reshape beside another use", inputs: [[2, 6]],
                run: { x, _ in [.reshape(x[0], [3, 4]), .activation(x[0], .silu)] },
                reference: { x, _ in
                    [Reference([3, 4], x[0].values), Reference([2, 6], x[0].values.map { activate(.silu, $0) })]
                }),
        ] + [[2, 3, 5, 7], [3, 1, 1, 33], [2, 0, 4, 3]].map { shape in
            OperationCase(
                name: "scaleChannels \(shape)", inputs: [shape, [shape[0], 1, 1, shape[3]]],
                speedInputs: shape[1] == 3 ? [[8, 56, 56, 64], [8, 1, 1, 64]] : nil,
                run: { x, _ in [.scaleChannels(x[0], by: x[1])] },
                reference: { x, _ in
                    let channels = shape[3], pixels = shape[1] * shape[2]
                    return [Reference(shape, x[0].values.indices.map { i in
                        x[0].values[i] * x[1].values[i / (pixels * channels) * channels + i % channels]
                    })]
                })
        }
    }

    private static var joins: [OperationCase] {
        [
            join([[2, 3, 2, 5], [2, 3, 2, 1], [2, 3, 2, 8]], axis: 3, speed: [[8, 40, 40, 64], [8, 40, 40, 128], [8, 40, 40, 64]]),
            join([[2, 3, 4], [2, 1, 4], [2, 0, 4]], axis: 1),
            join([[1, 4], [3, 4]], axis: 0),
            split([2, 3, 2, 9], [4, 4, 1], speed: [8, 40, 40, 128]),
            split([3, 4], [0, 4]),
            OperationCase(
                name: "a part of a split left unused", inputs: [[3, 5]],
                run: { x, _ in [Tensor.splitChannels(x[0], sizes: [2, 3])[1]] },
                reference: { x, _ in [slice(x[0], axis: 1, from: 2, extent: 3)] }),
        ]
    }

    /// The elements whose index along `axis` is in `from ..< from + extent`.
    private static func slice(_ x: Reference, axis: Int, from: Int, extent: Int) -> Reference {
        let inner = x.shape[(axis + 1)...].reduce(1, *)
        var shape = x.shape
        shape[axis] = extent
        return Reference(shape, x.values.indices.filter {
            (from..<from + extent).contains($0 / inner % x.shape[axis])
        }.map { x.values[$0] })
    }

    private static func join(_ shapes: [[Int]], axis: Int, speed: [[Int]]? = nil) -> OperationCase {
        OperationCase(
            name: "concatenate \(shapes) along \(axis)", inputs: shapes, speedInputs: speed,
            run: { x, _ in [axis == shapes[0].count - 1 ? .concatenateChannels(x) : .concatenate(x, axis: axis)] },
            reference: { x, _ in
                var shape = shapes[0]
                shape[axis] = shapes.reduce(0) { $0 + $1[axis] }
                let outer = shape[..<axis].reduce(1, *)
                return [Reference(shape, (0..<outer).flatMap { row in
                    x.flatMap { part in
                        let length = part.count / max(1, outer)
                        return part.values[row * length..<(row + 1) * length]
                    }
                })]
            })
    }

    private static func split(_ shape: [Int], _ sizes: [Int], speed: [Int]? = nil) -> OperationCase {
        OperationCase(
            name: "splitChannels \(shape) into \(sizes)", inputs: [shape], speedInputs: speed.map { [$0] },
            run: { x, _ in
                Tensor.splitChannels(x[0], sizes: x[0].shape[-1] == shape[shape.count - 1] ? sizes : [64, 64])
            },
            reference: { x, _ in
                sizes.indices.map { slice(x[0], axis: shape.count - 1, from: sizes[..<$0].reduce(0, +), extent: sizes[$0]) }
            })
    }

    private static var losses: [OperationCase] {
        hardLabelLosses + [
            OperationCase(
                name: "softmaxCrossEntropy with soft targets", inputs: [[3, 4]],
                run: { x, _ in
                    let soft = Tensor((0..<12).map { Float($0 % 4) / 5 }, shape: [3, 4])
                    return [.softmaxCrossEntropy(x[0], targets: soft, labelSmoothing: 0.2)]
                },
                reference: { x, _ in [crossEntropy(x[0], smoothing: 0.2) { Double($1) / 5 }] }),
            OperationCase(
                name: "weightedMean", inputs: [[3, 5, 2]],
                run: { x, _ in [.weightedMean(x[0], weights: Tensor((0..<30).map { Float($0) - 9 }, shape: [3, 5, 2]))] },
                reference: { x, _ in
                    var sum = 0.0
                    for (index, value) in x[0].values.enumerated() { sum += value * Double(index - 9) }
                    return [Reference([], [sum / 30])]
                }),
        ]
    }

    private static var hardLabelLosses: [OperationCase] {
        [[4, 7], [1, 1]].flatMap { (shape: [Int]) -> [OperationCase] in
            [Float(0), 0.1].map { (smoothing: Float) -> OperationCase in
                OperationCase(
                    name: "softmaxCrossEntropy \(shape), smoothing \(smoothing)", inputs: [shape],
                    speedInputs: shape[0] > 1 ? [[256, 1000]] : nil,
                    run: { x, _ in
                        let labels = (0..<x[0].shape[0]).map { Int32($0 * 3 % x[0].shape[1]) }
                        return [.softmaxCrossEntropy(x[0], targets: labels, labelSmoothing: smoothing)]
                    },
                    reference: { x, _ in
                        [crossEntropy(x[0], smoothing: Double(smoothing)) { $0 * 3 % shape[1] == $1 ? 1 : 0 }]
                    })
            }
        }
    }

    private static func crossEntropy(_ x: Reference, smoothing: Double, target: (Int, Int) -> Double) -> Reference {
        let rows = x.shape[0], classes = x.shape[1]
        var total = 0.0
        for row in 0..<rows {
            let logits = x.values[row * classes..<(row + 1) * classes]
            let logSum = log(logits.reduce(0) { $0 + exp($1) })
            for (k, logit) in logits.enumerated() {
                total -= ((1 - smoothing) * target(row, k) + smoothing / Double(classes)) * (logit - logSum)
            }
        }
        return Reference([], [total / Double(rows)])
    }
}
