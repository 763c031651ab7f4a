import TensorEngine

extension Tensor {
    /// Reproducible values, uniform in (-1, 1).
    package static func random(_ shape: Shape, seed: UInt64) -> Tensor {
        var source = RandomSource(seed: seed)
        return Tensor((0..<shape.count).map { _ in source.uniform(-1, 1) }, shape: shape)
    }

    /// Σ weightᵢ·xᵢ as a scalar on the tape: turns any output into a loss whose gradient is known.
    package static func weightedSum(_ x: Tensor, seed: UInt64 = 99) -> Tensor {
        let weights = Tensor.random(x.shape, seed: seed)
        var sum = 0.0
        for (value, weight) in zip(x.array, weights.array) { sum += Double(value) * Double(weight) }
        let result = Tensor([Float(sum)], shape: [1])
        guard let tape = x.node?.tape else { return result }
        let output = tape.output(result)
        tape.record(WeightedSumStep(weights: weights, input: x.node, output: output.node))
        return output
    }
}

private struct WeightedSumStep: GradientStep {
    let weights: Tensor
    let input, output: Tape.Node?
    let name = "weighted sum"
    var saved: [Tensor] { [weights] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let factor = gradient.scalar
        tape.accumulate(Tensor(weights.array.map { $0 * factor }, shape: weights.shape), into: input)
    }
}

/// One place where the tape's gradient and the finite difference are too far apart.
package struct GradientMismatch: CustomStringConvertible, Sendable {
    package let parameter, element: Int
    package let analytic, numeric: Float

    package var description: String {
        "gradient of parameter \(parameter) at element \(element) is \(analytic), finite differences say \(numeric)"
    }
}

/// Compares the tape's gradients of a scalar with central finite differences.
///
/// An input is checked as a parameter whose value enters the tape through `Tape.input(_, needsGradient: true)`: pass it
/// in `inputs`; `body` gets the inputs on the tape in the same order.
/// - Parameters:
///   - parameters: Whose gradient is compared.
///   - inputs: Tensors whose gradient is compared as well, numbered after the parameters.
///   - tolerance: Largest allowed difference, relative to one plus the largest gradient of that tensor.
///   - step: Change of one element; values are 32-bit, so neither too small nor too large.
///   - samples: Elements tried in each tensor, spread evenly.
/// - Returns: All mismatches; a wrong shape of a gradient or a missing one stops the program.
package func checkGradients(
    of parameters: [Parameter], inputs: [Tensor] = [], tolerance: Float = 1e-2, step: Float = 1e-2, samples: Int = 24,
    _ body: (_ tape: Tape, _ inputs: [Tensor]) -> Tensor
) -> [GradientMismatch] {
    func loss() -> Float {
        let tape = Tape()
        return body(tape, inputs.map { tape.input($0, needsGradient: true) }).scalar
    }
    for parameter in parameters { parameter.clearGradient() }
    let tape = Tape()
    let placed = inputs.map { tape.input($0, needsGradient: true) }
    let result = body(tape, placed)
    let nodes = placed.map(\.node)
    tape.backward(from: result)
    let parameterGradients = parameters.map(\.gradient)
    let gradients = parameterGradients + nodes.map { tape.takeGradient(of: $0) }
    var mismatches: [GradientMismatch] = []
    for (index, value) in (parameters.map(\.value) + inputs).enumerated() {
        guard let gradient = gradients[index] else {
            mismatches.append(GradientMismatch(parameter: index, element: -1, analytic: .nan, numeric: .nan))
            continue
        }
        precondition(gradient.shape == value.shape, "a gradient of shape \(gradient.shape) for \(value.shape)")
        let analytic = gradient.array
        let scale = 1 + (analytic.map(abs).max() ?? 0)
        for element in stride(from: 0, to: value.count, by: max(1, value.count / samples)) {
            let before = value.floats[element]
            value.floats[element] = before + step
            let above = loss()
            value.floats[element] = before - step
            let below = loss()
            value.floats[element] = before
            let numeric = (above - below) / (2 * step)
            if !(abs(numeric - analytic[element]) <= tolerance * scale) {
                mismatches.append(
                    GradientMismatch(parameter: index, element: element, analytic: analytic[element], numeric: numeric))
            }
        }
    }
    return mismatches
}

/// As above, with parameters alone.
package func checkGradients(
    of parameters: [Parameter], tolerance: Float = 1e-2, step: Float = 1e-2, _ body: (Tape) -> Tensor
) -> [GradientMismatch] {
    checkGradients(of: parameters, inputs: [], tolerance: tolerance, step: step) { tape, _ in body(tape) }
}
