import Catalog
import Datasets
import Foundation
import Training

extension TaskKind {
    /// A plan of nothing but the task's defaults.
    func emptyPlan() throws -> RunPlan {
        guard let task = DatasetTask(rawValue: rawValue) else { throw WorkbenchError(.invalid, "The task \"\(rawValue)\" cannot be trained.") }
        return RunPlan(task: task, architecture: "", imageSize: 0)
    }
}

extension RunConfiguration {
    /// The configuration that a JSON text describes, every default filled in, or all that is wrong with it.
    package static func reading(_ json: String, name: String, version: String) -> (configuration: RunConfiguration?, problems: [ConfigurationProblem]) {
        switch Workbench.validator.validate(json: Data(json.utf8)) {
        case .success(let plan): (try? RunConfiguration(name: name, version: version, plan: plan), [])
        case .failure(let error): (nil, error.issues.map(ConfigurationProblem.init))
        }
    }
}

extension ConfigurationProblem {
    init(_ issue: ConfigurationIssue) {
        self.init(path: issue.path, found: issue.found, allowed: issue.allowed, nearest: issue.nearest, message: issue.message)
    }
}

extension Workbench {
    // MARK: Beginning

    package func configuration(blueprint key: String, task: TaskKind? = nil, dataset: String? = nil) throws -> RunConfiguration {
        let builtIn = BlueprintSummary.builtIn(named: key)
        let part = try builtIn == nil ? blueprintPart(key) : nil
        var wanted = task
        if wanted == nil, case .string(let name)? = part?["runform"]?["task_type"] { wanted = TaskKind(rawValue: name) }
        let draft: RunDraft
        if let dataset {
            let chosen = try self.dataset(dataset)
            if let wanted, wanted != chosen.task {
                throw WorkbenchError(
                    .invalid, "The dataset \"\(chosen.name)\" is made for \(chosen.task.rawValue), not for \(wanted.rawValue); choose another dataset.")
            }
            draft = try self.draft(on: chosen)
        } else {
            draft = try defaultDraft(task: wanted ?? .objectDetection)
        }
        var plan = try plan(for: draft)
        let isQuick = builtIn == .quickStart
        if !isQuick, part == nil {
            // Full Configuration counts steps.
            plan.trainKwargs.nGlobalSteps = try estimate(plan: plan, cores: draft.cores).totalSteps
            plan.trainKwargs.nEpochs = nil
        }
        var configuration = try RunConfiguration(name: draft.name, version: isQuick ? "1.0" : "0.1", plan: plan)
        if let part {
            configuration.name = try "\(self.dataset(draft.train.datasetID).name)-\(blueprint(key).name)"
            configuration.lay(part)
        }
        return configuration
    }

    package func configuration(run key: String) throws -> RunConfiguration {
        try withCatalog {
            let run = try store.run(key)
            var plan = try RunPlan.stored(Data(run.configuration.utf8))
            // A run writes down which labels "all" were.
            if let dataset = try plan.runform.trainData.datasets.first.map({ try store.dataset($0.id) }), dataset.labels == plan.runform.labels {
                plan.runform.labels = []
            }
            return try RunConfiguration(name: run.name, version: run.version, plan: plan)
        }
    }

    // MARK: Checking

    package func problems(of configuration: RunConfiguration) -> [ConfigurationProblem] {
        func problem(_ path: String, _ message: String) -> ConfigurationProblem {
            ConfigurationProblem(path: path, found: "", allowed: [], nearest: nil, message: message)
        }
        var problems: [ConfigurationProblem] = []
        if configuration.name.allSatisfy(\.isWhitespace) { problems.append(problem("name", "The run has no name; type one.")) }
        if configuration.version.allSatisfy(\.isWhitespace) { problems.append(problem("version", "The run has no version; type one, such as 1.0.")) }
        for side in DataSide.allCases where configuration[side].snapshotID.isEmpty {
            problems.append(problem(side.pointer, "The \(side == .train ? "training" : "validation") data has no snapshot; choose another view, or make one."))
        }
        guard problems.isEmpty else { return problems }
        switch Self.validator.validate(json: configuration.data) {
        case .failure(let error): return error.issues.map(ConfigurationProblem.init)
        case .success(let plan):
            do { _ = try startModel(of: plan) } catch { return [problem("/runform/model/weights", "\(error)")] }
            do { _ = try RunDataAssembly(store: store).assemble(plan) } catch { return [problem(DataSide.train.pointer, "\(error)")] }
            do {
                let limits = resourceLimits(), cores = configuration.cores ?? limits.coresTotal
                let estimate = try estimate(plan: plan, cores: cores)
                let memory = configuration.memoryBytes ?? min(limits.memoryTotalBytes, estimate.peakMemoryBytes)
                if case .unavailable(let reason) = availability(cores: cores, memoryBytes: memory, estimate: estimate) {
                    return [problem("/resources", reason)]
                }
            } catch { return [problem("/runform/model/architecture", "\(error)")] }
            return []
        }
    }

    package func estimate(_ configuration: RunConfiguration) throws -> RunEstimate {
        try estimate(plan: validatePlan(json: configuration.data), cores: configuration.cores ?? resourceLimits().coresTotal)
    }

    package func measuredEstimate(_ configuration: RunConfiguration) throws -> RunEstimate {
        try measuredEstimate(configuration: configuration.data)
    }

    package func submit(_ configuration: RunConfiguration) throws -> String {
        if let problem = problems(of: configuration).first {
            throw WorkbenchError(problem.path == "/resources" ? .outOfResources : .invalid, problem.message)
        }
        return try submit(configuration: configuration.data, name: configuration.name, version: configuration.version)
    }

    // MARK: Data

    package func makeView(dataset: String, name: String, labels: [String], split: String?) throws -> ViewSummary {
        try createView(dataset: dataset, name: name, labels: labels, split: split)
    }

    package func makeSnapshot(view: String, name: String?, splits: SplitAssignment) throws -> SnapshotSummary {
        try createSnapshot(view: view, name: name, splits: splits)
    }
}
