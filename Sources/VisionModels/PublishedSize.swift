import NeuralNetworks

/// A network's size as model tables publish it.
///
/// Detectors are counted with ten classes. Classifiers are counted with their 1000 classes and a further linear
/// layer from 1000 to 10. Frozen parameters take memory but do not count as trainable.
package struct PublishedSize: Sendable, Equatable {
    package let trainableParameters: Int
    /// Bytes of the state dictionary in whole units of 2²⁰.
    package let memoryMB: Int
}

extension PublishedSize {
    package init(of entry: ArchitectureEntry) {
        let isClassifier = entry.task == .imageClassification
        let module = WeightInitializer.$isSkipped.withValue(true) {
            entry.makeNetwork(classes: isClassifier ? 1000 : 10, seed: 0).module
        }
        let adapter = isClassifier ? 1000 * 10 + 10 : 0
        trainableParameters = module.trainableParameterCount + adapter
        memoryMB = (module.stateByteCount + 4 * adapter) >> 20
    }
}

extension ArchitectureEntry {
    /// Computed by building the network without drawing its weights.
    package var publishedSize: PublishedSize { PublishedSize(of: self) }
}
