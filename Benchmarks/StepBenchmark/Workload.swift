import VisionModels

/// One training step to time: an architecture, a batch and a square image.
struct Workload {
    let architecture: String
    let batch: Int
    let size: Int
    /// Multiplications with an addition of one image's forward pass, in units of 10⁹, as the architecture's authors or its
    /// reference implementation publish them at `referenceSize`.
    let publishedGigaProducts: Double
    let referenceSize: Int

    var name: String { "\(architecture) b\(batch) \(size)" }

    /// 10⁹ floating point operations of a step: two a product, and the backward pass takes twice the forward one's.
    var gigaOperations: Double {
        let area = Double(size * size) / Double(referenceSize * referenceSize)
        return publishedGigaProducts * area * Double(batch) * 2 * 3
    }

    static let all = [
        Workload(architecture: "resnet18", batch: 16, size: 224, publishedGigaProducts: 1.814, referenceSize: 224),
        Workload(architecture: "resnet18", batch: 32, size: 64, publishedGigaProducts: 1.814, referenceSize: 224),
        Workload(architecture: "resnet50", batch: 8, size: 224, publishedGigaProducts: 4.089, referenceSize: 224),
        Workload(architecture: "mobilenet_v3_small", batch: 32, size: 64, publishedGigaProducts: 0.057, referenceSize: 224),
        Workload(architecture: "mobilenet_v3_small", batch: 16, size: 224, publishedGigaProducts: 0.057, referenceSize: 224),
        Workload(architecture: "efficientnet_b0", batch: 8, size: 224, publishedGigaProducts: 0.386, referenceSize: 224),
        Workload(architecture: "convnext_tiny", batch: 4, size: 224, publishedGigaProducts: 4.456, referenceSize: 224),
        Workload(architecture: "vit_b_16", batch: 4, size: 224, publishedGigaProducts: 17.564, referenceSize: 224),
        Workload(architecture: "swin_t", batch: 4, size: 224, publishedGigaProducts: 4.491, referenceSize: 224),
        Workload(architecture: "YOLOv8_nano", batch: 8, size: 320, publishedGigaProducts: 4.35, referenceSize: 640),
        Workload(architecture: "YOLOv8_small", batch: 8, size: 320, publishedGigaProducts: 14.3, referenceSize: 640),
    ]

    /// Those whose name contains one of the words, all without words; only architectures that this build has.
    static func matching(_ words: [String]) -> [Workload] {
        let known = Set(ArchitectureCatalogue.entries.map(\.name))
        return all.filter { workload in
            known.contains(workload.architecture)
                && (words.isEmpty || words.contains { workload.name.lowercased().contains($0.lowercased()) })
        }
    }
}
