import Catalog
import Datasets
import Foundation
import ModelFiles
import Training

/// Turns a run's best checkpoint into a model of the catalogue.
struct ModelPublisher {
    let store: CatalogStore
    let home: URL

    /// Copies the weights to `models/<id>/model.safetensors`, with what a reader needs in the file's metadata.
    ///
    /// A run has one model; a resumed run replaces it.
    func publish(run: RunRecord, data: RunData, result: RunResult, checkpoint: URL) throws {
        let state = try Checkpoint.weights(from: checkpoint)
        let identifier = try store.models(run: run.id).first?.id ?? CatalogStore.newIdentifier()
        let folder = home.appendingPathComponent("models").appendingPathComponent(identifier)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("model.safetensors")
        let labels = String(decoding: try JSONEncoder().encode(data.labels), as: UTF8.self)
        let plan = try RunPlan.stored(Data(run.configuration.utf8))
        // Prediction prepares its pictures as evaluation did.
        let pipeline = String(decoding: try JSONEncoder().encode(ClassificationPipeline(plan.runform)), as: UTF8.self)
        let metadata = [
            "format": "pt", "architecture": run.architecture, "task": run.task, "labels": labels, "image_size": "\(run.imageSize)",
            "name": run.name, "version": run.version, "run": run.id, "pipeline": pipeline,
        ]
        try SafetensorsFile.write(state, metadata: metadata, to: file)
        let metrics = Dictionary(result.bestValues.map { ($0.tag, $0.value) }, uniquingKeysWith: { $1 }).filter { $0.value.isFinite }
        try store.save(model: ModelRecord(
            id: identifier, name: run.name, version: run.version, architecture: run.architecture, task: run.task, status: "ready",
            labels: data.labels, createdAt: Workbench.now, runID: run.id, snapshotID: run.trainSnapshotID, weightsPath: file.path,
            imageSize: run.imageSize, metrics: metrics))
    }
}
