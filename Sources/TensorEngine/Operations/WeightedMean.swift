import CKernels

extension Tensor {
    /// Scalar Σ x·w / n over the n elements of x, w of x's shape and constant; ∂x = ∂y·w / n.
    package static func weightedMean(_ x: Tensor, weights: Tensor) -> Tensor {
        precondition(x.shape == weights.shape, "weightedMean: shapes \(x.shape) and \(weights.shape)")
        let sum = withExtendedLifetime((x.storage, weights.storage)) {
            let a = x.floats, b = weights.floats
            return sumOverBlocks(x.count) { range in ty_dot(a + range.lowerBound, b + range.lowerBound, range.count) }
        }
        let result = Tensor([Float(sum / Double(max(1, x.count)))], shape: [])
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(WeightedMeanStep(x: node, weights: weights.detached, output: output.node))
        return output
    }
}

/// Adds up `body` over fixed blocks, in order, so that the sum does not depend on the number of threads.
func sumOverBlocks(_ count: Int, _ body: (Range<Int>) -> Double) -> Double {
    let block = 1 << 14
    var partial = [Double](repeating: 0, count: (count + block - 1) / block)
    partial.withUnsafeMutableBufferPointer { partial in
        nonisolated(unsafe) let partial = partial
        parallelFor(partial.count, grain: 2) { range in
            for index in range { partial[index] = body((index * block)..<min(count, (index + 1) * block)) }
        }
    }
    return partial.reduce(0, +)
}

private struct WeightedMeanStep: GradientStep {
    let x: Tape.Node
    let weights: Tensor
    let output: Tape.Node?
    let name = "weightedMean"
    var saved: [Tensor] { [weights] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output), x.needsGradient else { return }
        let result = Tensor.uninitialized(weights.shape)
        let factor = gradient.scalar / Float(max(1, weights.count))
        withExtendedLifetime(weights.storage) { ty_scale(weights.floats, factor, result.floats, weights.count) }
        tape.accumulate(result, into: x)
    }
}
