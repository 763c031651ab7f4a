import Glibc

/// How the learning rate falls over training: a pure function of progress, so resuming needs no state.
package struct LearningRateSchedule: Sendable, Codable, Hashable {
    package enum Shape: String, Sendable, Codable, CaseIterable {
        case constant, linear, cosine
    }

    package var shape: Shape
    /// The factor at the end, as a fraction of the initial rate.
    package var finalFraction: Double

    package init(_ shape: Shape, finalFraction: Double = 0.01) {
        self.shape = shape
        self.finalFraction = finalFraction
    }

    /// The factor of the initial rate at `progress`, 0 at the start and 1 at the end; clamped to that range.
    package func factor(at progress: Double) -> Double {
        let position = min(max(progress, 0), 1)
        return switch shape {
        case .constant: 1
        case .linear: (1 - position) * (1 - finalFraction) + finalFraction
        case .cosine: (1 - cos(position * .pi)) / 2 * (finalFraction - 1) + 1
        }
    }
}

/// The first steps of training, in which settings move linearly from a start value to their target.
package struct WarmUp: Sendable, Codable, Hashable {
    /// Steps that it takes; zero turns it off.
    package var steps: Int
    /// Where biases' learning rate starts; all others start at zero.
    package var biasLearningRate: Double
    /// Where momentum starts.
    package var momentum: Double

    package init(steps: Int, biasLearningRate: Double = 0.1, momentum: Double = 0.8) {
        self.steps = steps
        self.biasLearningRate = biasLearningRate
        self.momentum = momentum
    }

    /// True while `step`, counted from zero, is within the warm-up.
    package func isActive(at step: Int) -> Bool { steps > 0 && step <= steps }

    /// `target` once the warm-up is over.
    package func learningRate(at step: Int, target: Double, isBias: Bool) -> Double {
        interpolate(at: step, from: isBias ? biasLearningRate : 0, to: target)
    }

    package func momentum(at step: Int, target: Double) -> Double {
        interpolate(at: step, from: momentum, to: target)
    }

    /// Batches whose gradients are gathered for one update, from one to `nominal`.
    package func accumulation(at step: Int, nominal: Int) -> Int {
        max(1, Int(interpolate(at: step, from: 1, to: Double(nominal)).rounded(.toNearestOrEven)))
    }

    private func interpolate(at step: Int, from start: Double, to target: Double) -> Double {
        guard isActive(at: step) else { return target }
        return start + (target - start) * Double(step) / Double(steps)
    }
}
