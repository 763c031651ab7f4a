/// What a model is trained to do. The raw values are the words shown and stored.
package enum TaskKind: String, Sendable, Codable, CaseIterable {
    case imageClassification = "Image Classification"
    case objectDetection = "Object Detection"
}

/// How often a label occurs: boxes in detection, images in classification.
package struct LabelCount: Sendable, Equatable, Codable {
    package var name: String
    package var trainCount: Int
    package var valCount: Int

    package init(name: String, trainCount: Int, valCount: Int) {
        self.name = name
        self.trainCount = trainCount
        self.valCount = valCount
    }
}

/// An imported dataset, as lists show it.
package struct DatasetSummary: Sendable, Equatable, Codable, Identifiable {
    package var id: String
    package var name: String
    package var task: TaskKind
    /// The folder or file that it was imported from; its images stay there.
    package var root: String
    package var format: String
    /// Seconds since 1970.
    package var createdAt: Double
    package var imageCount: Int
    package var trainCount: Int
    package var valCount: Int
    package var testCount: Int
    package var labels: [LabelCount]
    /// What the import report counted as wrong.
    package var problemCount: Int

    package init(
        id: String, name: String, task: TaskKind, root: String, format: String, createdAt: Double, imageCount: Int,
        trainCount: Int, valCount: Int, testCount: Int, labels: [LabelCount], problemCount: Int
    ) {
        self.id = id
        self.name = name
        self.task = task
        self.root = root
        self.format = format
        self.createdAt = createdAt
        self.imageCount = imageCount
        self.trainCount = trainCount
        self.valCount = valCount
        self.testCount = testCount
        self.labels = labels
        self.problemCount = problemCount
    }
}

/// One line of an import report.
package struct ImportProblemSummary: Sendable, Equatable, Codable {
    package var file: String
    package var reason: String
    package var detail: String
    package var line: Int?

    package init(file: String, reason: String, detail: String, line: Int? = nil) {
        self.file = file
        self.reason = reason
        self.detail = detail
        self.line = line
    }
}

/// A saved filter over a dataset.
package struct ViewSummary: Sendable, Equatable, Codable, Identifiable {
    package var id: String
    package var name: String
    package var datasetID: String
    package var createdAt: Double
    /// The labels that the view keeps; empty keeps all.
    package var labels: [String]
    /// The split that the view keeps; nil keeps all.
    package var split: String?
    package var imageCount: Int

    package init(
        id: String, name: String, datasetID: String, createdAt: Double, labels: [String], split: String?, imageCount: Int
    ) {
        self.id = id
        self.name = name
        self.datasetID = datasetID
        self.createdAt = createdAt
        self.labels = labels
        self.split = split
        self.imageCount = imageCount
    }
}

/// A view frozen at a time, with its train, validation and test assignment.
package struct SnapshotSummary: Sendable, Equatable, Codable, Identifiable {
    package var id: String
    package var name: String
    package var viewID: String
    package var datasetID: String
    package var createdAt: Double
    package var trainCount: Int
    package var valCount: Int
    package var testCount: Int
    package var labelCounts: [LabelCount]

    package init(
        id: String, name: String, viewID: String, datasetID: String, createdAt: Double, trainCount: Int, valCount: Int,
        testCount: Int, labelCounts: [LabelCount]
    ) {
        self.id = id
        self.name = name
        self.viewID = viewID
        self.datasetID = datasetID
        self.createdAt = createdAt
        self.trainCount = trainCount
        self.valCount = valCount
        self.testCount = testCount
        self.labelCounts = labelCounts
    }
}

/// How a snapshot gives its images to train, validation and test.
package enum SplitAssignment: Sendable, Equatable {
    /// As the dataset's own folders or files say; images without a split go to train.
    case given
    /// Drawn at random from a seed; the percentages sum to 100.
    case drawn(trainPercent: Int, valPercent: Int, testPercent: Int, seed: UInt64)
}
