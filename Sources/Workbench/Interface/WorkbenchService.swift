/// What screens and commands ask of the workbench; `Workbench` is the real one, tests give their own.
///
/// Every call may read the disk and returns within milliseconds unless its comment says otherwise.
/// What is thrown is a `WorkbenchError`: its description is one sentence that says what to do next.
package protocol WorkbenchService: MetricReading, RunTableService, RunComparing, FormService, RunPageService {
    func datasets() throws -> [DatasetSummary]
    func views(dataset: String) throws -> [ViewSummary]
    func snapshots(view: String) throws -> [SnapshotSummary]
    func models() throws -> [ModelSummary]
    /// Takes a file of weights into the catalogue, or says in the report why not; seconds for a large file.
    func importModel(_ request: ModelImportRequest) throws -> ModelImportReport
    /// All architectures of a task, smallest first. `classes` sizes the heads for the counts.
    func architectures(task: TaskKind, classes: Int) throws -> [ArchitectureSummary]
    /// The three that Quick Start offers: one small, one medium, one large.
    func quickStartArchitectures(task: TaskKind, classes: Int) throws -> [ArchitectureSummary]

    func resourceLimits() -> ResourceLimits
    func availability(cores: Int, memoryBytes: Int, estimate: RunEstimate) -> ResourceAvailability

    /// Runs of this process that wait or train.
    var ownRuns: [String] { get }
    /// Takes a line that something in this process wrote past the screen into the logs of the runs that train here.
    func noteOutput(_ line: String)
    func run(_ id: String) throws -> RunDetail
    /// Points of one series written after the point with the given id; 0 reads all.
    func metricSeries(run: String, tag: String, after: Int64) throws -> [MetricPoint]
    /// The last lines, oldest first.
    func logTail(run: String, count: Int) throws -> [LogLine]

    /// Asks a live run, in whatever process, to finish its step, save and end as terminated.
    func abort(run: String) throws
    /// Deletes a finished run and its folder. Refuses while it is live or a model of it is in use; never touches data.
    func remove(run: String) throws
    /// Continues a finished run from a checkpoint, or from its last one.
    func resume(run: String, checkpoint: String?) throws
    /// Starts a finished run again from its beginning, as a further attempt.
    func rerun(run: String) throws
}
