import Foundation
import Yams

/// Folders as Ultralytics describes them: `data.yaml` names classes and splits, one text file of
/// `class xCentre yCentre width height` (fractions of the image) beside each image.
struct YOLOImporter {
    let root: URL

    static func configuration(in root: URL) -> URL? {
        ["data.yaml", "data.yml", "dataset.yaml"].map { root.appendingPathComponent($0) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    func run() throws(DatasetImportError) -> ImportedDataset {
        guard let file = Self.configuration(in: root) else {
            throw .malformed(file: root.appendingPathComponent("data.yaml").path, detail: "the file is missing")
        }
        let node: Node
        do {
            guard let composed = try Yams.compose(yaml: String(contentsOf: file, encoding: .utf8)) else {
                throw DatasetImportError.malformed(file: file.path, detail: "it is empty")
            }
            node = composed
        } catch let error as DatasetImportError {
            throw error
        } catch {
            throw .malformed(file: file.path, detail: "it is not YAML (\(error))")
        }
        guard node.mapping != nil else { throw .malformed(file: file.path, detail: "it is not a mapping with names, train and val") }
        let labels = try labels(of: node, file: file)
        var intake = ImageIntake()
        var items: [DatasetItem] = []
        for (key, split) in [("train", DatasetSplit.train), ("val", .val), ("test", .test)] {
            for entry in paths(node[key]) {
                guard let location = resolve(entry, base: node["path"]?.string) else {
                    intake.report.add(.missingFile, file: file.path, "the \(key) folder \(entry) does not exist")
                    continue
                }
                for image in images(at: location) {
                    guard let header = intake.accept(image) else { continue }
                    let annotations = readLabels(of: image, header: header, classes: labels.count, intake: &intake)
                    items.append(
                        DatasetItem(
                            path: image.path, width: header.width, height: header.height, split: split, annotations: annotations))
                }
            }
        }
        return ImportedDataset(
            name: root.lastPathComponent, root: root, format: .yolo, task: .objectDetection, labels: labels, items: items,
            report: intake.report)
    }

    private func labels(of node: Node, file: URL) throws(DatasetImportError) -> [String] {
        if let sequence = node["names"]?.sequence { return sequence.map { $0.string ?? "" } }
        if let mapping = node["names"]?.mapping {
            let pairs = mapping.compactMap { key, value in key.int.map { ($0, value.string ?? "") } }.sorted { $0.0 < $1.0 }
            if pairs.count == mapping.count, pairs.map(\.0) == Array(0..<pairs.count) { return pairs.map(\.1) }
            throw .malformed(file: file.path, detail: "the keys of names must be the numbers from 0 without gaps")
        }
        if let count = node["nc"]?.int, count > 0, count < 100_000 { return (0..<count).map(String.init) }
        throw .malformed(file: file.path, detail: "names is missing; it must be a list or a mapping of class names")
    }

    private func paths(_ node: Node?) -> [String] {
        if let sequence = node?.sequence { return sequence.compactMap(\.string) }
        return node?.string.map { [$0] } ?? []
    }

    /// A split's place: below `path`, below the folder of data.yaml, or absolute, whichever exists first.
    private func resolve(_ entry: String, base: String?) -> URL? {
        var bases = [root]
        if let base, !base.isEmpty {
            bases.insert(base.hasPrefix("/") ? URL(fileURLWithPath: base) : root.appendingPathComponent(base), at: 0)
        }
        // Exports of annotation services write ../train/images for a folder beside data.yaml.
        let trimmed = entry.hasPrefix("../") ? [entry, String(entry.dropFirst(3))] : [entry]
        let candidates =
            entry.hasPrefix("/")
            ? [URL(fileURLWithPath: entry)] : trimmed.flatMap { name in bases.map { $0.appendingPathComponent(name) } }
        return candidates.map(\.standardizedFileURL).first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The images of a split: those under a folder, or those a text file lists.
    private func images(at location: URL) -> [URL] {
        if DatasetImporter.isFolder(location) { return DatasetImporter.files(under: location).filter(DatasetImporter.isImage) }
        let text = (try? String(contentsOf: location, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            .map { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : location.deletingLastPathComponent().appendingPathComponent($0) }
            .map(\.standardizedFileURL)
    }

    /// The label file of an image: the last `images` folder of its path replaced by `labels`.
    private func labelFile(of image: URL) -> URL {
        var parts = image.deletingPathExtension().path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let index = parts.dropLast().lastIndex(of: "images") { parts[index] = "labels" }
        return URL(fileURLWithPath: parts.joined(separator: "/") + ".txt")
    }

    private func readLabels(of image: URL, header: ImageHeader, classes: Int, intake: inout ImageIntake) -> [ItemAnnotation] {
        let file = labelFile(of: image)
        // An image without a label file is a negative sample.
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            intake.report.add(.malformedFile, file: file.path, "the label file is not UTF-8 text; the image is kept without labels")
            return []
        }
        var annotations: [ItemAnnotation] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            let values = words.compactMap { Float($0) }
            guard values.count == words.count, values.allSatisfy(\.isFinite), values.count == 5 || (values.count >= 7 && values.count % 2 == 1)
            else {
                intake.report.add(
                    .malformedAnnotation, file: file.path, "expected a class and four numbers, or a class and a polygon", line: index + 1)
                continue
            }
            guard let label = Int(exactly: values[0]), (0..<classes).contains(label) else {
                intake.report.add(
                    .classOutOfRange, file: file.path, "class \(words[0]) is not one of the \(classes) classes (0…\(classes - 1))",
                    line: index + 1)
                continue
            }
            guard let box = intake.fit(box(of: values, header: header), in: header, file: file.path, line: index + 1) else { continue }
            let annotation = ItemAnnotation(label: label, box: box)
            if annotations.contains(annotation) {
                intake.report.add(.duplicateAnnotation, file: file.path, "the same box is listed twice; one is kept", line: index + 1)
                continue
            }
            annotations.append(annotation)
        }
        return annotations
    }

    /// Pixels of a line's box; a polygon gives its bounding box.
    private func box(of values: [Float], header: ImageHeader) -> DatasetBox {
        let width = Float(header.width)
        let height = Float(header.height)
        if values.count == 5 {
            return DatasetBox(
                xMin: (values[1] - values[3] / 2) * width, yMin: (values[2] - values[4] / 2) * height,
                xMax: (values[1] + values[3] / 2) * width, yMax: (values[2] + values[4] / 2) * height)
        }
        let xs = stride(from: 1, to: values.count, by: 2).map { values[$0] * width }
        let ys = stride(from: 2, to: values.count, by: 2).map { values[$0] * height }
        return DatasetBox(xMin: xs.min() ?? 0, yMin: ys.min() ?? 0, xMax: xs.max() ?? 0, yMax: ys.max() ?? 0)
    }
}
