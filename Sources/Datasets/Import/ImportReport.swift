import Foundation

/// Why something in a dataset was not taken as it stands.
package enum ImportProblemKind: String, Codable, Sendable, CaseIterable {
    // The image is left out.
    case missingFile, truncatedImage, unreadableImage, duplicateIdentifier
    // The annotation is left out.
    case classOutOfRange, malformedAnnotation, boxOutsideImage, unknownImage, duplicateAnnotation
    // A whole file is left out.
    case malformedFile
    // Accepted after a change.
    case boxClipped, orientationApplied, greyscaleConverted, sixteenBitReduced, cmykConverted, sizeMismatch

    /// True when the image or annotation is used after the change named.
    package var isAccepted: Bool {
        switch self {
        case .boxClipped, .orientationApplied, .greyscaleConverted, .sixteenBitReduced, .cmykConverted, .sizeMismatch: true
        default: false
        }
    }
}

/// One thing found wrong or changed, with the file it is in.
package struct ImportProblem: Codable, Sendable, Equatable {
    package let file: String
    package let reason: ImportProblemKind
    package let detail: String
    /// One-based line in a text file, nil elsewhere.
    package let line: Int?

    package init(file: String, reason: ImportProblemKind, detail: String, line: Int? = nil) {
        self.file = file
        self.reason = reason
        self.detail = detail
        self.line = line
    }
}

/// What an import took, and everything it changed or left out.
package struct ImportReport: Codable, Sendable, Equatable {
    /// Images accepted.
    package var accepted = 0
    package private(set) var problems: [ImportProblem] = []
    /// Problems per kind, by raw value so that the JSON is an object.
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    package mutating func add(_ kind: ImportProblemKind, file: String, _ detail: String, line: Int? = nil) {
        problems.append(ImportProblem(file: file, reason: kind, detail: detail, line: line))
        counts[kind.rawValue, default: 0] += 1
    }

    package func count(_ kind: ImportProblemKind) -> Int { counts[kind.rawValue, default: 0] }
}

/// A dataset as its files say, with the report of what was wrong in them.
package struct ImportedDataset: Sendable {
    package let name: String
    package let root: URL
    package let format: DatasetFormat
    package let task: DatasetTask
    package let labels: [String]
    package let items: [DatasetItem]
    package let report: ImportReport

    package init(
        name: String, root: URL, format: DatasetFormat, task: DatasetTask, labels: [String], items: [DatasetItem], report: ImportReport
    ) {
        self.name = name
        self.root = root
        self.format = format
        self.task = task
        self.labels = labels
        self.items = items
        self.report = report
    }
}

/// Why a folder could not be imported at all.
package enum DatasetImportError: Error, Equatable, LocalizedError, CustomStringConvertible {
    case notAFolder(String)
    case unknownFormat(String)
    case malformed(file: String, detail: String)
    case noImages(String, report: ImportReport)
    case tooFewImages(name: String, found: Int, needed: Int)

    package var description: String {
        switch self {
        case .notAFolder(let path): "\(path) is not a folder that can be read; name a dataset's folder."
        case .unknownFormat(let path):
            "\(path) is none of the known formats; expected COCO JSON annotations, a data.yaml, or one folder per class."
        case .malformed(let file, let detail): "\(file) cannot be read: \(detail); repair the file and import again."
        case .noImages(let path, let report):
            "No usable image was found in \(path) (\(report.problems.count) problems"
                + (report.problems.first.map { ", the first: \($0.file): \($0.detail)" } ?? "") + "); add images and import again."
        case .tooFewImages(let name, let found, let needed):
            "\(name) has \(found) usable \(found == 1 ? "image" : "images"); add images until there are at least \(needed)."
        }
    }

    package var errorDescription: String? { description }
}
