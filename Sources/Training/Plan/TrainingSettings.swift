import NeuralNetworks

/// Which optimiser a run takes: one that follows from its length, or one by name with all its settings.
package enum OptimizerChoice: Codable, Sendable, Equatable {
    /// SGD for long runs and AdamW for short ones, with rates that suit them; nil is their usual weight decay.
    case automatic(weightDecay: Double?)
    case named(OptimizerConfiguration)

    static let automaticName = "auto"

    package var name: String {
        switch self {
        case .automatic: Self.automaticName
        case .named(let configuration): configuration.name.rawValue
        }
    }

    private enum CodingKeys: String, CodingKey { case name, kwargs }
    private struct AutomaticOptions: Codable {
        var weightDecay: Double?
        enum CodingKeys: String, CodingKey { case weightDecay = "weight_decay" }
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        if try keys.decode(String.self, forKey: .name) == Self.automaticName {
            self = .automatic(weightDecay: try keys.decodeIfPresent(AutomaticOptions.self, forKey: .kwargs)?.weightDecay)
        } else {
            self = .named(try OptimizerConfiguration(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .automatic(let weightDecay):
            var keys = encoder.container(keyedBy: CodingKeys.self)
            try keys.encode(Self.automaticName, forKey: .name)
            try keys.encode(AutomaticOptions(weightDecay: weightDecay), forKey: .kwargs)
        case .named(let configuration): try configuration.encode(to: encoder)
        }
    }
}

/// A bound on gradients: on their joint norm, or on each element where `maxValue` is set.
package struct GradientClipping: Codable, Sendable, Equatable {
    package var apply = true
    package var maxNorm: Double? = 10
    package var maxValue: Double?

    enum CodingKeys: String, CodingKey {
        case apply
        case maxNorm = "max_norm", maxValue = "max_value"
    }

    package init() {}

    /// The bound on the norm of all gradients together, where there is one.
    var jointNorm: Double? { apply && maxValue == nil ? maxNorm : nil }
}

/// A fixed number of batches for each optimiser step, in place of the schedule's nominal batch size.
package struct GradientAccumulation: Codable, Sendable, Equatable {
    package var apply = false
    package var batches = 1

    package init() {}
}

/// How the learning rate goes over a run: in JSON the schedule's name and settings with the warm-up beside them.
package struct ScheduleChoice: Codable, Sendable, Equatable {
    package enum Interval: String, Codable, Sendable, CaseIterable { case epoch, step }

    package var curve = LearningRateSchedule(.linear)
    /// What the curve counts; nil counts what the run counts, and steps for one-cycle.
    package var interval: Interval?
    /// Epochs, or optimiser steps where `warmupSteps` is set, over which the rate rises to the curve's.
    package var warmupEpochs: Double? = 3
    package var warmupSteps: Int?
    /// Where the warm-up starts, as a share of the curve's rate.
    package var warmupStartFactor = 0.0
    /// Where momentum starts in the warm-up; nil is 0.8 for the automatic optimiser and does not move it for others.
    package var warmupMomentum: Double?
    /// Gradients of several batches are added up until this many images have been seen.
    package var nominalBatchSize: Int

    enum CodingKeys: String, CodingKey {
        case interval
        case warmupEpochs = "warmup_epochs", warmupSteps = "warmup_steps", warmupStartFactor = "warmup_start_factor"
        case warmupMomentum = "warmup_momentum", nominalBatchSize = "nominal_batch_size"
    }

    package init(nominalBatchSize: Int) { self.nominalBatchSize = nominalBatchSize }

    package init(from decoder: any Decoder) throws {
        curve = try LearningRateSchedule(from: decoder)
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        interval = try keys.decodeIfPresent(Interval.self, forKey: .interval)
        warmupEpochs = try keys.decodeIfPresent(Double.self, forKey: .warmupEpochs)
        warmupSteps = try keys.decodeIfPresent(Int.self, forKey: .warmupSteps)
        warmupStartFactor = try keys.decode(Double.self, forKey: .warmupStartFactor)
        warmupMomentum = try keys.decodeIfPresent(Double.self, forKey: .warmupMomentum)
        nominalBatchSize = try keys.decode(Int.self, forKey: .nominalBatchSize)
    }

    package func encode(to encoder: any Encoder) throws {
        try curve.encode(to: encoder)
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encodeIfPresent(interval, forKey: .interval)
        try keys.encodeIfPresent(warmupEpochs, forKey: .warmupEpochs)
        try keys.encodeIfPresent(warmupSteps, forKey: .warmupSteps)
        try keys.encode(warmupStartFactor, forKey: .warmupStartFactor)
        try keys.encodeIfPresent(warmupMomentum, forKey: .warmupMomentum)
        try keys.encode(nominalBatchSize, forKey: .nominalBatchSize)
    }
}

/// The strength of mixing images in pairs: the parameter of the symmetric beta distribution that shares are drawn from; 0 is off.
package struct ImageMixing: Codable, Sendable, Equatable {
    package var alpha = 0.0

    package init() {}
}

/// The average of the weights over training that is evaluated and kept.
package struct AverageChoice: Codable, Sendable, Equatable {
    package var apply = true
    package var decay = 0.9999
    package var tau = 2000.0

    package init() {}
}

/// Ending a run that no longer gets better.
package struct EarlyStopping: Codable, Sendable, Equatable {
    package var apply = true
    /// Evaluations without a better result that are borne.
    package var patience = 100
    /// How much better the fitness must be to count.
    package var minDelta = 0.0

    enum CodingKeys: String, CodingKey {
        case apply, patience
        case minDelta = "min_delta"
    }

    package init() {}
}

/// Decoded images that are kept on the disk for later epochs and runs, as those beyond what stays in memory are decoded again otherwise.
package struct ImageCacheChoice: Codable, Sendable, Equatable {
    package var apply = false
    /// The most that the images of all runs take; the oldest make room.
    package var gibibytes = 16.0

    package init() {}

    package var byteLimit: Int { Int(gibibytes * 1_073_741_824) }
}
