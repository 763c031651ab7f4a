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
    /// Each family's file declares its own.
    package static let entries: [ArchitectureEntry] = [
        AlexNet.entries,
        ConvNeXt.entries,
        DenseNet.entries,
        EfficientNet.entries,
        GoogLeNet.entries,
        InceptionV3.entries,
        MNASNet.entries,
        MobileNetV2.entries,
        MobileNetV3.entries,
        RegNet.entries,
        ResNet.entries,
        ShuffleNetV2.entries,
        SqueezeNet.entries,
        SwinTransformer.entries,
        VGG.entries,
        VisionTransformer.entries,
        YOLOv8.entries,
    ].flatMap { $0 }

    package static func entry(named name: String) throws(UnknownArchitecture) -> ArchitectureEntry {
        if let entry = entries.first(where: { $0.name == name }) { return entry }
        let wanted = Array(name.lowercased())
        let ranked = entries.map { (name: $0.name, distance: editDistance(wanted, Array($0.name.lowercased()))) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        throw UnknownArchitecture(name: name, nearest: ranked.prefix(3).map(\.name))
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
