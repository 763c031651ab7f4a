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
        let plan = try RunPlan.stored(Data(run.configuration.utf8))
        let metrics = Dictionary(result.bestValues.map { ($0.tag, $0.value) }, uniquingKeysWith: { $1 }).filter { $0.value.isFinite }
        let record = ModelRecord(
            id: identifier, name: run.name, version: run.version, architecture: run.architecture, task: run.task, status: "ready",
            labels: data.labels, createdAt: Workbench.now, runID: run.id, snapshotID: run.trainSnapshotID, weightsPath: file.path,
            imageSize: run.imageSize, metrics: metrics, parentModelID: run.startModelID)
        var metadata = try record.fileMetadata
        // Prediction prepares its pictures as evaluation did.
        metadata["pipeline"] = String(decoding: try JSONEncoder().encode(ClassificationPipeline(plan.runform)), as: UTF8.self)
        try SafetensorsFile.write(state, metadata: metadata, to: file)
        try store.save(model: record)
    }
}

extension ModelRecord {
    /// What a reader of the weights needs beside them; safetensors files carry texts only.
    var fileMetadata: [String: String] {
        get throws {
            var texts = [
                "format": "pt", "architecture": architecture, "task": task, "labels": String(decoding: try JSONEncoder().encode(labels), as: UTF8.self),
                "image_size": "\(imageSize)", "name": name, "version": version,
            ]
            if let runID { texts["run"] = runID }
            return texts
        }
    }
}
