import Foundation

/// Reads a dataset's folder: finds its format, its labels and items, and reports everything left out or changed.
package enum DatasetImporter {
    package static let imageExtensions: Set<String> = ["jpg", "jpeg", "png", "webp"]

    /// Imports a folder by reference; image files stay where they are.
    package static func importDataset(at url: URL, format: DatasetFormat = .auto) throws(DatasetImportError) -> ImportedDataset {
        let root = url.standardizedFileURL
        guard isFolder(root) || FileManager.default.fileExists(atPath: root.path) else { throw .notAFolder(url.path) }
        let folder = isFolder(root) ? root : root.deletingLastPathComponent()
        let chosen = format == .auto ? try detectFormat(of: folder) : format
        let imported =
            switch chosen {
            case .coco: try COCOImporter(root: folder).run()
            case .yolo: try YOLOImporter(root: folder).run()
            case .folders, .auto: try FolderImporter(root: folder).run()
            }
        if imported.items.isEmpty { throw .noImages(folder.path, report: imported.report) }
        return imported
    }

    private static func detectFormat(of root: URL) throws(DatasetImportError) -> DatasetFormat {
        if YOLOImporter.configuration(in: root) != nil { return .yolo }
        if !COCOImporter.annotationFiles(in: root).isEmpty { return .coco }
        if !subfolders(of: root).isEmpty { return .folders }
        throw .unknownFormat(root.path)
    }

    // MARK: Folders

    static func isFolder(_ url: URL) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// What a folder holds, by name, hidden entries left out; empty when it cannot be read.
    static func entries(of folder: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().map { folder.appendingPathComponent($0) }
    }

    static func subfolders(of folder: URL) -> [URL] { entries(of: folder).filter(isFolder) }

    /// The files under a folder at any depth, sorted; symbolic links to folders are not followed.
    static func files(under folder: URL) -> [URL] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .map { folder.appendingPathComponent($0) }.filter { !isFolder($0) }
    }

    static func isImage(_ url: URL) -> Bool { imageExtensions.contains(url.pathExtension.lowercased()) }
}

/// The checks every importer makes of an image file, with their entries in the report.
struct ImageIntake {
    var report = ImportReport()
    private var seen: Set<String> = []

    /// The header of a usable image, or nil after reporting why the image is left out.
    mutating func accept(_ url: URL) -> ImageHeader? {
        let path = url.standardizedFileURL.path
        if !seen.insert(path).inserted {
            report.add(.duplicateIdentifier, file: path, "the image is listed more than once; the first entry is kept")
            return nil
        }
        let header: ImageHeader
        do { header = try ImageReader.inspect(url) } catch {
            switch error {
            case .missing: report.add(.missingFile, file: path, "the image file does not exist or cannot be opened")
            case .truncated: report.add(.truncatedImage, file: path, "the file ends before its image does")
            default: report.add(.unreadableImage, file: path, error.description)
            }
            return nil
        }
        if header.orientation != 1 {
            report.add(.orientationApplied, file: path, "EXIF orientation \(header.orientation) is applied; boxes are taken as upright")
        }
        if header.isGrey { report.add(.greyscaleConverted, file: path, "greyscale is read as RGB") }
        if header.isSixteenBit { report.add(.sixteenBitReduced, file: path, "16 bits a channel are reduced to 8") }
        if header.isCMYK { report.add(.cmykConverted, file: path, "CMYK is converted to RGB") }
        report.accepted += 1
        return header
    }

    /// The part of a box inside its image, or nil after reporting that nothing of it is left.
    mutating func fit(_ box: DatasetBox, in header: ImageHeader, file: String, line: Int?) -> DatasetBox? {
        let values = [box.xMin, box.yMin, box.xMax, box.yMax]
        let text = "box (" + values.map { String(format: "%.1f", Double($0)) }.joined(separator: ", ") + ")"
        if !values.allSatisfy(\.isFinite) || box.width <= 0 || box.height <= 0 {
            report.add(.malformedAnnotation, file: file, "\(text) has no area", line: line)
            return nil
        }
        let width = Float(header.width)
        let height = Float(header.height)
        let clipped = box.clipped(width: width, height: height)
        if clipped.width <= 0 || clipped.height <= 0 {
            report.add(.boxOutsideImage, file: file, "\(text) lies outside the \(header.width)×\(header.height) image", line: line)
            return nil
        }
        // Normalised text rounds: half a pixel over the edge is no mistake of the annotator.
        let excess = max(-box.xMin, -box.yMin, box.xMax - width, box.yMax - height)
        if excess > 0.5 {
            report.add(.boxClipped, file: file, "\(text) is clipped to the \(header.width)×\(header.height) image", line: line)
        }
        return clipped
    }
}
