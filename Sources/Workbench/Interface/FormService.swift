/// What forms ask of the workbench.
package protocol FormService: Sendable {
    /// Those that come with the program first, then the saved ones by name.
    func blueprints() throws -> [BlueprintSummary]
    /// A configuration to begin from: a blueprint on a dataset, or on the sample data of its task, which takes seconds to make.
    func configuration(blueprint: String, task: TaskKind?, dataset: String?) throws -> RunConfiguration
    /// A run's own configuration, to be changed and started as another run.
    func configuration(run: String) throws -> RunConfiguration
    /// Saves what a configuration sets, but for its data and the machine's resources, as the next version of a blueprint.
    func saveBlueprint(_ name: String, from configuration: RunConfiguration) throws -> BlueprintSummary
    func renameBlueprint(_ name: String, to new: String) throws
    func removeBlueprint(_ name: String) throws

    /// What keeps a configuration from being submitted; empty when it is fine.
    func problems(of configuration: RunConfiguration) -> [ConfigurationProblem]
    /// A quick estimate, by counting.
    func estimate(_ configuration: RunConfiguration) throws -> RunEstimate
    /// An estimate by training a few steps until two tries agree, some seconds each.
    func measuredEstimate(_ configuration: RunConfiguration) throws -> RunEstimate
    /// Stores the run, queues it in this process and returns its id.
    func submit(_ configuration: RunConfiguration) throws -> String

    /// Saves a filter over a dataset: images that bear one of the labels (empty: any) and belong to a split (nil: any).
    func makeView(dataset: String, name: String, labels: [String], split: String?) throws -> ViewSummary
    /// Freezes a view with its split.
    func makeSnapshot(view: String, name: String?, splits: SplitAssignment) throws -> SnapshotSummary
}
