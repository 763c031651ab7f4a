import NeuralNetworks
import TensorEngine

/// What a network does with an image.
package enum VisionTask: String, Sendable, Codable, CaseIterable {
    case imageClassification = "Image Classification"
    case objectDetection = "Object Detection"
}

/// How large a network is by its published number of parameters.
package enum SizeClass: String, Sendable, Codable, CaseIterable {
    case small = "Small"
    case medium = "Medium"
    case large = "Large"

    /// Below ten million parameters, up to thirty million, above.
    package init(parameterCount: Int) {
        self = parameterCount < 10_000_000 ? .small : parameterCount <= 30_000_000 ? .medium : .large
    }
}

/// A network that is ready to train, by task.
package enum VisionNetwork {
    case classifier(any ClassificationNetwork)
    case detector(any DetectionNetwork)

    package var module: Module {
        switch self {
        case .classifier(let network): network
        case .detector(let network): network
        }
    }
}

/// The images that a network can take, by their side in pixels.
package enum InputSize: Sendable, Equatable {
    case atLeast(Int)
    /// One size only, square: the network's positions are parameters.
    case exactly(Int)

    package var minimum: Int {
        switch self {
        case .atLeast(let side), .exactly(let side): side
        }
    }
}

/// One architecture that can be built and trained.
package struct ArchitectureEntry: Sendable {
    /// Builds a network for a number of classes.
    enum Builder: Sendable {
        case classifier(@Sendable (_ classes: Int, _ random: inout RandomSource) -> any ClassificationNetwork)
        case detector(@Sendable (_ classes: Int, _ random: inout RandomSource) -> any DetectionNetwork)
    }

    /// The name used in configurations and files, such as `resnet18`.
    package let name: String
    /// The label shown to people, such as `YOLOv8 - Nano`.
    package let architecture: String
    package let sizeClass: SizeClass
    /// The sides in pixels of the images that the network can take.
    package let inputSize: InputSize
    /// Authors, title and year of the paper that describes it.
    package let paper: String
    let builder: Builder

    /// The least side in pixels of an image that the network can take.
    package var minimumInputSize: Int { inputSize.minimum }

    /// True when the network takes square images of exactly that side.
    package var takesOneSizeOnly: Bool {
        if case .exactly = inputSize { true } else { false }
    }

    package var task: VisionTask {
        switch builder {
        case .classifier: .imageClassification
        case .detector: .objectDetection
        }
    }

    /// A new network with random weights drawn from `seed`.
    package func makeNetwork(classes: Int, seed: UInt64) -> VisionNetwork {
        precondition(classes > 0, "a network needs at least one class, got \(classes)")
        var random = RandomSource(seed: seed)
        switch builder {
        case .classifier(let build): return .classifier(build(classes, &random))
        case .detector(let build): return .detector(build(classes, &random))
        }
    }

    /// A new classifier; the entry's task must be image classification.
    package func makeClassifier(classes: Int, seed: UInt64) -> any ClassificationNetwork {
        guard case .classifier(let network) = makeNetwork(classes: classes, seed: seed) else {
            preconditionFailure("\(name) is not a classifier")
        }
        return network
    }

    /// A new detector; the entry's task must be object detection.
    package func makeDetector(classes: Int, seed: UInt64) -> any DetectionNetwork {
        guard case .detector(let network) = makeNetwork(classes: classes, seed: seed) else {
            preconditionFailure("\(name) is not a detector")
        }
        return network
    }
}
