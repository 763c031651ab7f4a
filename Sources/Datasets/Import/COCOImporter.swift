import Foundation

/// COCO object detection: JSON files of images, annotations and categories, with the images in folders beside them.
struct COCOImporter {
    let root: URL

    private struct File: Decodable {
        struct Image: Decodable {
            let id: Int
            let file_name: String
            let width: Int?
            let height: Int?
        }
        struct Category: Decodable {
            let id: Int
            let name: String
        }
        /// Fields are optional so that one bad annotation costs itself and not the file.
        struct Annotation: Decodable {
            let id: Int?
            let image_id: Int?
            let category_id: Int?
            let bbox: [Float]?
            let iscrowd: Int?

            enum CodingKeys: String, CodingKey { case id, image_id, category_id, bbox, iscrowd }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                id = try? values.decode(Int.self, forKey: .id)
                image_id = try? values.decode(Int.self, forKey: .image_id)
                category_id = try? values.decode(Int.self, forKey: .category_id)
                bbox = try? values.decode([Float].self, forKey: .bbox)
                iscrowd = try? values.decode(Int.self, forKey: .iscrowd)
            }
        }
        let images: [Image]
        let annotations: [Annotation]?
        let categories: [Category]
    }

    static func annotationFiles(in root: URL) -> [URL] {
        let folders = [root, root.appendingPathComponent("annotations")] + DatasetImporter.subfolders(of: root)
        var seen: Set<String> = []
        return folders.flatMap { DatasetImporter.entries(of: $0) }
            .filter { $0.pathExtension.lowercased() == "json" && seen.insert($0.standardizedFileURL.path).inserted }
    }

    func run() throws(DatasetImportError) -> ImportedDataset {
        var intake = ImageIntake()
        var files: [(url: URL, content: File)] = []
        for url in Self.annotationFiles(in: root) {
            do {
                files.append((url, try JSONDecoder().decode(File.self, from: Data(contentsOf: url))))
            } catch {
                intake.report.add(.malformedFile, file: url.path, "the JSON is malformed or not COCO's: \(Self.explain(error))")
            }
        }
        if files.isEmpty {
            let first = intake.report.problems.first
            throw .malformed(file: first?.file ?? root.path, detail: first?.detail ?? "no COCO JSON file was found")
        }
        let labels = collectLabels(files, intake: &intake)
        let indices = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var items: [DatasetItem] = []
        for (url, content) in files {
            items += read(content, url: url, labelIndices: indices, intake: &intake)
        }
        return ImportedDataset(
            name: root.lastPathComponent, root: root, format: .coco, task: .objectDetection, labels: labels, items: items,
            report: intake.report)
    }

    /// Category names in the order of their ids in the first file, later files' new names behind them.
    private func collectLabels(_ files: [(url: URL, content: File)], intake: inout ImageIntake) -> [String] {
        var labels: [String] = []
        for (url, content) in files {
            var ids: Set<Int> = []
            for category in content.categories.sorted(by: { $0.id < $1.id }) {
                if !ids.insert(category.id).inserted {
                    intake.report.add(.duplicateIdentifier, file: url.path, "category id \(category.id) is listed more than once")
                } else if !labels.contains(category.name) {
                    labels.append(category.name)
                }
            }
        }
        return labels
    }

    private func read(_ content: File, url: URL, labelIndices: [String: Int], intake: inout ImageIntake) -> [DatasetItem] {
        let split = Self.split(of: url)
        let folders = imageFolders(of: url, split: split)
        var categories: [Int: Int] = [:]
        for category in content.categories where categories[category.id] == nil { categories[category.id] = labelIndices[category.name] }
        var items: [DatasetItem] = []
        var positions: [Int: (item: Int, header: ImageHeader, listed: (width: Int, height: Int))] = [:]
        var leftOut: Set<Int> = []
        for image in content.images {
            if positions[image.id] != nil || leftOut.contains(image.id) {
                intake.report.add(.duplicateIdentifier, file: url.path, "image id \(image.id) (\(image.file_name)) is listed more than once")
                continue
            }
            let file = Self.locate(image.file_name, in: folders)
            guard let header = intake.accept(file) else {
                leftOut.insert(image.id)
                continue
            }
            let listed = (width: image.width ?? header.width, height: image.height ?? header.height)
            if listed != (header.width, header.height) {
                intake.report.add(
                    .sizeMismatch, file: file.path,
                    "the JSON says \(listed.width)×\(listed.height), the upright image is \(header.width)×\(header.height); boxes are mapped")
            }
            positions[image.id] = (items.count, header, listed)
            items.append(DatasetItem(path: file.path, width: header.width, height: header.height, split: split, annotations: []))
        }
        var identifiers: Set<Int> = []
        for (index, annotation) in (content.annotations ?? []).enumerated() {
            let name = annotation.id.map { "annotation \($0)" } ?? "annotation number \(index + 1)"
            if let id = annotation.id, !identifiers.insert(id).inserted {
                intake.report.add(.duplicateIdentifier, file: url.path, "\(name) is listed more than once; the first is kept")
                continue
            }
            guard let image = annotation.image_id, let category = annotation.category_id, let values = annotation.bbox, values.count == 4 else {
                intake.report.add(.malformedAnnotation, file: url.path, "\(name) lacks image_id, category_id or a bbox of four numbers")
                continue
            }
            guard let place = positions[image] else {
                let reason = leftOut.contains(image) ? "whose file is left out" : "which is not in the file"
                intake.report.add(.unknownImage, file: url.path, "\(name) belongs to image \(image), \(reason)")
                continue
            }
            guard let label = categories[category] else {
                intake.report.add(.classOutOfRange, file: url.path, "\(name) has category \(category), which is not in the file")
                continue
            }
            let stored = DatasetBox(xMin: values[0], yMin: values[1], xMax: values[0] + values[2], yMax: values[1] + values[3])
            let upright = Self.map(stored, listed: place.listed, header: place.header)
            guard let box = intake.fit(upright, in: place.header, file: items[place.item].path, line: nil) else { continue }
            items[place.item].annotations.append(ItemAnnotation(label: label, box: box, isCrowd: annotation.iscrowd == 1))
        }
        return items
    }

    /// Boxes drawn on the stored image are turned with it; boxes of another scale are scaled.
    private static func map(_ box: DatasetBox, listed: (width: Int, height: Int), header: ImageHeader) -> DatasetBox {
        if listed == (header.width, header.height) || listed.width <= 0 || listed.height <= 0 { return box }
        let width = Float(header.width)
        let height = Float(header.height)
        if header.orientation >= 5, listed == (header.height, header.width) {
            func turned(_ x: Float, _ y: Float) -> (Float, Float) {
                switch header.orientation {
                case 5: (y, x)
                case 6: (width - y, x)
                case 7: (width - y, height - x)
                default: (y, height - x)
                }
            }
            let first = turned(box.xMin, box.yMin)
            let second = turned(box.xMax, box.yMax)
            return DatasetBox(
                xMin: min(first.0, second.0), yMin: min(first.1, second.1), xMax: max(first.0, second.0), yMax: max(first.1, second.1))
        }
        let scaleX = width / Float(listed.width)
        let scaleY = height / Float(listed.height)
        return DatasetBox(xMin: box.xMin * scaleX, yMin: box.yMin * scaleY, xMax: box.xMax * scaleX, yMax: box.yMax * scaleY)
    }

    /// The split a file's name (instances_val2017.json) or its folder (valid/_annotations.coco.json) stands for.
    private static func split(of url: URL) -> DatasetSplit? {
        let words = url.deletingPathExtension().lastPathComponent.lowercased().split { !$0.isLetter }.map(String.init)
        return words.lazy.compactMap(DatasetSplit.init(folderName:)).first
            ?? DatasetSplit(folderName: url.deletingLastPathComponent().lastPathComponent)
    }

    /// Where the images of a file may lie: beside the JSON, below the root, in images/ or in the folder of its split.
    private func imageFolders(of annotationFile: URL, split: DatasetSplit?) -> [URL] {
        let images = root.appendingPathComponent("images")
        let others = (DatasetImporter.subfolders(of: root) + DatasetImporter.subfolders(of: images)).filter { folder in
            let words = folder.lastPathComponent.lowercased().split { !$0.isLetter }.map(String.init)
            let folderSplit = words.lazy.compactMap(DatasetSplit.init(folderName:)).first
            return split == nil || folderSplit == nil || folderSplit == split
        }
        return [annotationFile.deletingLastPathComponent(), root, images] + others
    }

    private static func locate(_ name: String, in folders: [URL]) -> URL {
        let candidates = name.hasPrefix("/") ? [URL(fileURLWithPath: name)] : folders.map { $0.appendingPathComponent(name) }
        let found = candidates.first { FileManager.default.fileExists(atPath: $0.path) }
        return (found ?? candidates[0]).standardizedFileURL
    }

    private static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return error.localizedDescription }
        switch error {
        case .keyNotFound(let key, _): return "the key \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "\(context.codingPath.map(\.stringValue).joined(separator: "/")) \(context.debugDescription)"
        @unknown default: return String(describing: error)
        }
    }
}
