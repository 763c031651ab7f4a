import Catalog
import Datasets
import Foundation

extension Workbench {
    // MARK: Datasets

    /// Reads a folder into the catalogue, its images by reference, with a view "all" and a first snapshot of it.
    ///
    /// The snapshot takes the splits that the folder gives; where it gives no validation images, 20 % are drawn.
    /// Takes seconds to minutes: every image's header is read.
    @discardableResult
    package func importDataset(at url: URL, format: String = "auto", name: String? = nil) throws(WorkbenchError) -> DatasetSummary {
        guard let format = DatasetFormat(rawValue: format) else {
            let known = DatasetFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw WorkbenchError(.invalid, "The format \"\(format)\" is not known; choose one of \(known).")
        }
        let imported: ImportedDataset
        do { imported = try DatasetImporter.importDataset(at: url.standardizedFileURL, format: format) } catch {
            let kind: WorkbenchError.Kind = if case .notAFolder = error { .notFound } else { .invalid }
            throw WorkbenchError(kind, error.description)
        }
        return try withCatalog {
            let report = String(decoding: try JSONEncoder().encode(imported.report), as: UTF8.self)
            let dataset = DatasetRecord(
                name: try uniqueDatasetName(name ?? imported.name), task: imported.task.rawValue, root: imported.root.path,
                format: imported.format.rawValue, createdAt: Self.now, labels: imported.labels, report: report,
                problemCount: imported.report.problems.count)
            try store.insert(dataset: dataset, items: imported.items.map(ItemRecord.init))
            let view = try createView(dataset: dataset.id, name: "all", labels: [], split: nil)
            let hasValidation = imported.items.contains { $0.split == .val }
            try createSnapshot(
                view: view.id, name: nil,
                splits: hasValidation ? .given : .drawn(trainPercent: 80, valPercent: 20, testPercent: 0, seed: 0))
            return try summary(of: store.dataset(dataset.id))
        }
    }

    private func uniqueDatasetName(_ wanted: String) throws -> String {
        let taken = Set(try store.datasets().map(\.name))
        guard taken.contains(wanted) else { return wanted }
        var number = 2
        while taken.contains("\(wanted)-\(number)") { number += 1 }
        return "\(wanted)-\(number)"
    }

    package func datasets() throws -> [DatasetSummary] {
        try withCatalog { try store.datasets().map(summary(of:)) }
    }

    /// By id or name.
    package func dataset(_ key: String) throws(WorkbenchError) -> DatasetSummary {
        try withCatalog { try summary(of: store.dataset(key)) }
    }

    /// What the import found wrong, in the order of finding.
    package func importProblems(dataset key: String) throws(WorkbenchError) -> [ImportProblemSummary] {
        try withCatalog {
            let report = try JSONDecoder().decode(ImportReport.self, from: Data(store.dataset(key).report.utf8))
            return report.problems.map {
                ImportProblemSummary(file: $0.file, reason: $0.reason.rawValue, detail: $0.detail, line: $0.line)
            }
        }
    }

    /// Forgets a dataset; its files stay. Refuses while runs refer to it.
    package func removeDataset(_ key: String) throws(WorkbenchError) {
        try withCatalog { try store.removeDataset(store.dataset(key).id) }
    }

    private func summary(of dataset: DatasetRecord) throws -> DatasetSummary {
        let splits = try store.splitCounts(ofDataset: dataset.id)
        let snapshot = try store.views(dataset: dataset.id).first.flatMap { try store.snapshots(view: $0.id).last }
        return DatasetSummary(
            id: dataset.id, name: dataset.name, task: TaskKind(rawValue: dataset.task) ?? .objectDetection, root: dataset.root,
            format: dataset.format, createdAt: dataset.createdAt, imageCount: dataset.itemCount,
            trainCount: splits["train"] ?? 0, valCount: splits["val"] ?? 0, testCount: splits["test"] ?? 0,
            labels: snapshot?.labelCounts.map { LabelCount(name: $0.name, trainCount: $0.train, valCount: $0.val) }
                ?? dataset.labels.map { LabelCount(name: $0, trainCount: 0, valCount: 0) },
            problemCount: dataset.problemCount)
    }

    // MARK: Views

    package func views(dataset: String) throws -> [ViewSummary] {
        try withCatalog { try store.views(dataset: store.dataset(dataset).id).map(Self.summary(of:)) }
    }

    package func allViews() throws(WorkbenchError) -> [ViewSummary] {
        try withCatalog { try store.views().map(Self.summary(of:)) }
    }

    package func view(_ key: String) throws(WorkbenchError) -> ViewSummary {
        try withCatalog { Self.summary(of: try store.view(key)) }
    }

    /// Saves a filter: images that bear one of `labels` (empty: any) and belong to `split` (nil: any).
    @discardableResult
    package func createView(dataset key: String, name: String, labels: [String], split: String?) throws(WorkbenchError) -> ViewSummary {
        try withCatalog {
            let dataset = try store.dataset(key)
            let unknown = labels.filter { !dataset.labels.contains($0) }
            guard unknown.isEmpty else {
                throw WorkbenchError(
                    .invalid, "The dataset \"\(dataset.name)\" has no label \"\(unknown[0])\"; it has \(dataset.labels.joined(separator: ", ")).")
            }
            if let split, DatasetSplit(rawValue: split) == nil {
                throw WorkbenchError(.invalid, "The split \"\(split)\" is not known; choose train, val or test.")
            }
            var view = ViewRecord(
                datasetID: dataset.id, name: name, createdAt: Self.now, labels: labels, split: split, itemCount: 0)
            view.itemCount = try items(of: view, in: dataset).count
            guard view.itemCount > 0 else {
                throw WorkbenchError(.invalid, "No image of \"\(dataset.name)\" passes this filter; choose other labels or another split.")
            }
            try store.insert(view: view)
            return Self.summary(of: view)
        }
    }

    private func items(of view: ViewRecord, in dataset: DatasetRecord) throws -> [ItemRecord] {
        let wanted = Set(view.labels.compactMap { dataset.labels.firstIndex(of: $0) })
        return try store.items(ofDataset: dataset.id).filter { item in
            (view.split == nil || item.split == view.split)
                && (wanted.isEmpty || item.annotations.contains { wanted.contains($0.label) })
        }
    }

    private static func summary(of view: ViewRecord) -> ViewSummary {
        ViewSummary(
            id: view.id, name: view.name, datasetID: view.datasetID, createdAt: view.createdAt, labels: view.labels,
            split: view.split, imageCount: view.itemCount)
    }

    // MARK: Snapshots

    package func snapshots(view: String) throws -> [SnapshotSummary] {
        try withCatalog { try store.snapshots(view: store.view(view).id).map(Self.summary(of:)) }
    }

    package func allSnapshots() throws(WorkbenchError) -> [SnapshotSummary] {
        try withCatalog { try store.snapshots().map(Self.summary(of:)) }
    }

    package func snapshot(_ key: String) throws(WorkbenchError) -> SnapshotSummary {
        try withCatalog { Self.summary(of: try store.snapshot(key)) }
    }

    /// Freezes a view: its images, and which of them train and which validate. The default name is the time.
    @discardableResult
    package func createSnapshot(view key: String, name: String?, splits: SplitAssignment) throws(WorkbenchError) -> SnapshotSummary {
        try withCatalog {
            let view = try store.view(key)
            let dataset = try store.dataset(view.datasetID)
            let items = try items(of: view, in: dataset)
            let assignment = try SplitDrawing.assign(items, splits: splits)
            var counts = dataset.labels.map { StoredLabelCount(name: $0, train: 0, val: 0, test: 0) }
            var images: [DatasetSplit: Int] = [:]
            for (item, split) in zip(items, assignment) {
                images[split, default: 0] += 1
                for annotation in item.annotations {
                    switch split {
                    case .train: counts[annotation.label].train += 1
                    case .val: counts[annotation.label].val += 1
                    case .test: counts[annotation.label].test += 1
                    }
                }
            }
            let snapshot = SnapshotRecord(
                viewID: view.id, datasetID: dataset.id, name: name ?? Self.timeName(Self.now), createdAt: Self.now,
                trainCount: images[.train] ?? 0, valCount: images[.val] ?? 0, testCount: images[.test] ?? 0, labelCounts: counts)
            try store.insert(snapshot: snapshot, assignment: zip(items, assignment).map { ($0.id, $1.rawValue) })
            return Self.summary(of: snapshot)
        }
    }

    private static func summary(of snapshot: SnapshotRecord) -> SnapshotSummary {
        SnapshotSummary(
            id: snapshot.id, name: snapshot.name, viewID: snapshot.viewID, datasetID: snapshot.datasetID,
            createdAt: snapshot.createdAt, trainCount: snapshot.trainCount, valCount: snapshot.valCount,
            testCount: snapshot.testCount,
            labelCounts: snapshot.labelCounts.map { LabelCount(name: $0.name, trainCount: $0.train, valCount: $0.val) })
    }

    private static func timeName(_ time: Double) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm"
        return formatter.string(from: Date(timeIntervalSince1970: time))
    }
}
