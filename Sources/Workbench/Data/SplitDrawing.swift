import Catalog
import Datasets

/// Gives each image of a snapshot to train, validation or test.
enum SplitDrawing {
    /// One split an item, in the items' order; the same seed and items give the same splits.
    static func assign(_ items: [ItemRecord], splits: SplitAssignment) throws(WorkbenchError) -> [DatasetSplit] {
        switch splits {
        case .given:
            return items.map { $0.split.flatMap(DatasetSplit.init(rawValue:)) ?? .train }
        case .drawn(let train, let val, let test, let seed):
            guard train > 0, val >= 0, test >= 0, train + val + test == 100 else {
                throw WorkbenchError(
                    .invalid, "The percentages \(train), \(val), \(test) for train, val and test must be 0 or more, train above 0, and sum to 100.")
            }
            // Ranks come from a hash of path and seed, so that an added image never moves the others.
            let order = items.indices.sorted { left, right in
                let a = rank(items[left].path, seed: seed), b = rank(items[right].path, seed: seed)
                return a == b ? items[left].path < items[right].path : a < b
            }
            var result = [DatasetSplit](repeating: .train, count: items.count)
            // A share above zero gets at least one image where there are enough.
            let valCount = share(val, of: items.count), testCount = share(test, of: items.count)
            for (position, index) in order.enumerated() {
                if position < valCount { result[index] = .val } else if position < valCount + testCount { result[index] = .test }
            }
            return result
        }
    }

    private static func share(_ percent: Int, of count: Int) -> Int {
        guard percent > 0, count > 2 else { return 0 }
        return max(1, (count * percent + 50) / 100)
    }

    /// FNV-1a of the text, mixed with the seed by SplitMix64's finaliser.
    private static func rank(_ text: String, seed: UInt64) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var mixed = hash &+ (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension ItemRecord {
    init(_ item: DatasetItem) {
        self.init(
            path: item.path, width: item.width, height: item.height, split: item.split?.rawValue,
            annotations: item.annotations.map { annotation in
                StoredAnnotation(
                    label: annotation.label,
                    box: annotation.box.map { .init(xMin: $0.xMin, yMin: $0.yMin, xMax: $0.xMax, yMax: $0.yMax) },
                    isCrowd: annotation.isCrowd)
            })
    }

    /// The item as the training code takes it, with `annotations` in place of its own.
    func datasetItem(annotations: [ItemAnnotation]) -> DatasetItem {
        DatasetItem(
            path: path, width: width, height: height, split: split.flatMap(DatasetSplit.init(rawValue:)), annotations: annotations)
    }
}
