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
    /// The least side in pixels of an image that the network can take.
    package let minimumInputSize: Int
    /// Authors, title and year of the paper that describes it.
    package let paper: String
    let builder: Builder

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

/// A name that the catalogue does not have.
package struct UnknownArchitecture: Error, Equatable, CustomStringConvertible {
    package let name: String
    /// The catalogue's names most like it, best first.
    package let nearest: [String]

    package var description: String {
        "There is no architecture \"\(name)\"; the nearest names are \(nearest.joined(separator: ", "))."
    }
}

/// All architectures that work, an explicit list.
package enum ArchitectureCatalogue {
    package static let entries: [ArchitectureEntry] = [
        mobileNet("mobilenet_v3_small", .small, .small),
        mobileNet("mobilenet_v3_large", .small, .large),
        resNet("resnet18", .medium, .basic, [2, 2, 2, 2]),
        resNet("resnet34", .medium, .basic, [3, 4, 6, 3]),
        resNet("resnet50", .medium, .bottleneck, [3, 4, 6, 3]),
        yolo("YOLOv8_nano", "YOLOv8 - Nano", .small, .nano),
        yolo("YOLOv8_small", "YOLOv8 - Small", .medium, .small),
        yolo("YOLOv8_medium", "YOLOv8 - Medium", .medium, .medium),
        yolo("YOLOv8_large", "YOLOv8 - Large", .large, .large),
        yolo("YOLOv8_xl", "YOLOv8 - Extra large", .large, .extraLarge),
    ]

    package static func entry(named name: String) throws(UnknownArchitecture) -> ArchitectureEntry {
        if let entry = entries.first(where: { $0.name == name }) { return entry }
        let wanted = Array(name.lowercased())
        let ranked = entries.map { (name: $0.name, distance: editDistance(wanted, Array($0.name.lowercased()))) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        throw UnknownArchitecture(name: name, nearest: ranked.prefix(3).map(\.name))
    }

    private static func resNet(_ name: String, _ size: SizeClass, _ block: ResNet.Block, _ depths: [Int]) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, minimumInputSize: 32,
            paper: "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015",
            builder: .classifier { ResNet(block: block, depths: depths, classes: $0, random: &$1) })
    }

    private static func mobileNet(_ name: String, _ size: SizeClass, _ variant: MobileNetV3.Size) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: "\(name) (Torchvision)", sizeClass: size, minimumInputSize: 32,
            paper: "Howard et al.: Searching for MobileNetV3, 2019",
            builder: .classifier { MobileNetV3(variant, classes: $0, random: &$1) })
    }

    private static func yolo(_ name: String, _ label: String, _ size: SizeClass, _ scale: YOLOv8.Scale) -> ArchitectureEntry {
        ArchitectureEntry(
            name: name, architecture: label, sizeClass: size, minimumInputSize: 32,
            paper: "Li et al.: Generalized Focal Loss, 2020; Feng et al.: TOOD, 2021; Ge et al.: YOLOX, 2021",
            builder: .detector { YOLOv8(scale, classes: $0, random: &$1) })
    }
}

/// Levenshtein's distance: the least number of insertions, deletions and exchanges.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, right) in b.enumerated() {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
            diagonal = above
        }
    }
    return row[b.count]
}
