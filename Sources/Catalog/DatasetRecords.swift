import GRDB

/// A project, which holds everything else.
package struct ProjectRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "project"
    package var id: String
    package var name: String
    package var createdAt: Double
}

/// An imported dataset. Its files stay where they are.
package struct DatasetRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "dataset"
    package var id: String
    package var projectID: String
    package var name: String
    package var task: String
    package var root: String
    package var format: String
    /// Seconds since 1970.
    package var createdAt: Double
    /// In the order that annotations count in.
    package var labels: [String]
    /// The import report as JSON.
    package var report: String
    package var problemCount: Int
    package var itemCount: Int

    package init(
        id: String = CatalogStore.newIdentifier(), projectID: String = "default", name: String, task: String, root: String,
        format: String, createdAt: Double, labels: [String], report: String, problemCount: Int, itemCount: Int = 0
    ) {
        self.id = id
        self.projectID = projectID
        self.name = name
        self.task = task
        self.root = root
        self.format = format
        self.createdAt = createdAt
        self.labels = labels
        self.report = report
        self.problemCount = problemCount
        self.itemCount = itemCount
    }
}

/// One annotation: a label, and in detection a box in pixels of the upright image.
package struct StoredAnnotation: Sendable, Equatable {
    package struct Box: Sendable, Equatable {
        package var xMin, yMin, xMax, yMax: Float

        package init(xMin: Float, yMin: Float, xMax: Float, yMax: Float) {
            self.xMin = xMin
            self.yMin = yMin
            self.xMax = xMax
            self.yMax = yMax
        }
    }

    /// Index into the dataset's labels.
    package var label: Int
    package var box: Box?
    package var isCrowd: Bool

    package init(label: Int, box: Box?, isCrowd: Bool = false) {
        self.label = label
        self.box = box
        self.isCrowd = isCrowd
    }

    /// `[[label, xMin, yMin, xMax, yMax, isCrowd]]`; Float's shortest text reads back to the same bits.
    static func encode(_ annotations: [StoredAnnotation]) -> String {
        let parts = annotations.map { annotation in
            guard let box = annotation.box else { return "[\(annotation.label)]" }
            return "[\(annotation.label),\(box.xMin),\(box.yMin),\(box.xMax),\(box.yMax),\(annotation.isCrowd ? 1 : 0)]"
        }
        return "[" + parts.joined(separator: ",") + "]"
    }

    static func decode(_ text: String) throws(CatalogError) -> [StoredAnnotation] {
        var result: [StoredAnnotation] = []
        for part in text.split(separator: "]") {
            let numbers = part.drop { $0 == "[" || $0 == "," }.split(separator: ",")
            if numbers.isEmpty { continue }
            guard let label = Int(numbers[0]) else { throw .storage("an annotation reads \"\(part)\"") }
            if numbers.count == 1 {
                result.append(StoredAnnotation(label: label, box: nil))
                continue
            }
            let values = numbers.dropFirst().compactMap { Float($0) }
            guard values.count == 5 else { throw .storage("an annotation reads \"\(part)\"") }
            result.append(StoredAnnotation(
                label: label, box: Box(xMin: values[0], yMin: values[1], xMax: values[2], yMax: values[3]), isCrowd: values[4] != 0))
        }
        return result
    }
}

/// One image of a dataset with its annotations.
package struct ItemRecord: Sendable, Equatable {
    /// 0 until it is stored.
    package var id: Int64
    /// Absolute.
    package var path: String
    /// Pixels of the upright image.
    package var width: Int
    package var height: Int
    /// train, val, test, or nil where the dataset does not say.
    package var split: String?
    package var annotations: [StoredAnnotation]

    package init(id: Int64 = 0, path: String, width: Int, height: Int, split: String?, annotations: [StoredAnnotation]) {
        self.id = id
        self.path = path
        self.width = width
        self.height = height
        self.split = split
        self.annotations = annotations
    }

    init(row: Row) throws(CatalogError) {
        id = row["id"]
        path = row["path"]
        width = row["width"]
        height = row["height"]
        split = row["split"]
        annotations = try StoredAnnotation.decode(row["annotations"])
    }
}

/// A saved filter over a dataset.
package struct ViewRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "view"
    package var id: String
    package var datasetID: String
    package var name: String
    package var createdAt: Double
    /// Names of the labels to keep; empty keeps all.
    package var labels: [String]
    package var split: String?
    package var itemCount: Int

    package init(
        id: String = CatalogStore.newIdentifier(), datasetID: String, name: String, createdAt: Double, labels: [String],
        split: String?, itemCount: Int
    ) {
        self.id = id
        self.datasetID = datasetID
        self.name = name
        self.createdAt = createdAt
        self.labels = labels
        self.split = split
        self.itemCount = itemCount
    }
}

/// How often a label occurs in each split of a snapshot.
package struct StoredLabelCount: Codable, Sendable, Equatable {
    package var name: String
    package var train: Int
    package var val: Int
    package var test: Int

    package init(name: String, train: Int, val: Int, test: Int) {
        self.name = name
        self.train = train
        self.val = val
        self.test = test
    }
}

/// A view frozen at a time. Its items and their assignment never change.
package struct SnapshotRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "snapshot"
    package var id: String
    package var viewID: String
    package var datasetID: String
    package var name: String
    package var createdAt: Double
    package var trainCount: Int
    package var valCount: Int
    package var testCount: Int
    package var labelCounts: [StoredLabelCount]

    package init(
        id: String = CatalogStore.newIdentifier(), viewID: String, datasetID: String, name: String, createdAt: Double,
        trainCount: Int, valCount: Int, testCount: Int, labelCounts: [StoredLabelCount]
    ) {
        self.id = id
        self.viewID = viewID
        self.datasetID = datasetID
        self.name = name
        self.createdAt = createdAt
        self.trainCount = trainCount
        self.valCount = valCount
        self.testCount = testCount
        self.labelCounts = labelCounts
    }
}
