/// The data of one side of a run: a dataset, a view of it, and a snapshot of the view.
package struct DataSelection: Sendable, Equatable, Codable {
    package var datasetID: String
    package var viewID: String
    package var snapshotID: String

    package init(datasetID: String, viewID: String, snapshotID: String) {
        self.datasetID = datasetID
        self.viewID = viewID
        self.snapshotID = snapshotID
    }
}

/// Where a run's weights come from.
package enum StartingPoint: Sendable, Equatable, Codable {
    case scratch
    /// The id of a model; layers whose shapes differ start fresh.
    case model(String)
}

/// What kind of data a run reads.
package enum DataKind: String, Sendable, Codable, CaseIterable {
    case images = "Images"
}

/// What the wizard fills in: everything a run needs.
package struct RunDraft: Sendable, Equatable, Codable {
    package var name: String
    package var version: String
    package var dataType: DataKind
    package var task: TaskKind
    package var train: DataSelection
    package var validation: DataSelection
    /// True keeps images that bear none of the chosen labels (detection).
    package var negativeSamples: Bool
    /// The chosen labels, in the dataset's order; empty means all.
    package var labels: [String]
    package var startFrom: StartingPoint
    /// An architecture's `name`.
    package var architecture: String
    package var epochs: Int
    package var cores: Int
    package var memoryBytes: Int
    /// Pixels, the side of the square.
    package var imageSize: Int
    package var batchSize: Int
    package var seed: UInt64
    package var notes: String
    /// The side that suits the dataset.
    private let usualImageSize: Int

    package init(
        name: String, version: String = "1.0", dataType: DataKind = .images, task: TaskKind, train: DataSelection,
        validation: DataSelection, negativeSamples: Bool = false, labels: [String] = [], startFrom: StartingPoint = .scratch,
        architecture: String, epochs: Int, cores: Int, memoryBytes: Int, imageSize: Int, batchSize: Int, seed: UInt64 = 0,
        notes: String = ""
    ) {
        self.name = name
        self.version = version
        self.dataType = dataType
        self.task = task
        self.train = train
        self.validation = validation
        self.negativeSamples = negativeSamples
        self.labels = labels
        self.startFrom = startFrom
        self.architecture = architecture
        self.epochs = epochs
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.imageSize = imageSize
        self.batchSize = batchSize
        self.seed = seed
        self.notes = notes
        usualImageSize = imageSize
    }

    /// Names the network to train, and brings images to the side it asks for, the dataset's own where it asks for none.
    package mutating func choose(architecture: String, imageSize: Int?) {
        self.architecture = architecture
        self.imageSize = imageSize ?? usualImageSize
    }
}
