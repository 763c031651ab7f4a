/// A file of weights and what is known about it.
package struct ModelImportRequest: Sendable, Equatable {
    package var file: String
    /// Nil: the one architecture that the file fits.
    package var architecture: String?
    /// Only architectures for this task are tried; nil tries all.
    package var task: TaskKind?
    /// Nil: what the file says, or numbers for its classes.
    package var labels: [String]?
    /// The file's name by default.
    package var name: String?
    package var version: String
    /// Pixels; nil: what the file says, or the architecture's usual size.
    package var imageSize: Int?
    /// False takes what fits and leaves the rest fresh.
    package var isStrict: Bool

    package init(
        file: String, architecture: String? = nil, task: TaskKind? = nil, labels: [String]? = nil, name: String? = nil,
        version: String = "1.0", imageSize: Int? = nil, isStrict: Bool = true
    ) {
        self.file = file
        self.architecture = architecture
        self.task = task
        self.labels = labels
        self.name = name
        self.version = version
        self.imageSize = imageSize
        self.isStrict = isStrict
    }
}

/// What an import found in a file, tensor by tensor where something is to be said.
package struct ModelImportReport: Sendable, Equatable, Codable {
    package enum Finding: String, Sendable, Codable, CaseIterable {
        /// A head for another number of classes: it starts fresh.
        case replaced
        /// In the network but not in the file.
        case missing
        /// In the file but not in the network.
        case unused
        /// Another shape or type.
        case different
    }

    package struct Row: Sendable, Equatable, Codable {
        package var finding: Finding
        package var key: String
        package var networkShape: [Int]?
        package var fileShape: [Int]?
    }

    package var file: String
    package var format: String
    package var architecture: String
    package var fileClasses: Int?
    package var classes: Int
    package var takenCount: Int
    package var tensorCount: Int
    package var rows: [Row]
    /// What was chosen, renamed or begun anew, one sentence each.
    package var notes: [String]
    /// The model, when the file was taken.
    package var model: ModelSummary?
    /// Why it was not.
    package var problem: String?

    package init(
        file: String, format: String, architecture: String, fileClasses: Int?, classes: Int, takenCount: Int, tensorCount: Int, rows: [Row],
        notes: [String]
    ) {
        self.file = file
        self.format = format
        self.architecture = architecture
        self.fileClasses = fileClasses
        self.classes = classes
        self.takenCount = takenCount
        self.tensorCount = tensorCount
        self.rows = rows
        self.notes = notes
    }
}
