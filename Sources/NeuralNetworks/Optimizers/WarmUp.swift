/// The first steps of training, in which settings move linearly from a start value to what the schedule wants by then.
package struct WarmUp: Sendable, Codable, Hashable {
    /// Steps that it takes; zero turns it off.
    package var steps: Int
    /// Where the learning rate starts, as a share of the schedule's.
    package var startFactor: Double
    /// Where momentum starts.
    package var momentum: Double

    package init(steps: Int, startFactor: Double = 0, momentum: Double = 0.8) {
        self.steps = steps
        self.startFactor = startFactor
        self.momentum = momentum
    }

    /// True while `step`, counted from zero, is within the warm-up.
    package func isActive(at step: Int) -> Bool { steps > 0 && step <= steps }

    /// `target` once the warm-up is over.
    package func learningRate(at step: Int, target: Double) -> Double {
        interpolate(at: step, from: startFactor * target, to: target)
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
