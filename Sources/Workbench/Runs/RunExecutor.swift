import Foundation
import Training

/// A run that is ready to train: its plan with the data read.
struct RunJob: Sendable {
    var id: String
    var name: String
    var plan: RunPlan
    var data: RunData
    var directory: URL
    /// The checkpoint to continue from.
    var resumeFrom: URL?
    /// The safetensors file to start from.
    var startWeights: URL?
    /// Where decoded images are kept when the plan wants it, for all runs together.
    var imageFolder: URL
    var cores: Int
}

/// What carries a run out, on the thread that calls it, until it ends.
protocol RunExecutor: Sendable {
    func execute(_ job: RunJob, control: RunControl, emit: (RunEvent) -> Void) throws -> RunResult
}
