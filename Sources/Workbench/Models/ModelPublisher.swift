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
    /// A run leaves one model by itself; a resumed run replaces it.
    func publish(run: RunRecord, data: RunData, result: RunResult, checkpoint: URL) throws {
        // The run's own model bears its name; others were made of single checkpoints.
        let identifier = try store.models(run: run.id).first { $0.name == run.name }?.id ?? CatalogStore.newIdentifier()
        var record = try model(of: run, name: run.name, identifier: identifier)
        record.labels = data.labels
        record.metrics = Dictionary(result.bestValues.map { ($0.tag, $0.value) }, uniquingKeysWith: { $1 }).filter { $0.value.isFinite }
        try write(record, of: run, checkpoint: checkpoint, to: URL(fileURLWithPath: record.weightsPath))
        try store.save(model: record)
    }

    /// A model of a run, not yet written nor stored and without metrics.
    func model(of run: RunRecord, name: String, identifier: String) throws -> ModelRecord {
        let file = home.appendingPathComponent("models").appendingPathComponent(identifier).appendingPathComponent("model.safetensors")
        return ModelRecord(
            id: identifier, name: name, version: run.version, architecture: run.architecture, task: run.task, status: "ready",
            labels: try RunPlan.stored(Data(run.configuration.utf8)).runform.labels, createdAt: Workbench.now, runID: run.id,
            snapshotID: run.trainSnapshotID, weightsPath: file.path, imageSize: run.imageSize, metrics: [:],
            parentModelID: run.startModelID)
    }

    /// Writes a checkpoint's weights as a model's file.
    func write(_ record: ModelRecord, of run: RunRecord, checkpoint: URL, to file: URL) throws {
        let weights = try Checkpoint.weights(from: checkpoint).tensors
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let plan = try RunPlan.stored(Data(run.configuration.utf8))
        var metadata = try record.fileMetadata
        // Prediction prepares its pictures as evaluation did.
        metadata["pipeline"] = String(decoding: try JSONEncoder().encode(ClassificationPipeline(plan.runform)), as: UTF8.self)
        try SafetensorsFile.write(weights.map(\.slot), metadata: metadata, to: file) { weights[$0].values() }
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
