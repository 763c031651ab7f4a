import Datasets
import NeuralNetworks
import TensorEngine

/// What differs between kinds of runs: batches, loss and measures.
protocol TrainingTask {
    associatedtype Source: BatchSource
    var module: Module { get }
    var trainingSource: Source { get }
    /// Files that could not be read so far, with the reason.
    var unreadableFiles: [String: String] { get }
    /// Whether a batch's loss is a mean over its images; otherwise it grows with them.
    static var averagesImages: Bool { get }
    /// The loss of one batch on the tape, and what to report of it.
    func loss(_ batch: Source.Batch, tape: Tape) throws(TrainingError) -> BatchLoss
    /// Measures the module as it stands on the validation images.
    func evaluate() throws -> TaskEvaluation
}

struct BatchLoss {
    var loss: Tensor
    /// Values that are averaged over the batches of a step.
    var items: [TaggedValue]
    var imageCount: Int
}

struct TaskEvaluation {
    var values: [TaggedValue]
    var perClass: [EvaluationMetrics.PerClass] = []
    var confusion: [Int] = []
    var fitness: Double
    var findings: EvaluationFindings
}
