import Foundation

/// One folder per class, below `train`, `val`, `test` or directly below the root.
struct FolderImporter {
    let root: URL

    func run() throws(DatasetImportError) -> ImportedDataset {
        let top = DatasetImporter.subfolders(of: root)
        let splitFolders = top.compactMap { folder in
            DatasetSplit(folderName: folder.lastPathComponent).map { (split: $0, folder: folder) }
        }
        let parts: [(split: DatasetSplit?, folder: URL)] =
            splitFolders.isEmpty ? [(split: nil, folder: root)] : splitFolders.map { (split: $0.split, folder: $0.folder) }
        let classFolders = parts.flatMap { part in
            DatasetImporter.subfolders(of: part.folder).map { (split: part.split, folder: $0) }
        }
        let labels = Set(classFolders.map(\.folder.lastPathComponent)).sorted()
        let indices = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var intake = ImageIntake()
        var items: [DatasetItem] = []
        for part in parts {
            for stray in DatasetImporter.entries(of: part.folder) where DatasetImporter.isImage(stray) && !DatasetImporter.isFolder(stray) {
                intake.report.add(.malformedAnnotation, file: stray.path, "the image is in no class folder, so it has no label")
            }
        }
        for entry in classFolders {
            guard let label = indices[entry.folder.lastPathComponent] else { continue }
            for file in DatasetImporter.files(under: entry.folder) {
                if !DatasetImporter.isImage(file) {
                    intake.report.add(.unreadableImage, file: file.path, "the file is not a JPEG, PNG or WebP image by its name")
                } else if let header = intake.accept(file) {
                    items.append(
                        DatasetItem(
                            path: file.path, width: header.width, height: header.height, split: entry.split,
                            annotations: [ItemAnnotation(label: label)]))
                }
            }
        }
        return ImportedDataset(
            name: root.lastPathComponent, root: root, format: .folders, task: .imageClassification, labels: labels, items: items,
            report: intake.report)
    }
}
