/// What the pages of one run ask of the workbench beside `WorkbenchService`; the same rules hold for every call.
package protocol RunPageService: Sendable {
    /// What an evaluation found; nil while the run has none.
    func evaluation(run: String, _ choice: EvaluationChoice) throws -> RunEvaluation?
    /// How often each of the run's labels occurs in what it trains and validates on.
    func labelDistribution(run: String) throws -> [LabelCount]
    /// A picture file decoded and reduced to sides of at most `side` pixels; tens of milliseconds.
    func picture(file: String, side: Int) throws -> PictureContent
    /// Lines written after the one with the given id, oldest first, the newest `count` of them; 0 reads from the start.
    func log(run: String, after: Int64, count: Int) throws -> [LogLine]
    /// A run's checkpoints with their size and what was measured at their step, oldest first.
    func checkpointDetails(run: String) throws -> [CheckpointDetail]
    /// Writes a checkpoint's weights as a safetensors file of a model; seconds for a large one.
    func exportCheckpoint(run: String, path: String, to file: String) throws
    /// Makes a further model of a checkpoint; returns its id; seconds for a large one.
    func makeModel(run: String, checkpoint path: String, name: String) throws -> String
}

/// Which of a run's evaluations is meant.
package enum EvaluationChoice: String, Sendable, Codable, CaseIterable {
    case best, newest
}

/// An upright picture: 8-bit RGB, rows from the top.
package struct PictureContent: Sendable, Equatable {
    package var width: Int
    package var height: Int
    package var pixels: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}

/// A checkpoint with what is known of it.
package struct CheckpointDetail: Sendable, Equatable, Codable {
    package var checkpoint: CheckpointSummary
    /// Nil when the file is gone.
    package var byteCount: Int?
    /// What was measured at its step, the main measure first.
    package var values: [RunEvaluation.Value]

    package init(checkpoint: CheckpointSummary, byteCount: Int?, values: [RunEvaluation.Value]) {
        self.checkpoint = checkpoint
        self.byteCount = byteCount
        self.values = values
    }
}
