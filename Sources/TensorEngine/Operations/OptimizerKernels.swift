import CKernels
import Glibc

/// Fused optimiser steps on tensors that are changed in place; the rules are torch's.
package enum OptimizerKernels {
    private static let grain = 1 << 14

    /// SGD with momentum over many parameters at once: g = ∂ + λθ; m = μm + g; θ −= η(g + μm) with Nesterov, else η·m. Each
    /// segment is value, gradient, momentum buffer; buffers of zeros make the first step, since μ·0 + g = g.
    package static func sgd(
        segments: TensorSegments, learningRate: Float, momentum: Float, weightDecay: Float, nesterov: Bool
    ) {
        precondition(segments.columns == 3 || segments.count == 0, "sgd: \(segments.columns) tensors a segment")
        segments.forEachRun {
            ty_sgd_step($0[0], $0[1], $0[2], learningRate, momentum, weightDecay, nesterov, $0.count)
        }
    }

    /// Adam (Kingma and Ba, 2014), or AdamW where `decoupled` (Loshchilov and Hutter, 2017), over many parameters at once that
    /// have been updated equally often; each segment is value, gradient, first and second moment. `step` counts from one.
    package static func adam(
        segments: TensorSegments, learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float,
        decoupled: Bool, step: Int
    ) {
        precondition(segments.columns == 4 || segments.count == 0, "adam: \(segments.columns) tensors a segment")
        let rule = adamRule(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            decoupled: decoupled, step: step)
        segments.forEachRun { run in
            withUnsafePointer(to: rule) { ty_adam_step($0, run[0], run[1], run[2], run[3], run.count) }
        }
    }

    private static func adamRule(
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, decoupled: Bool, step: Int
    ) -> ty_adam {
        precondition(step >= 1, "adam: step \(step) is below one")
        return ty_adam(
            learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
            correction1: Float(1 - pow(Double(beta1), Double(step))),
            root_correction2: Float((1 - pow(Double(beta2), Double(step))).squareRoot()), decoupled: decoupled)
    }

    /// average = decay·average + (1 − decay)·value over all segments; each is average, value.
    package static func exponentialAverage(segments: TensorSegments, decay: Float) {
        precondition(segments.columns == 2 || segments.count == 0, "exponentialAverage: \(segments.columns) tensors a segment")
        segments.forEachRun { ty_ema($0[0], $0[1], decay, $0.count) }
    }

    /// Σ x² of one column over all segments, in double; the same on any number of threads.
    package static func sumOfSquares(segments: TensorSegments, column: Int) -> Double {
        sumOverBlocks(segments.count) { range in
            var sum = 0.0
            segments.forEachRun(in: range) { sum += ty_sum_squares($0[column], $0.count) }
            return sum
        }
    }

    /// Multiplies every element of one column by `factor` in place.
    package static func scale(segments: TensorSegments, column: Int, by factor: Float) {
        segments.forEachRun { ty_scale($0[column], factor, $0[column], $0.count) }
    }

    /// Σ x² in double; the same on any number of threads.
    package static func sumOfSquares(_ x: Tensor) -> Double {
        withExtendedLifetime(x.storage) {
            let values = x.floats
            return sumOverBlocks(x.count) { ty_sum_squares(values + $0.lowerBound, $0.count) }
        }
    }

    /// Multiplies every element by `factor` in place.
    package static func scale(_ x: Tensor, by factor: Float) {
        withExtendedLifetime(x.storage) {
            let values = x.floats
            parallelFor(x.count, grain: grain) { range in
                ty_scale(values + range.lowerBound, factor, values + range.lowerBound, range.count)
            }
        }
    }
}
