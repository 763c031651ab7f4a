import Synchronization
import Workbench

/// What forms ask of the workbench in memory.
extension MemoryWorkbench {
    /// A valid configuration with all its defaults.
    static func configuration(task: TaskKind = .objectDetection, length: String = "\"n_epochs\": 20", version: String = "1.0", extra: String = "") -> RunConfiguration? {
        let isDetection = task == .objectDetection
        let id = isDetection ? "d1" : "d2", data = "{\"datasets\": [{\"id\": \"\(id)\", \"version_id\": \"sv\(id)\", \"project_id\": \"default\"}]}"
        let json = """
            {"runform": {"train_data": \(data), "val_data": \(data), "task_type": "\(task.rawValue)", \(extra)
              "model": {"architecture": "\(isDetection ? "YOLOv8_nano" : "resnet18")", "input_size": {"height": 320, "width": 320}}},
             "train_kwargs": {\(length)}, "resources": {"cpu": "2", "memory": "4096Mi"}}
            """
        return RunConfiguration.reading(json, name: isDetection ? "digit-scenes-yolov8n" : "digits-resnet", version: version).configuration
    }

    func blueprints() throws -> [BlueprintSummary] { BlueprintSummary.builtIn + state.withLock { $0.blueprints } }

    func configuration(blueprint: String, task: TaskKind?, dataset: String?) throws -> RunConfiguration {
        let isQuick = blueprint == BlueprintSummary.quickStart.name
        let task = task ?? (dataset == "d2" ? .imageClassification : .objectDetection)
        let found = Self.configuration(task: task, length: isQuick ? "\"n_epochs\": 20" : "\"n_global_steps\": 500", version: isQuick ? "1.0" : "0.1")
        guard let found else { throw WorkbenchError(.failed, "The test's configuration is not valid.") }
        return found
    }

    func configuration(run: String) throws -> RunConfiguration { try configuration(blueprint: "full-configuration", task: nil, dataset: nil) }

    func saveBlueprint(_ name: String, from configuration: RunConfiguration) throws -> BlueprintSummary {
        state.withLock { state in
            let version = state.blueprints.first { $0.name == name }.flatMap { Int($0.version) } ?? 0
            let saved = BlueprintSummary(
                id: name, name: name, title: name, version: "\(version + 1)", note: "YOLOv8_nano, sets 9 values", isBuiltIn: false,
                createdAt: Self.noon, task: configuration.task)
            state.blueprints = state.blueprints.filter { $0.name != name } + [saved]
            return saved
        }
    }

    func renameBlueprint(_ name: String, to new: String) throws {
        state.withLock { state in
            for index in state.blueprints.indices where state.blueprints[index].name == name {
                state.blueprints[index].name = new
                state.blueprints[index].title = new
            }
        }
    }

    func removeBlueprint(_ name: String) throws { state.withLock { $0.blueprints.removeAll { $0.name == name } } }

    func problems(of configuration: RunConfiguration) -> [ConfigurationProblem] {
        RunConfiguration.reading(configuration.json, name: configuration.name, version: configuration.version).problems
    }

    func estimate(_ configuration: RunConfiguration) throws -> RunEstimate {
        if let problem = problems(of: configuration).first { throw WorkbenchError(.invalid, problem.message) }
        let steps = configuration.steps ?? 25 * (configuration.epochs ?? 0)
        return RunEstimate(trainImages: 400, validationImages: 80, stepsPerEpoch: 25, totalSteps: steps, seconds: 120, peakMemoryBytes: 1_288_490_188)
    }

    func measuredEstimate(_ configuration: RunConfiguration) throws -> RunEstimate {
        var estimate = try estimate(configuration)
        estimate.seconds = 97
        estimate.peakMemoryBytes = 987_654_321
        return estimate
    }

    func submit(_ configuration: RunConfiguration) throws -> String {
        try state.withLock { state in
            if let problem = state.submitProblem { throw WorkbenchError(.invalid, problem) }
            state.submitted.append(configuration)
            state.runs.insert(Self.run("new", name: configuration.name, status: .running, progress: 0.1), at: 0)
            state.own.append("new")
            return "new"
        }
    }

    func makeView(dataset: String, name: String, labels: [String], split: String?) throws -> ViewSummary {
        throw WorkbenchError(.invalid, "No image of \"\(dataset)\" passes this filter; choose other labels or another split.")
    }

    func makeSnapshot(view: String, name: String?, splits: SplitAssignment) throws -> SnapshotSummary {
        var train = 400, validation = 80
        if case .drawn(let trainPercent, let valPercent, _, _) = splits { (train, validation) = (48 * trainPercent / 10, 48 * valPercent / 10) }
        let made = SnapshotSummary(
            id: "made", name: name ?? "now", viewID: view, datasetID: String(view.dropFirst()), createdAt: Self.noon + 1, trainCount: train,
            valCount: validation, testCount: 0, labelCounts: Self.labels())
        state.withLock { $0.snapshots.append(made) }
        return made
    }
}
