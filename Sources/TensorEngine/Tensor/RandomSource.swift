import CKernels

/// A seeded generator whose whole state is one number, so that checkpoints can keep it: SplitMix64
/// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
package struct RandomSource: RandomNumberGenerator, Codable, Sendable, Hashable {
    package private(set) var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// An independent stream for one purpose, one epoch, one item.
    package init(seed: UInt64, stream: UInt64...) {
        var mixed = seed
        for part in stream { mixed = Self.mix(mixed &+ TY_RANDOM_STRIDE &+ Self.mix(part)) }
        state = mixed
    }

    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func next() -> UInt64 {
        state &+= TY_RANDOM_STRIDE
        return Self.mix(state)
    }

    /// Uniform in `[0, 1)`.
    package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Uniform in `[lower, upper)`.
    package mutating func uniform(_ lower: Float, _ upper: Float) -> Float { lower + (upper - lower) * uniform() }

    /// Standard normal, by Box and Muller.
    package mutating func normal() -> Float {
        var value: Float = 0
        ty_normal(state, 1, &value, 1)
        state &+= 2 &* TY_RANDOM_STRIDE
        return value
    }

    /// Fills a tensor by all threads with what as many calls of `uniform(lower, upper)` would give.
    package mutating func fillUniform(_ tensor: Tensor, _ lower: Float, _ upper: Float) {
        fill(tensor, draws: 1) { ty_uniform($0, lower, upper, $1, $2) }
    }

    /// Fills a tensor by all threads with what as many calls of `normal()` would give, times `deviation`.
    package mutating func fillNormal(_ tensor: Tensor, deviation: Float) {
        fill(tensor, draws: 2) { ty_normal($0, deviation, $1, $2) }
    }

    private mutating func fill(_ tensor: Tensor, draws: UInt64, _ body: (UInt64, UnsafeMutablePointer<Float>, Int) -> Void) {
        let start = state
        withExtendedLifetime(tensor.storage) {
            parallelFor(tensor.count, grain: 1 << 14) { range in
                body(
                    start &+ UInt64(range.lowerBound) &* draws &* TY_RANDOM_STRIDE, tensor.floats + range.lowerBound, range.count)
            }
        }
        state = start &+ UInt64(tensor.count) &* draws &* TY_RANDOM_STRIDE
    }
}
