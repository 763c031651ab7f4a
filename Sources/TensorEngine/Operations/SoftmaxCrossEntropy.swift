import CKernels

extension Tensor {
    /// Cross entropy of logits `[N, K]` with class indices in `0..<K`; a scalar, as the overload with soft targets.
    package static func softmaxCrossEntropy(_ logits: Tensor, targets: [Int32], labelSmoothing: Float = 0) -> Tensor {
        precondition(targets.count == logits.shape[0], "softmaxCrossEntropy: \(targets.count) targets for \(logits.shape)")
        let classes = logits.shape[1]
        let soft = Tensor.zeros(logits.shape)
        for (row, target) in targets.enumerated() {
            precondition(target >= 0 && Int(target) < classes, "softmaxCrossEntropy: class \(target) of \(classes)")
            soft.floats[row * classes + Int(target)] = 1
        }
        return softmaxCrossEntropy(logits, targets: soft, labelSmoothing: labelSmoothing)
    }

    /// Cross entropy of logits z `[N, K]` with target distributions t `[N, K]`; a scalar.
    ///
    /// With t' = (1 − ε)·t + ε/K (Szegedy et al., 2015) it is the mean over N of −Σ t'·log softmax(z);
    /// ∂z = (softmax(z)·Σt' − t') / N.
    package static func softmaxCrossEntropy(_ logits: Tensor, targets: Tensor, labelSmoothing: Float = 0) -> Tensor {
        precondition(
            logits.shape.rank == 2 && logits.shape == targets.shape, "softmaxCrossEntropy: \(logits.shape) with \(targets.shape)")
        let rows = logits.shape[0], classes = logits.shape[1]
        let smoothed = targets.copy(), probabilities = Tensor.uninitialized(logits.shape)
        if labelSmoothing > 0 {
            for i in 0..<smoothed.count {
                smoothed.floats[i] = (1 - labelSmoothing) * smoothed.floats[i] + labelSmoothing / Float(classes)
            }
        }
        var losses = [Double](repeating: 0, count: rows)
        withExtendedLifetime((logits.storage, smoothed.storage, probabilities.storage)) {
            losses.withUnsafeMutableBufferPointer { losses in
                let from = logits.floats, wanted = smoothed.floats, to = probabilities.floats
                nonisolated(unsafe) let losses = losses
                parallelFor(rows, grain: max(1, (1 << 13) / max(1, classes))) { range in
                    for row in range {
                        let start = row * classes
                        losses[row] = ty_softmax_cross_entropy(from + start, wanted + start, to + start, classes)
                    }
                }
            }
        }
        let result = Tensor([Float(losses.reduce(0, +) / Double(max(1, rows)))], shape: [])
        guard let node = logits.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(
            SoftmaxCrossEntropyStep(logits: node, targets: smoothed, probabilities: probabilities, output: output.node))
        return output
    }
}

private struct SoftmaxCrossEntropyStep: GradientStep {
    let logits: Tape.Node
    let targets, probabilities: Tensor
    let output: Tape.Node?
    let name = "softmaxCrossEntropy"
    var saved: [Tensor] { [targets, probabilities] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output), logits.needsGradient else { return }
        let rows = targets.shape[0], classes = targets.shape[1]
        let factor = gradient.scalar / Float(max(1, rows))
        withExtendedLifetime((targets.storage, probabilities.storage)) {
            let wanted = targets.floats, to = probabilities.floats
            parallelFor(rows, grain: max(1, (1 << 13) / max(1, classes))) { range in
                for row in range {
                    ty_softmax_cross_entropy_gradient(wanted + row * classes, factor, to + row * classes, classes)
                }
            }
        }
        // The step is released after this, so the probabilities' memory is the gradient's.
        tape.accumulate(probabilities, into: logits)
    }
}
