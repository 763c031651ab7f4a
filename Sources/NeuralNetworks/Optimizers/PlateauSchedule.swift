/// torch's ReduceLROnPlateau: the rate falls when a measure has not become better for some evaluations.
package struct PlateauSchedule: DescribedOptions {
    package enum Mode: String, Codable, Sendable, CaseIterable { case least = "min", most = "max" }
    package enum ThresholdMode: String, Codable, Sendable, CaseIterable { case relative = "rel", absolute = "abs" }

    /// Whether less of the measure is better, or more.
    package var mode = Mode.least
    package var factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = ThresholdMode.relative
    /// Evaluations after a fall that do not count.
    package var coolDown = 0
    package var leastRate = 0.0, epsilon = 1e-8

    package init() {}
}

/// The learning rate of a plateau schedule and what it has seen so far; a value, so that checkpoints can keep it.
package struct PlateauState: Codable, Sendable, Equatable {
    package private(set) var learningRate: Double
    /// nil before the first evaluation.
    private var best: Double?
    private var badEvaluations = 0
    private var coolDownLeft = 0

    package init(learningRate: Double) { self.learningRate = learningRate }

    /// Takes an evaluation's measure in; true when the rate fell.
    package mutating func observe(_ measure: Double, _ schedule: PlateauSchedule) -> Bool {
        if isBetter(measure, schedule) {
            best = measure
            badEvaluations = 0
        } else {
            badEvaluations += 1
        }
        if coolDownLeft > 0 {
            coolDownLeft -= 1
            badEvaluations = 0
        }
        guard badEvaluations > schedule.patience else { return false }
        badEvaluations = 0
        coolDownLeft = schedule.coolDown
        let next = max(learningRate * schedule.factor, schedule.leastRate)
        guard learningRate - next > schedule.epsilon else { return false }
        learningRate = next
        return true
    }

    private func isBetter(_ measure: Double, _ schedule: PlateauSchedule) -> Bool {
        // What is not a number is better than nothing to no one.
        guard let best else { return measure.isFinite }
        return switch (schedule.mode, schedule.thresholdMode) {
        case (.least, .relative): measure < best * (1 - schedule.threshold)
        case (.least, .absolute): measure < best - schedule.threshold
        case (.most, .relative): measure > best * (1 + schedule.threshold)
        case (.most, .absolute): measure > best + schedule.threshold
        }
    }
}

extension PlateauSchedule {
    enum CodingKeys: String, CodingKey {
        case mode, factor, patience, threshold
        case thresholdMode = "threshold_mode", coolDown = "cooldown", leastRate = "min_lr", epsilon = "eps"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&mode, .mode)
        try keys.read(&factor, .factor)
        try keys.read(&patience, .patience)
        try keys.read(&threshold, .threshold)
        try keys.read(&thresholdMode, .thresholdMode)
        try keys.read(&coolDown, .coolDown)
        try keys.read(&leastRate, .leastRate)
        try keys.read(&epsilon, .epsilon)
    }

    package static let settings: [Setting] = [
        Setting("mode", .choice(Mode.allCases.map(\.rawValue)), standard: "\"min\"", "min watches the validation loss, max the fitness"),
        Setting("factor", .number(0...0.9999), standard: "0.1", "what the learning rate is multiplied by"),
        Setting("patience", .integer(0...1_000_000), standard: "10", "evaluations without a better value that are borne"),
        Setting("threshold", .number(0...1e6), standard: "0.0001", "how much better counts"),
        Setting("threshold_mode", .choice(ThresholdMode.allCases.map(\.rawValue)), standard: "\"rel\"", "threshold as a share or as a difference"),
        Setting("cooldown", .integer(0...1_000_000), standard: "0", "evaluations after a fall that do not count"),
        Setting("min_lr", .number(0...1000), standard: "0", "the learning rate falls no lower"),
        Setting("eps", .number(0...1), standard: "1e-08", "a smaller fall is left out"),
    ]
}
