import Glibc
import TensorEngine

/// Mixing of the pictures and labels of a batch: each with the one before it, the first with the last.
///
/// Mixup blends whole pictures (Zhang et al.: mixup, 2017), CutMix sets in a rectangle (Yun et al.: CutMix, 2019). The share
/// comes from a Beta(alpha, alpha) distribution, once a batch; where both are on, one of them is drawn for each batch.
package struct BatchMixing: Codable, Sendable, Equatable {
    /// At least 0; 0 is off.
    package var mixupAlpha = 0.0
    package var cutmixAlpha = 0.0

    enum CodingKeys: String, CodingKey {
        case mixupAlpha = "mixup_alpha", cutmixAlpha = "cutmix_alpha"
    }

    package init(mixupAlpha: Double = 0, cutmixAlpha: Double = 0) {
        self.mixupAlpha = mixupAlpha
        self.cutmixAlpha = cutmixAlpha
    }

    package var isOff: Bool { mixupAlpha <= 0 && cutmixAlpha <= 0 }

    /// Mixes `[labels.count, height, width, 3]` in place; nil when mixing is off or there is nothing to mix with.
    func apply(to pixels: BatchPixels, labels: [Int32], random: inout RandomSource) -> LabelMixing? {
        guard !isOff, labels.count > 1 else { return nil }
        let cuts = cutmixAlpha > 0 && (mixupAlpha <= 0 || random.next() & 1 == 1)
        let share = random.beta(cuts ? cutmixAlpha : mixupAlpha)
        let mixing: Mixture =
            cuts
            ? .cutmix(CutBox(
                share: share, centreX: random.index(below: pixels.width), centreY: random.index(below: pixels.height),
                width: pixels.width, height: pixels.height))
            : .mixup(share: share)
        pixels.withImages(count: labels.count) {
            mixing.apply(to: $0, count: labels.count, width: pixels.width, height: pixels.height)
        }
        return LabelMixing(labels: labels, share: mixing.share(width: pixels.width, height: pixels.height))
    }
}

/// What mixing made of a batch's labels: picture i is `share` its own label and `1 - share` `others[i]`.
package struct LabelMixing: Sendable, Equatable {
    /// 0…1.
    package let share: Float
    package let others: [Int32]

    init(labels: [Int32], share: Double) {
        self.share = Float(share)
        others = labels.indices.map { labels[$0 == 0 ? labels.count - 1 : $0 - 1] }
    }
}

/// The rectangle that CutMix sets in, from the other picture's share of the area; parts outside are cut off.
struct CutBox: Equatable {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    init(share: Double, centreX: Int, centreY: Int, width: Int, height: Int) {
        let half = 0.5 * (1 - share).squareRoot()
        let halfWidth = Int(half * Double(width)), halfHeight = Int(half * Double(height))
        left = max(0, centreX - halfWidth)
        top = max(0, centreY - halfHeight)
        right = min(width, centreX + halfWidth)
        bottom = min(height, centreY + halfHeight)
    }
}

/// A mixture with its numbers chosen.
enum Mixture {
    case mixup(share: Double)
    case cutmix(CutBox)

    /// What is left of each picture itself.
    func share(width: Int, height: Int) -> Double {
        switch self {
        case .mixup(let share): share
        case .cutmix(let box): 1 - Double((box.right - box.left) * (box.bottom - box.top)) / Double(width * height)
        }
    }

    func apply(to levels: UnsafeMutableBufferPointer<Float>, count: Int, width: Int, height: Int) {
        let length = width * height * 3
        // From the last to the first, so that each finds the one before it unmixed; the first needs what the last was.
        let last = Array(levels[(count - 1) * length..<count * length])
        last.withUnsafeBufferPointer { last in
            for image in (0..<count).reversed() {
                let own = UnsafeMutableBufferPointer(rebasing: levels[image * length..<(image + 1) * length])
                let other = image == 0 ? last : UnsafeBufferPointer(rebasing: levels[(image - 1) * length..<image * length])
                mix(other, into: own, width: width)
            }
        }
    }

    private func mix(_ other: UnsafeBufferPointer<Float>, into own: UnsafeMutableBufferPointer<Float>, width: Int) {
        switch self {
        case .mixup(let share):
            let kept = Float(share), added = Float(1 - share)
            for index in own.indices { own[index] = other[index] * added + own[index] * kept }
        case .cutmix(let box):
            guard box.left < box.right else { return }
            for row in box.top..<max(box.top, box.bottom) {
                for index in (row * width + box.left) * 3..<(row * width + box.right) * 3 { own[index] = other[index] }
            }
        }
    }
}

extension RandomSource {
    /// A draw from Beta(alpha, alpha), as one of two gammas over their sum.
    mutating func beta(_ alpha: Double) -> Double {
        let first = gamma(alpha), second = gamma(alpha)
        // Two gammas of a tiny alpha can both be too small for a number; their limit is a coin.
        return first + second > 0 ? first / (first + second) : Double(next() & 1)
    }

    /// A draw from Gamma(shape, 1) (Marsaglia and Tsang: A simple method for generating gamma variables, 2000).
    private mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(max(Double(uniform()), 0x1p-25), 1 / shape) }
        let d = shape - 1 / 3, c = 1 / (9 * d).squareRoot()
        while true {
            let x = Double(normal()), v = pow(1 + c * x, 3)
            if v > 0, log(max(Double(uniform()), 0x1p-25)) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }
}
