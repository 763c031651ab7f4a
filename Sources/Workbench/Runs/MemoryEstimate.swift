import Foundation
import NeuralNetworks
import Synchronization
import TensorEngine
import Training
import VisionModels

/// How much memory a training step takes, from what the tape keeps of one small image.
final class MemoryEstimate: Sendable {
    static let shared = MemoryEstimate()

    /// Decoded images that stay in memory, and batches that loaders hold ready.
    private static let imageBytes = 64 << 20
    /// The side at which networks are tried: small, so that a form can ask while it is filled in.
    private static let trialSide = 160

    private let savedBytes = Mutex<[String: Int]>([:])

    /// The peak of a run in bytes: program, weights with gradient, optimiser state and average, activations, images.
    func peakBytes(architecture: String, classes: Int, imageSize: Int, batchSize: Int) throws -> Int {
        let entry: ArchitectureEntry
        do { entry = try ArchitectureCatalogue.entry(named: architecture) } catch {
            throw WorkbenchError(.invalid, error.description)
        }
        let state = ArchitectureSizes.shared.size(of: entry, classes: classes).stateBytes
        let side = entry.takesOneSizeOnly ? entry.minimumInputSize : max(Self.trialSide, (entry.minimumInputSize + 31) / 32 * 32)
        let saved = savedBytes(of: entry, classes: classes, side: side)
        let area = Double(imageSize * imageSize) / Double(side * side)
        let activations = Double(saved) * area * Double(batchSize)
        // Gradients on the way back and work space come to about a quarter of what is kept.
        return RunMemory.programBytes + Self.imageBytes + 5 * state + Int(activations * 1.25)
    }

    private func savedBytes(of entry: ArchitectureEntry, classes: Int, side: Int) -> Int {
        let key = "\(entry.name) \(classes)"
        if let bytes = savedBytes.withLock({ $0[key] }) { return bytes }
        let trial = Trial(entry: entry, classes: classes, side: side)
        // A thread of its own, so that the caller's number of threads stays as it is.
        let thread = Thread { trial.run() }
        thread.stackSize = 16 << 20
        thread.start()
        trial.done.wait()
        let bytes = trial.bytes.load(ordering: .acquiring)
        savedBytes.withLock { $0[key] = bytes }
        return bytes
    }

    private final class Trial: Sendable {
        let entry: ArchitectureEntry
        let classes, side: Int
        let bytes = Atomic(0)
        let done = DispatchSemaphore(value: 0)

        init(entry: ArchitectureEntry, classes: Int, side: Int) {
            self.entry = entry
            self.classes = classes
            self.side = side
        }

        func run() {
            ThreadPool.setThreads(1)
            let tape = Tape()
            // Two images, because batch normalisation of one value a channel has no variance.
            let images = tape.input(.filled(Shape([2, side, side, 3]), with: 0.5))
            switch WeightInitializer.$isSkipped.withValue(true, operation: { entry.makeNetwork(classes: classes, seed: 0) }) {
            case .classifier(let network):
                network.train()
                let outputs = network.trainingOutputs(images)
                bytes.store(withExtendedLifetime(outputs) { tape.savedBytes / 2 }, ordering: .releasing)
            case .detector(let network):
                network.train()
                let output = network(images)
                bytes.store(withExtendedLifetime(output.boxes) { tape.savedBytes / 2 }, ordering: .releasing)
            }
            done.signal()
        }
    }
}
