import Catalog
import Foundation
import ModelFiles
import NeuralNetworks
import VisionModels

extension Workbench {
    /// Takes a file of weights into the catalogue: torchvision's `.pth`, safetensors, or a run's checkpoint.
    ///
    /// The report says what fits and what does not; a file that does not fit leaves `model` nil and `problem` set, unless the
    /// request is not strict. Reads the whole file: seconds for large ones.
    package func importModel(_ request: ModelImportRequest) throws(WorkbenchError) -> ModelImportReport {
        // The wizard's field knows no shell that would do this.
        let url = URL(fileURLWithPath: (request.file.trimmingCharacters(in: .whitespaces) as NSString).expandingTildeInPath)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw WorkbenchError(.notFound, "There is no file \(url.path); check the path.")
        }
        let file: WeightsFile
        do { file = try WeightsFile(contentsOf: url) } catch { throw WorkbenchError(.invalid, error.description) }
        let savedLabels = file.metadata["labels"].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
        let match = try match(file, request: request)
        let labels = try checked(request.labels ?? savedLabels.flatMap { $0.count == match.classes ? $0 : nil } ?? (0..<match.classes).map(String.init))
        var report = ModelImportReport(file: file, path: url.path, match: match)
        guard match.fit.isComplete || !request.isStrict && !match.fit.taken.isEmpty else {
            report.problem = "The file \(url.path) does not fit \(match.entry.name): it \(match.differences); "
                + "name another architecture, or take what fits with --no-strict."
            return report
        }
        let imageSize = request.imageSize ?? file.metadata["image_size"].flatMap { Int($0) } ?? match.entry.usualImageSize
        let identifier = CatalogStore.newIdentifier()
        let folder = home.appendingPathComponent("models").appendingPathComponent(identifier)
        let target = folder.appendingPathComponent("model.safetensors")
        do {
            let record = ModelRecord(
                id: identifier, name: request.name ?? url.deletingPathExtension().lastPathComponent, version: request.version,
                architecture: match.entry.name, task: match.entry.task.rawValue, status: ModelState.ready.rawValue, labels: labels,
                createdAt: Self.now, runID: nil, snapshotID: nil, weightsPath: target.path, imageSize: imageSize, metrics: [:],
                format: file.format.rawValue, originPath: url.path, originHash: file.contentHash)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try write(file, match: match, metadata: record.fileMetadata, to: target)
            try store.save(model: record)
            report.model = Self.summary(of: record)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw WorkbenchError(.failed, "The file \(url.path) cannot be taken into the catalogue: \(error)")
        }
        return report
    }

    private func match(_ file: WeightsFile, request: ModelImportRequest) throws(WorkbenchError) -> WeightsMatch {
        guard let name = request.architecture ?? file.metadata["architecture"] else {
            let match = try WeightsMatch.recognised(file, task: request.task, path: request.file)
            return request.labels.map { WeightsMatch(file, entry: match.entry, classes: max(1, $0.count)) } ?? match
        }
        let entry: ArchitectureEntry
        do { entry = try ArchitectureCatalogue.entry(named: name) } catch { throw WorkbenchError(.invalid, error.description) }
        if let task = request.task, task.rawValue != entry.task.rawValue {
            throw WorkbenchError(.invalid, "The file \(request.file) holds \(name) for \(entry.task.rawValue), the run is for \(task.rawValue); choose another file.")
        }
        return WeightsMatch(file, entry: entry, classes: request.labels.map { max(1, $0.count) })
    }

    private func checked(_ labels: [String]) throws(WorkbenchError) -> [String] {
        guard !labels.isEmpty, labels.allSatisfy({ !$0.trimmingCharacters(in: .whitespaces).isEmpty }) else {
            throw WorkbenchError(.invalid, "A label is empty; give one name for each class.")
        }
        var seen = Set<String>()
        if let twice = labels.first(where: { !seen.insert($0).inserted }) {
            throw WorkbenchError(.invalid, "The label \"\(twice)\" is given twice; give each class a name of its own.")
        }
        return labels
    }

    /// One tensor at a time; the network is only built when something of it starts fresh.
    private func write(_ file: WeightsFile, match: WeightsMatch, metadata: [String: String], to target: URL) throws(SafetensorsError) {
        let taken = Set(match.fit.taken)
        let given = Dictionary(file.tensors.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let isWhole = taken.count + match.fit.uncounted.count == match.layout.count
        let fresh = isWhole
            ? StateDictionary() : match.entry.makeNetwork(classes: match.classes, seed: 0).module.stateDictionary { !taken.contains($0) }
        let values = Dictionary(fresh.entries.map { ($0.key, $0.values) }, uniquingKeysWith: { first, _ in first })
        try SafetensorsFile.write(match.layout, metadata: metadata, to: target) { index in
            let slot = match.layout[index]
            if taken.contains(slot.key), let tensor = given[slot.key] { return tensor.values() }
            // What is not taken of a whole file are counters that it lacks.
            return values[slot.key] ?? .int64([Int64](repeating: 0, count: slot.shape.reduce(1, *)))
        }
    }

    /// The id of the model that a run is to start from: a model's id or name, or a file, which is imported first.
    package func startingModel(_ key: String, task: TaskKind?) throws(WorkbenchError) -> (model: ModelSummary, report: ModelImportReport?) {
        guard FileManager.default.fileExists(atPath: key) else { return (try model(key), nil) }
        let report = try importModel(ModelImportRequest(file: key, task: task))
        guard let model = report.model else { throw WorkbenchError(.invalid, report.problem ?? "The file \(key) does not fit.") }
        return (model, report)
    }
}

extension ArchitectureEntry {
    /// The side in pixels that the architecture is usually trained at.
    var usualImageSize: Int {
        switch (inputSize, task) {
        case (.exactly(let side), _): side
        case (.atLeast(let side), .imageClassification): max(224, side)
        case (.atLeast(let side), .objectDetection): max(640, side)
        }
    }
}

extension ModelImportReport {
    init(file: WeightsFile, path: String, match: WeightsMatch) {
        let fit = match.fit
        let given = Dictionary(file.tensors.map { ($0.key, $0.shape) }, uniquingKeysWith: { first, _ in first })
        let wanted = Dictionary(match.layout.map { ($0.key, $0.shape) }, uniquingKeysWith: { first, _ in first })
        func rows(_ finding: Finding, _ differences: [StateFit.Difference]) -> [Row] {
            differences.map { Row(finding: finding, key: $0.network.key, networkShape: $0.network.shape, fileShape: $0.file.shape) }
        }
        self.init(
            file: path, format: file.format.rawValue, architecture: match.entry.name, fileClasses: match.fileClasses, classes: match.classes,
            takenCount: fit.taken.count, tensorCount: match.layout.count,
            rows: rows(.replaced, fit.replaced)
                + fit.missing.map { Row(finding: .missing, key: $0, networkShape: wanted[$0], fileShape: nil) }
                + fit.unused.map { Row(finding: .unused, key: $0, networkShape: nil, fileShape: given[$0]) } + rows(.different, fit.different),
            notes: file.notes + match.notes)
    }
}

extension WeightsMatch {
    /// What starts fresh although the file fits, one sentence each.
    var notes: [String] {
        var notes: [String] = []
        if !fit.replaced.isEmpty, let fileClasses {
            notes.append("the head for \(fileClasses) classes was replaced with a fresh one for \(classes): \(fit.replaced.map(\.network.key).joined(separator: ", "))")
        }
        if !fit.freshAuxiliary.isEmpty { notes.append("the auxiliary heads, which the file lacks, start fresh") }
        if !fit.unusedAuxiliary.isEmpty { notes.append("the file's auxiliary heads were left out") }
        if !fit.uncounted.isEmpty { notes.append("\(fit.uncounted.count) counters of batches, which the file lacks, start at zero") }
        return notes
    }

    /// The first differences in words, to follow "it".
    var differences: String {
        let parts: [(String, [String])] = [
            ("lacks", fit.missing), ("has the unknown", fit.unused),
            ("has another shape or type for", fit.different.map { "\($0.network.key) (\($0.file.shape), the network \($0.network.shape))" }),
        ]
        return parts.filter { !$0.1.isEmpty }.map { word, keys in
            "\(word) \(keys.prefix(3).joined(separator: ", "))\(keys.count > 3 ? " and \(keys.count - 3) more" : "")"
        }.joined(separator: ", ")
    }
}
