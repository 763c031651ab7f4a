import Foundation

/// Where a run keeps its evaluations: the newest and the best, one file each.
struct EvaluationFolder {
    let url: URL

    /// Writes a record, whole or not at all; files of other steps than the ones to keep go before.
    func write(_ record: EvaluationRecord, keeping steps: Set<Int>) throws -> URL {
        let file = self.file(step: record.step), fresh = file.appendingPathExtension("new")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        prune(keeping: steps)
        let encoder = JSONEncoder()
        // A diverged run's losses, for which JSON has no numbers.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        try encoder.encode(record).write(to: fresh)
        try DurableFile.replace(file, by: fresh)
        return file
    }

    private func prune(keeping steps: Set<Int>) {
        let kept = Set(steps.map { file(step: $0).lastPathComponent })
        let found = (try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)) ?? []
        for file in found where !kept.contains(file.lastPathComponent) { try? FileManager.default.removeItem(at: file) }
    }

    private func file(step: Int) -> URL {
        let digits = "\(step)"
        return url.appendingPathComponent("step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".json")
    }
}
