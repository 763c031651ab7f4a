import Catalog
import Foundation

extension Workbench {
    /// Checks the catalogue, the files it names and the machine; each finding says what to do where something is wrong.
    package func examine() throws(WorkbenchError) -> [HealthFinding] {
        var findings: [HealthFinding] = []
        func add(_ subject: String, _ isFine: Bool, _ text: String) {
            findings.append(HealthFinding(subject: subject, isFine: isFine, text: text))
        }
        let limits = resourceLimits()
        add("home", true, home.path)
        add("cores", limits.coresTotal > 0, "\(limits.coresTotal) (\(limits.coresSource))")
        add(
            "memory", limits.memoryAvailableBytes > 1 << 30,
            "\(ByteCount.text(limits.memoryAvailableBytes)) of \(ByteCount.text(limits.memoryTotalBytes)) free; training needs about 1 GiB")
        add("disk", limits.diskFreeBytes > 1 << 30, "\(ByteCount.text(limits.diskFreeBytes)) free; a run needs about 1 GiB")
        try withCatalog {
            let damage = try store.integrityProblems()
            add("catalogue", damage.isEmpty, damage.first.map { "damaged: \($0); restore a copy of trainyard.sqlite" } ?? "sound")
            for dataset in try store.datasets() {
                let missing = try store.items(ofDataset: dataset.id).filter { !FileManager.default.fileExists(atPath: $0.path) }
                add(
                    "dataset \(dataset.name)", missing.isEmpty,
                    missing.first.map { "\(missing.count) images are gone, the first: \($0.path); restore them or import again" }
                        ?? "\(dataset.itemCount) images in place")
            }
            for model in try store.models() where !FileManager.default.fileExists(atPath: model.weightsPath) {
                add("model \(model.name)", false, "\(model.weightsPath) is gone; restore it or train again")
            }
            let aborted = try store.runRows(RunArrangement(query: .status([.aborted])), now: Self.now)
            for run in aborted.prefix(5) { add("run \(run.name)", true, "aborted: \(run.message)") }
        }
        return findings
    }
}
