import Catalog
import Datasets
import Training

/// The images a run reads, with labels numbered as the run numbers them.
struct RunData: Sendable {
    var labels: [String]
    var train: [DatasetItem]
    var validation: [DatasetItem]
}

/// Makes a run's data out of the snapshots that its plan names.
struct RunDataAssembly {
    let store: CatalogStore

    /// Reads both sides; says in one sentence what makes training impossible.
    func assemble(_ plan: RunPlan) throws -> RunData {
        let form = plan.runform
        let trainSnapshots = try snapshots(form.trainData, side: "training")
        let validationSnapshots = try snapshots(form.valData, side: "validation")
        var labels = form.labels
        if labels.isEmpty {
            for dataset in try trainSnapshots.map({ try store.dataset($0.datasetID) }) {
                labels += dataset.labels.filter { !labels.contains($0) }
            }
        }
        for snapshot in trainSnapshots + validationSnapshots {
            let dataset = try store.dataset(snapshot.datasetID)
            guard dataset.task == form.taskType.rawValue else {
                throw WorkbenchError(
                    .invalid, "The dataset \"\(dataset.name)\" is made for \(dataset.task), the run for \(form.taskType.rawValue); choose another dataset or task.")
            }
        }
        var data = RunData(labels: labels, train: [], validation: [])
        for snapshot in trainSnapshots {
            data.train += try items(of: snapshot, labels: labels, form: form, side: form.trainData) { $0 == "train" }
        }
        let trainIdentifiers = Set(trainSnapshots.map(\.id))
        for snapshot in validationSnapshots {
            // A snapshot chosen for validation alone may hold nothing but images without a validation split.
            let takesAll = snapshot.valCount == 0 && !trainIdentifiers.contains(snapshot.id)
            data.validation += try items(of: snapshot, labels: labels, form: form, side: form.valData) { takesAll || $0 == "val" }
        }
        try check(data, form: form)
        return data
    }

    private func snapshots(_ side: Training.DataSelection, side name: String) throws -> [SnapshotRecord] {
        guard !side.datasets.isEmpty else { throw WorkbenchError(.invalid, "No \(name) snapshot is chosen; choose a dataset, a view and a snapshot.") }
        return try side.datasets.map { try store.snapshot($0.versionID) }
    }

    private func items(
        of snapshot: SnapshotRecord, labels: [String], form: RunForm, side: Training.DataSelection, isIncluded: (String?) -> Bool
    ) throws -> [DatasetItem] {
        let own = try store.dataset(snapshot.datasetID).labels
        let numbers = own.map { labels.firstIndex(of: $0) }
        return try store.items(ofSnapshot: snapshot.id).filter { isIncluded($0.split) }.compactMap { item in
            let annotations = item.annotations.compactMap { annotation -> ItemAnnotation? in
                guard let label = numbers[annotation.label] else { return nil }
                return ItemAnnotation(
                    label: label,
                    box: annotation.box.map { DatasetBox(xMin: $0.xMin, yMin: $0.yMin, xMax: $0.xMax, yMax: $0.yMax) },
                    isCrowd: annotation.isCrowd)
            }
            // A classifier has no class for such an image, so only detection can keep it.
            if annotations.isEmpty, form.taskType == .imageClassification || !side.negativeSamples { return nil }
            return item.datasetItem(annotations: annotations)
        }
    }

    private func check(_ data: RunData, form: RunForm) throws {
        guard !data.labels.isEmpty else { throw WorkbenchError(.invalid, "The training data has no labels; import data with annotations.") }
        do throws(DatasetImportError) { try DatasetRules.requireEnough(images: data.train.count, in: "The training data") } catch {
            throw WorkbenchError(.invalid, error.description)
        }
        guard !data.validation.isEmpty else {
            throw WorkbenchError(
                .invalid, "The validation data has no usable image; choose a snapshot with a validation split, for example 80 % train and 20 % val.")
        }
        guard data.train.contains(where: { !$0.annotations.isEmpty }) else {
            throw WorkbenchError(.invalid, "No training image bears one of the chosen labels; choose other labels.")
        }
        if form.taskType == .imageClassification, data.labels.count < 2 {
            throw WorkbenchError(.invalid, "A classifier needs at least two labels; choose more.")
        }
    }
}
