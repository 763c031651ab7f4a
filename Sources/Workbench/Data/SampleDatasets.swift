import Catalog
import Datasets
import Foundation
import Glibc

/// The data sets that the program can make itself.
package enum SampleDataset: String, Sendable, CaseIterable {
    /// 1797 scans of hand-written digits, for classification.
    case digits
    /// Pictures with several of these scans, for detection.
    case digitScenes = "digit-scenes"

    package var task: TaskKind { self == .digits ? .imageClassification : .objectDetection }
}

extension Workbench {
    private var samplesFolder: URL { home.appendingPathComponent("samples") }

    /// The sample dataset's summary; makes its files and imports them when that has not been done.
    @discardableResult
    package func prepareSample(_ sample: SampleDataset) throws(WorkbenchError) -> DatasetSummary {
        let folder = samplesFolder.appendingPathComponent(sample.rawValue)
        return try withLock(on: samplesFolder.appendingPathComponent(".lock")) { () throws(WorkbenchError) in
            if !FileManager.default.fileExists(atPath: folder.path) { try write(sample, to: folder) }
            let present = try withCatalog { try store.datasets().last { $0.root == folder.path } }
            if let present { return try dataset(present.id) }
            return try importDataset(at: folder, name: sample.rawValue)
        }
    }

    /// Which of the samples are in the catalogue, with the id.
    package func preparedSamples() throws(WorkbenchError) -> [SampleDataset: String] {
        try withCatalog {
            let datasets = try store.datasets()
            var result: [SampleDataset: String] = [:]
            for sample in SampleDataset.allCases {
                let path = samplesFolder.appendingPathComponent(sample.rawValue).path
                result[sample] = datasets.last { $0.root == path }?.id
            }
            return result
        }
    }

    /// Writes beside its place and moves, so that a killed process never leaves half a sample.
    private func write(_ sample: SampleDataset, to folder: URL) throws(WorkbenchError) {
        let draft = folder.deletingLastPathComponent().appendingPathComponent(".\(sample.rawValue)-\(UUID().uuidString)")
        do {
            switch sample {
            case .digits: try SampleData.writeDigits(to: draft)
            case .digitScenes: try SampleData.writeDigitScenes(to: draft, trainImages: 400, validationImages: 80, seed: 1)
            }
            try FileManager.default.moveItem(at: draft, to: folder)
        } catch {
            try? FileManager.default.removeItem(at: draft)
            throw WorkbenchError(.failed, "The sample data could not be written to \(folder.path): \(error). Free some disk space and try again.")
        }
    }

    /// Holds a file lock, which ends with the process, around work that two processes must not both do.
    private func withLock<Value>(on url: URL, _ body: () throws(WorkbenchError) -> Value) throws(WorkbenchError) -> Value {
        try? FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let descriptor = open(url.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw WorkbenchError(.failed, "The file \(url.path) cannot be written; check the folder's owner and the disk.")
        }
        defer { Glibc.close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        return try body()
    }
}
