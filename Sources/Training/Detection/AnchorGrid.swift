import NeuralNetworks

/// Where each prediction of a detector stands: the centre of its cell and its level's stride.
package struct AnchorGrid: Sendable, Equatable {
    package struct Level: Sendable, Equatable {
        /// The first of the level's anchors.
        package let start: Int
        package let height: Int
        package let width: Int
        package let stride: Int
    }

    package let levels: [Level]
    package let count: Int
    /// The number of bins that describe one side of a box, and so the largest side is `bins - 1` strides.
    static let bins = 16

    package init(levels: [(height: Int, width: Int, stride: Int)]) {
        var start = 0
        self.levels = levels.map { level in
            defer { start += level.height * level.width }
            return Level(start: start, height: level.height, width: level.width, stride: level.stride)
        }
        count = start
    }

    /// The level that anchor `index` belongs to.
    func level(of index: Int) -> Level {
        levels.first { index < $0.start + $0.height * $0.width } ?? levels[levels.count - 1]
    }

    /// The centre of anchor `index` of `level`, in units of the level's stride.
    func centre(of index: Int, in level: Level) -> (x: Float, y: Float) {
        let (row, column) = (index - level.start).quotientAndRemainder(dividingBy: level.width)
        return (Float(column) + 0.5, Float(row) + 0.5)
    }
}

/// Distribution focal loss' description of a box: four distances from the anchor, each the mean of a softmax over bins
/// (Li et al., Generalized Focal Loss, 2020).
enum BoxDistribution {
    /// The four mean distances left, top, right, bottom in strides; `logits` holds 4 × 16 values.
    static func distances(_ logits: UnsafePointer<Float>) -> SIMD4<Float> {
        var result = SIMD4<Float>()
        for side in 0..<4 {
            result[side] = probabilities(logits + side * AnchorGrid.bins).mean
        }
        return result
    }

    /// The softmax over one side's 16 bins, its mean bin, and the logarithm of its normaliser.
    @inline(__always)
    static func probabilities(_ logits: UnsafePointer<Float>) -> (values: SIMD16<Float>, mean: Float, logNormalizer: Float) {
        let raw = UnsafeRawPointer(logits).loadUnaligned(as: SIMD16<Float>.self)
        let largest = raw.max()
        let exponentials = VectorMath.exp(raw - largest)
        let sum = exponentials.sum()
        let values = exponentials / sum
        return (values, (values * binIndices).sum(), largest + VectorMath.log(sum))
    }

    static let binIndices = SIMD16<Float>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
}
