/// What there is to choose from for a configuration, and what the configuration would cost.
package struct FormOffers: Sendable, Equatable {
    /// The configuration that this is about; a missing snapshot is filled in.
    package var configuration: RunConfiguration
    /// Datasets of the configuration's task.
    package var datasets: [DatasetSummary]
    package var views: [DataSide: [ViewSummary]]
    /// The view of each side: the one asked for, or that of the side's snapshot.
    package var viewIDs: [DataSide: String]
    /// The snapshots of each side's view.
    package var snapshots: [DataSide: [SnapshotSummary]]
    /// Ready models of the task.
    package var models: [ModelSummary]
    /// Every architecture of the task, smallest first.
    package var architectures: [ArchitectureSummary]
    /// The three that Quick Start offers.
    package var usualArchitectures: [ArchitectureSummary]
    package var limits: ResourceLimits
    /// Nil while the configuration is not valid.
    package var estimate: RunEstimate?
    package var availability: ResourceAvailability?
    package var problems: [ConfigurationProblem]

    package func dataset(_ side: DataSide) -> DatasetSummary? { datasets.first { $0.id == configuration[side].datasetID } }

    package func view(_ side: DataSide) -> ViewSummary? { views[side]?.first { $0.id == viewIDs[side] } }

    package func snapshot(_ side: DataSide) -> SnapshotSummary? {
        snapshots[side]?.first { $0.id == configuration[side].snapshotID }
    }

    /// How often each label occurs in the data that is chosen.
    package var labelCounts: [LabelCount] {
        let validation = Dictionary(
            (snapshot(.validation)?.labelCounts ?? []).map { ($0.name, $0.valCount) }, uniquingKeysWith: { first, _ in first })
        return (snapshot(.train)?.labelCounts ?? []).map {
            LabelCount(name: $0.name, trainCount: $0.trainCount, valCount: validation[$0.name] ?? $0.valCount)
        }
    }
}

extension WorkbenchService {
    /// Looks up what a form can offer. `views` names the view of a side where it was just chosen.
    package func offers(for wanted: RunConfiguration, views chosen: [DataSide: String] = [:]) throws -> FormOffers {
        var configuration = wanted
        var views: [DataSide: [ViewSummary]] = [:], viewIDs: [DataSide: String] = [:], snapshots: [DataSide: [SnapshotSummary]] = [:]
        for side in DataSide.allCases where !configuration[side].datasetID.isEmpty {
            let all = try self.views(dataset: configuration[side].datasetID)
            views[side] = all
            let current = configuration[side].snapshotID
            var view = chosen[side].flatMap { wanted in all.first { $0.id == wanted } }
            if view == nil, !current.isEmpty { view = try all.first { try self.snapshots(view: $0.id).contains { $0.id == current } } }
            guard let view = view ?? all.first else { continue }
            viewIDs[side] = view.id
            let frozen = try self.snapshots(view: view.id)
            snapshots[side] = frozen
            if !frozen.contains(where: { $0.id == current }) {
                configuration[side].snapshotID = frozen.max { $0.createdAt < $1.createdAt }?.id ?? ""
            }
        }
        let task = configuration.task
        let labels = configuration.labels.isEmpty
            ? snapshots[.train]?.first { $0.id == configuration[.train].snapshotID }?.labelCounts.count ?? 0 : configuration.labels.count
        let estimate = try? estimate(configuration)
        let limits = resourceLimits()
        return FormOffers(
            configuration: configuration, datasets: try datasets().filter { $0.task == task }, views: views, viewIDs: viewIDs,
            snapshots: snapshots, models: try models().filter { $0.task == task && $0.status == .ready },
            architectures: try architectures(task: task, classes: max(1, labels)),
            usualArchitectures: try quickStartArchitectures(task: task, classes: max(1, labels)), limits: limits, estimate: estimate,
            availability: estimate.map {
                availability(
                    cores: configuration.cores ?? limits.coresTotal,
                    memoryBytes: configuration.memoryBytes ?? min(limits.memoryTotalBytes, $0.peakMemoryBytes), estimate: $0)
            }, problems: problems(of: configuration))
    }
}
