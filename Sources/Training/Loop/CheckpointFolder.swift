import Foundation

/// Where a run keeps its checkpoints: `last`, `best` and one file for each kept step.
struct CheckpointFolder {
    let url: URL

    func prepare() throws(TrainingError) {
        do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
            throw .checkpoint(path: url.path, reason: "the folder cannot be made: \(error.localizedDescription)")
        }
    }

    func url(_ kind: CheckpointInfo.Kind, step: Int) -> URL {
        let name = switch kind {
        case .last: "last"
        case .best: "best"
        case .periodic: "step-" + String(repeating: "0", count: max(0, 8 - String(step).count)) + String(step)
        }
        return url.appendingPathComponent(name + ".safetensors")
    }

    func existing(_ kind: CheckpointInfo.Kind) -> URL? {
        let file = url(kind, step: 0)
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }

    func byteCount(_ file: URL) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? Int) ?? 0
    }

    /// Gives `file` a second name, replacing what has it: the file itself is replaced as a whole when it is written anew,
    /// so the second name keeps this content without a copy.
    func link(_ file: URL, as name: URL) throws(TrainingError) {
        let fresh = name.appendingPathExtension("new")
        unlink(fresh.path)
        guard Foundation.link(file.path, fresh.path) == 0 else {
            throw .checkpoint(path: name.path, reason: String(cString: strerror(errno)))
        }
        try DurableFile.replace(name, by: fresh)
    }
}

/// Replacing files so that a crash leaves the old one or the new one.
enum DurableFile {
    /// Forces `fresh` to the disk and gives it the name `file`.
    static func replace(_ file: URL, by fresh: URL) throws(TrainingError) {
        guard synchronize(fresh.path), rename(fresh.path, file.path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(fresh.path)
            throw .checkpoint(path: file.path, reason: reason)
        }
        // The name itself is only safe once its folder is; a folder that refuses costs durability, not the checkpoint.
        _ = synchronize(file.deletingLastPathComponent().path)
    }

    private static func synchronize(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
