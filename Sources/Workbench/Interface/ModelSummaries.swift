/// Whether a model can be used.
package enum ModelState: String, Sendable, Codable, CaseIterable {
    case training, ready, failed, archived
}

/// The file that an imported model came from.
package struct ModelOrigin: Sendable, Equatable, Codable {
    package var format: String
    package var file: String
    /// The SHA-256 of the file as it was imported.
    package var hash: String

    package init(format: String, file: String, hash: String) {
        self.format = format
        self.file = file
        self.hash = hash
    }
}

/// A trained model, as lists show it.
package struct ModelSummary: Sendable, Equatable, Codable, Identifiable {
    package var id: String
    package var name: String
    package var version: String
    package var architecture: String
    package var task: TaskKind
    package var status: ModelState
    package var labels: [String]
    package var createdAt: Double
    /// The run that left it; nil for an imported model or one whose run was removed.
    package var runID: String?
    package var snapshotID: String?
    /// The safetensors file.
    package var weightsPath: String
    /// Pixels; the side of the square for detection.
    package var imageSize: Int
    package var metrics: [String: Double]
    /// Nil for a model that a run left.
    package var origin: ModelOrigin?
    /// The model that its run started from.
    package var parentModelID: String?

    package init(
        id: String, name: String, version: String, architecture: String, task: TaskKind, status: ModelState, labels: [String],
        createdAt: Double, runID: String?, snapshotID: String?, weightsPath: String, imageSize: Int, metrics: [String: Double],
        origin: ModelOrigin? = nil, parentModelID: String? = nil
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.architecture = architecture
        self.task = task
        self.status = status
        self.labels = labels
        self.createdAt = createdAt
        self.runID = runID
        self.snapshotID = snapshotID
        self.weightsPath = weightsPath
        self.imageSize = imageSize
        self.metrics = metrics
        self.origin = origin
        self.parentModelID = parentModelID
    }
}

/// An architecture that can be trained.
package struct ArchitectureSummary: Sendable, Equatable, Codable, Identifiable {
    /// The name as configurations write it, such as `YOLOv8_nano`.
    package var name: String
    /// The name as people read it.
    package var title: String
    package var task: TaskKind
    /// Small, Medium or Large.
    package var size: String
    package var parameters: Int
    package var memoryMB: Int
    /// The side in pixels of the only images that the network takes; nil where it takes any.
    package var imageSize: Int?
    package var id: String { name }

    package init(name: String, title: String, task: TaskKind, size: String, parameters: Int, memoryMB: Int, imageSize: Int? = nil) {
        self.name = name
        self.title = title
        self.task = task
        self.size = size
        self.parameters = parameters
        self.memoryMB = memoryMB
        self.imageSize = imageSize
    }
}
