import Foundation

/// A named number: a loss or a measure under the tag that charts and files use.
package struct TaggedValue: Sendable, Equatable, Codable {
    package var tag: String
    package var value: Double

    package init(tag: String, value: Double) {
        self.tag = tag
        self.value = value
    }
}

/// One optimiser step.
package struct StepMetrics: Sendable, Equatable {
    /// Optimiser steps done, and how many the run has in all.
    package var step: Int
    package var totalSteps: Int
    /// Epochs done, with the fraction of the current one.
    package var epoch: Double
    package var totalEpochs: Int
    /// Under `train/box_loss`, `train/cls_loss`, `train/dfl_loss`, `train/loss`.
    package var losses: [TaggedValue]
    package var learningRate: Double
    package var imagesPerSecond: Double
    /// The step's wall time, and the part of it spent waiting for the next batch.
    package var seconds: Double
    package var waitSeconds: Double
}

/// What an evaluation found.
package struct EvaluationMetrics: Sendable, Equatable {
    package struct PerClass: Sendable, Equatable {
        package var label: String
        package var values: [TaggedValue]
    }

    package var step: Int
    package var epoch: Int
    /// Under `metrics/…` and `val/…`.
    package var values: [TaggedValue]
    package var perClass: [PerClass]
    /// `confusion[truth * labels + prediction]`; empty for detection.
    package var confusion: [Int]
    /// The number that decides which checkpoint is the best, and whether this is the best so far.
    package var fitness: Double
    package var isBest: Bool
    package var seconds: Double
    /// The file that holds all of it (`EvaluationRecord`); nil when it could not be written.
    package var record: URL?
}

/// A checkpoint that is safely on the disk.
package struct CheckpointInfo: Sendable, Equatable {
    package enum Kind: String, Sendable, Codable { case last, best, periodic }

    /// A safetensors file that `TrainingLoop` resumes from and `Checkpoint.weights` exports from.
    package var url: URL
    package var step: Int
    package var epoch: Int
    package var kind: Kind
    package var byteCount: Int
}

/// Memory and time of a finished run.
package struct RunFigures: Sendable, Equatable, Codable {
    package var steps = 0
    package var seconds = 0.0
    package var waitSeconds = 0.0
    /// The middle of all steps' wall times, in seconds.
    package var medianStepSeconds = 0.0
    package var imagesPerSecond = 0.0
    /// The most bytes that tensors held at once.
    package var peakTensorBytes = 0
}

/// What a run tells the world while it goes.
package enum RunEvent: Sendable {
    package enum Level: String, Sendable, Codable { case info, warning, error }

    /// The run's present work in a few words: "preparing data", "training", "evaluating".
    case phase(String)
    case step(StepMetrics)
    case evaluation(EvaluationMetrics)
    case checkpoint(CheckpointInfo)
    case log(Level, String)
    case finished(RunResult)
}

/// How a run ended, when it did not fail.
package struct RunResult: Sendable, Equatable {
    package enum Outcome: String, Sendable, Codable {
        case success
        /// A stop was asked for; the state is saved.
        case terminated
    }

    package var outcome: Outcome
    /// Why it ended, in one sentence.
    package var message: String
    package var step: Int
    package var epoch: Int
    /// The values of the best evaluation, empty when none was reached.
    package var bestValues: [TaggedValue]
    package var bestCheckpoint: URL?
    package var lastCheckpoint: URL?
    package var figures: RunFigures
}
