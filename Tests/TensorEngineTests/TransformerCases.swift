import Foundation
import TensorEngine

/// Normalisation of rows, linear layers with prologue and residual, and the operations on tokens.
enum TransformerCases {
    static var all: [OperationCase] {
        [[5, 7], [2, 3, 33], [70, 3], [0, 4], [3, 1]].map(layerNorm) + linears + tokens + AttentionCases.all
    }

    // MARK: Layer norm

    static func normalize(_ x: Reference, _ weight: Reference, _ bias: Reference) -> Reference {
        let width = weight.count
        var result = x
        for start in stride(from: 0, to: x.count, by: width) {
            let row = x.values[start..<start + width]
            let mean = row.reduce(0, +) / Double(width)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            for c in 0..<width {
                result.values[start + c] = (x.values[start + c] - mean) / (variance + 1e-5).squareRoot() * weight.values[c] + bias.values[c]
            }
        }
        return result
    }

    private static func parameters(_ weight: Parameter, _ bias: Parameter) -> LayerNormParameters {
        LayerNormParameters(weight: weight, bias: bias, epsilon: 1e-5)
    }

    private static func layerNorm(_ shape: [Int]) -> OperationCase {
        let width = shape[shape.count - 1]
        return OperationCase(
            name: "layerNorm \(shape)", inputs: [shape], parameters: [[width], [width]],
            speedInputs: width == 33 ? [[4, 56, 56, 33]] : nil, tolerance: 1e-4,
            run: { x, p in [.layerNorm(x[0], parameters(p[0], p[1]))] },
            reference: { x, p in [normalize(x[0], p[0], p[1])] })
    }

    // MARK: Linear layers

    static func product(_ x: Reference, _ weight: Reference, _ bias: Reference) -> Reference {
        let inner = weight.shape[1], outputs = weight.shape[0], rows = x.shape.dropLast().reduce(1, *)
        var result = Reference(x.shape.dropLast() + [outputs])
        for row in 0..<rows {
            for output in 0..<outputs {
                result.values[row * outputs + output] = (0..<inner).reduce(bias.values[output]) {
                    $0 + x.values[row * inner + $1] * weight.values[output * inner + $1]
                }
            }
        }
        return result
    }

    private static var linears: [OperationCase] {
        [[2, 3, 5], [0, 3, 5], [41, 1, 5]].flatMap { shape in
            [
                OperationCase(
                    name: "linear of a layer norm \(shape)", inputs: [shape], parameters: [[4, 5], [4], [5], [5]], tolerance: 1e-4,
                    run: { x, p in
                        [.linear(x[0], weight: p[0], bias: p[1], prologue: .layerNorm(parameters(p[2], p[3])))]
                    },
                    reference: { x, p in [product(normalize(x[0], p[2], p[3]), p[0], p[1])] }),
                OperationCase(
                    name: "linear of a GELU added to a residual \(shape)", inputs: [shape, Array(shape.dropLast()) + [4]],
                    parameters: [[4, 5], [4]], tolerance: 5e-5,
                    run: { x, p in
                        [.linear(x[0], weight: p[0], bias: p[1], prologue: .activation(.gelu), residual: LinearResidual(x[1]))]
                    },
                    reference: { x, p in [added(x[1], product(activated(x[0]), p[0], p[1]))] }),
                OperationCase(
                    name: "linear scaled by channel and image \(shape)", inputs: [shape, Array(shape.dropLast()) + [4]],
                    parameters: [[4, 5], [4], [4, 1, 1]], tolerance: 1e-4,
                    run: { x, p in
                        let residual = LinearResidual(x[1], scale: p[2], factors: factors(shape[0]).map { Float($0) })
                        return [.linear(x[0], weight: p[0], bias: p[1], prologue: .activation(.silu), residual: residual)]
                    },
                    reference: { x, p in
                        var branch = product(activated(x[0], .silu), p[0], p[1])
                        for index in branch.values.indices {
                            branch.values[index] *= p[2].values[index % 4] * factors(shape[0])[index / (shape[1] * 4)]
                        }
                        return [added(x[1], branch)]
                    }),
            ]
        } + [
            OperationCase(
                name: "linear without a bias added to its own input twice", inputs: [[3, 4]], parameters: [[4, 4], [4], [4]],
                tolerance: 1e-4,
                run: { x, p in
                    let first = Tensor.linear(x[0], weight: p[0], bias: nil, residual: LinearResidual(x[0]))
                    return [.linear(
                        first, weight: p[0], bias: nil, prologue: .layerNorm(parameters(p[1], p[2])),
                        residual: LinearResidual(first, factors: [0.5, 0, 2]))]
                },
                reference: { x, p in
                    let none = Reference([4]), first = added(x[0], product(x[0], p[0], none))
                    var branch = product(normalize(first, p[1], p[2]), p[0], none)
                    for index in branch.values.indices { branch.values[index] *= [0.5, 0, 2][index / 4] }
                    return [added(first, branch)]
                })
        ]
    }

    private static func factors(_ images: Int) -> [Double] { (0..<images).map { [2, 0, 0.5][$0 % 3] } }

    private static func activated(_ x: Reference, _ kind: Activation = .gelu) -> Reference {
        Reference(x.shape, x.values.map { OperationCases.activate(kind, $0) })
    }

    private static func added(_ a: Reference, _ b: Reference) -> Reference {
        Reference(a.shape, zip(a.values, b.values).map { $0 + $1 })
    }

    // MARK: Tokens

    private static var tokens: [OperationCase] {
        [[2, 3, 5], [0, 3, 5], [3, 0, 2]].map { (shape: [Int]) -> OperationCase in
            let length = shape[1], width = shape[2]
            return OperationCase(
                name: "prependToken \(shape)", inputs: [shape], parameters: [[1, 1, width], [1, length + 1, width]],
                run: { x, p in [.prependToken(x[0], token: p[0], positions: p[1])] },
                reference: { x, p in
                    var result = Reference([shape[0], length + 1, width])
                    for index in result.values.indices {
                        let image = index / ((length + 1) * width), place = index % ((length + 1) * width)
                        let value = place < width ? p[0].values[place] : x[0].values[image * length * width + place - width]
                        result.values[index] = value + p[1].values[place]
                    }
                    return [result]
                })
        } + [[2, 3, 5], [0, 3, 5], [1, 1, 4]].map { (shape: [Int]) -> OperationCase in
            OperationCase(
                name: "firstToken \(shape)", inputs: [shape],
                run: { x, _ in [.firstToken(x[0]), .activation(x[0], .silu)] },
                reference: { x, _ in
                    let width = shape[2], length = shape[1] * width
                    let first = (0..<shape[0] * width).map { x[0].values[$0 / width * length + $0 % width] }
                    return [Reference([shape[0], width], first), activated(x[0], .silu)]
                })
        } + [[2, 4, 6, 3], [1, 3, 5, 2], [2, 1, 1, 3], [0, 4, 4, 2]].map { (shape: [Int]) -> OperationCase in
            OperationCase(
                name: "mergePatches \(shape)", inputs: [shape], speedInputs: shape[1] == 4 ? [[4, 56, 56, 96]] : nil,
                run: { x, _ in [.mergePatches(x[0])] },
                reference: { x, _ in
                    let channels = shape[3]
                    var result = Reference([shape[0], (shape[1] + 1) / 2, (shape[2] + 1) / 2, 4 * channels])
                    for n in 0..<shape[0] {
                        for h in 0..<shape[1] {
                            for w in 0..<shape[2] {
                                for c in 0..<channels {
                                    result[n, h / 2, w / 2, (h % 2 + 2 * (w % 2)) * channels + c] = x[0][n, h, w, c]
                                }
                            }
                        }
                    }
                    return [result]
                })
        }
    }
}
