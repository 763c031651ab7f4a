import ModelFiles
import NeuralNetworks
import Synchronization
import TensorEngine
import VisionModels

/// How a file of weights fits an architecture with a head for some number of classes.
struct WeightsMatch: Sendable {
    let entry: ArchitectureEntry
    /// The classes of the file's own head; nil when the file has none that is known.
    let fileClasses: Int?
    /// The classes that the network is to have.
    let classes: Int
    let fit: StateFit
    let layout: [StateSlot]

    /// `classes` nil keeps the file's.
    init(_ file: WeightsFile, entry: ArchitectureEntry, classes: Int? = nil) {
        self.init(file.tensors.map(\.slot), entry: entry, classes: classes)
    }

    init(_ file: [StateSlot], entry: ArchitectureEntry, classes: Int? = nil) {
        self.entry = entry
        fileClasses = ArchitectureLayouts.shared.classes(of: file, entry: entry)
        self.classes = classes ?? fileClasses ?? ArchitectureLayouts.typicalClasses
        layout = ArchitectureLayouts.shared.layout(of: entry, classes: self.classes)
        let sized = fileClasses.map { ArchitectureLayouts.shared.layout(of: entry, classes: $0) } ?? layout
        fit = StateFit(file: file, network: layout, sized: sized)
    }

    /// The match with the only architecture that a file fits.
    static func recognised(_ file: WeightsFile, task: TaskKind?, path: String) throws(WorkbenchError) -> WeightsMatch {
        let slots = file.tensors.map(\.slot)
        defer { StoragePool.shared.trim() }
        let matches = ArchitectureCatalogue.entries.filter { task == nil || $0.task.rawValue == task?.rawValue }.map { WeightsMatch(slots, entry: $0) }
        let complete = matches.filter(\.fit.isComplete)
        if let match = complete.first, complete.count == 1 { return match }
        guard complete.isEmpty else {
            throw WorkbenchError(
                .invalid, "The file \(path) fits \(complete.map(\.entry.name).joined(separator: " and ")); name the architecture.")
        }
        let nearest = matches.sorted { $0.likeness > $1.likeness }.prefix(3).filter { $0.likeness > 0 }
        guard !nearest.isEmpty else {
            throw WorkbenchError(.invalid, "The file \(path) fits no architecture of the catalogue; `trainyard models list --architectures` shows them.")
        }
        throw WorkbenchError(
            .invalid, "The file \(path) fits no architecture exactly; the nearest are "
                + nearest.map { "\($0.entry.name) (\($0.fit.taken.count) of \($0.layout.count) tensors)" }.joined(separator: ", ")
                + ": name one to see what differs.")
    }

    /// The share of what both sides have that agrees.
    private var likeness: Double {
        Double(fit.taken.count) / Double(max(1, layout.count + fit.unused.count))
    }
}

/// What the state dictionaries of architectures hold, found by building each network once without drawing its weights.
final class ArchitectureLayouts: Sendable {
    static let shared = ArchitectureLayouts()
    /// ImageNet's, for which most weights are published.
    static let typicalClasses = 1000

    private let known = Mutex<[String: [StateSlot]]>([:])

    func layout(of entry: ArchitectureEntry, classes: Int) -> [StateSlot] {
        let key = "\(entry.name) \(classes)"
        if let layout = known.withLock({ $0[key] }) { return layout }
        let module = WeightInitializer.$isSkipped.withValue(true) { entry.makeNetwork(classes: classes, seed: 0).module }
        let layout = module.stateLayout
        known.withLock { $0[key] = layout }
        return layout
    }

    /// The number of classes of a file's head: what stands where two layouts of the architecture differ by their classes.
    func classes(of file: [StateSlot], entry: ArchitectureEntry) -> Int? {
        let one = layout(of: entry, classes: Self.typicalClasses), other = layout(of: entry, classes: Self.typicalClasses + 1)
        let heads = Set(zip(one, other).filter { $0.shape.first == Self.typicalClasses && $1.shape.first == Self.typicalClasses + 1 }.map(\.0.key))
        // The main head stands behind auxiliary ones.
        guard let head = file.last(where: { heads.contains($0.key) && !$0.key.lowercased().hasPrefix("aux") }), let count = head.shape.first, count > 0
        else { return nil }
        return count
    }
}
