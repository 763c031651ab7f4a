import Catalog
import Foundation
import ModelFiles
import NeuralNetworks
import Synchronization
import VisionModels

extension Workbench {
    package func models() throws -> [ModelSummary] {
        try withCatalog { try store.models().map(Self.summary(of:)) }
    }

    /// By id or name.
    package func model(_ key: String) throws(WorkbenchError) -> ModelSummary {
        try withCatalog { Self.summary(of: try store.model(key)) }
    }

    static func summary(of model: ModelRecord) -> ModelSummary {
        var origin: ModelOrigin?
        if let format = model.format, let file = model.originPath, let hash = model.originHash {
            origin = ModelOrigin(format: format, file: file, hash: hash)
        }
        return ModelSummary(
            id: model.id, name: model.name, version: model.version, architecture: model.architecture,
            task: TaskKind(rawValue: model.task) ?? .objectDetection, status: ModelState(rawValue: model.status) ?? .failed,
            labels: model.labels, createdAt: model.createdAt, runID: model.runID, snapshotID: model.snapshotID,
            weightsPath: model.weightsPath, imageSize: model.imageSize, metrics: model.metrics, origin: origin,
            parentModelID: model.parentModelID)
    }

    /// Copies a model's safetensors file, with its metadata, to `file`.
    package func exportModel(_ key: String, to file: URL) throws(WorkbenchError) {
        let model = try model(key)
        guard model.status == .ready else {
            throw WorkbenchError(.conflict, "The model \"\(model.name)\" is \(model.status.rawValue); only a ready model can be exported.")
        }
        do {
            let (state, metadata) = try SafetensorsFile.read(URL(fileURLWithPath: model.weightsPath))
            try SafetensorsFile.write(state, metadata: metadata, to: file)
        } catch { throw WorkbenchError(.failed, error.description) }
    }

    // MARK: Architectures

    package func architectures(task: TaskKind, classes: Int) throws -> [ArchitectureSummary] {
        ArchitectureCatalogue.entries.filter { $0.task.rawValue == task.rawValue }
            .map { Self.summary(of: $0, classes: classes) }.sorted { $0.parameters < $1.parameters }
    }

    package func quickStartArchitectures(task: TaskKind, classes: Int) throws -> [ArchitectureSummary] {
        let names =
            switch task {
            case .objectDetection: ["YOLOv8_nano", "YOLOv8_small", "YOLOv8_large"]
            case .imageClassification: ["mobilenet_v3_small", "resnet18", "resnet50"]
            }
        return try architectures(task: task, classes: classes).filter { names.contains($0.name) }
    }

    /// Every architecture with the numbers of its published table.
    package func publishedArchitectures() -> [ArchitectureSummary] {
        ArchitectureCatalogue.entries.map { entry in
            let size = entry.publishedSize
            return ArchitectureSummary(
                name: entry.name, title: entry.architecture, task: TaskKind(rawValue: entry.task.rawValue) ?? .objectDetection,
                size: entry.sizeClass.rawValue, parameters: size.trainableParameters, memoryMB: size.memoryMB,
                imageSize: entry.takesOneSizeOnly ? entry.minimumInputSize : nil)
        }
    }

    private static func summary(of entry: ArchitectureEntry, classes: Int) -> ArchitectureSummary {
        let size = ArchitectureSizes.shared.size(of: entry, classes: max(1, classes))
        return ArchitectureSummary(
            name: entry.name, title: entry.architecture, task: TaskKind(rawValue: entry.task.rawValue) ?? .objectDetection,
            size: entry.sizeClass.rawValue, parameters: size.parameters, memoryMB: size.stateBytes >> 20,
            imageSize: entry.takesOneSizeOnly ? entry.minimumInputSize : nil)
    }
}

/// Numbers of parameters with a head of a given width; counted once by building the network, then remembered.
final class ArchitectureSizes: Sendable {
    struct Size: Sendable {
        var parameters: Int
        /// Parameters and buffers.
        var stateBytes: Int
    }

    static let shared = ArchitectureSizes()
    private let known = Mutex<[String: Size]>([:])

    func size(of entry: ArchitectureEntry, classes: Int) -> Size {
        let key = "\(entry.name) \(classes)"
        if let size = known.withLock({ $0[key] }) { return size }
        let module = WeightInitializer.$isSkipped.withValue(true) { entry.makeNetwork(classes: classes, seed: 0).module }
        let size = Size(parameters: module.trainableParameterCount, stateBytes: module.stateByteCount)
        known.withLock { $0[key] = size }
        return size
    }
}
