import Glibc

/// A seeded generator whose whole state is one number, so that checkpoints can keep it: SplitMix64
/// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
package struct RandomSource: RandomNumberGenerator, Codable, Sendable, Hashable {
    package private(set) var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// An independent stream for one purpose, one epoch, one item.
    package init(seed: UInt64, stream: UInt64...) {
        var mixed = seed
        for part in stream { mixed = Self.mix(mixed &+ 0x9E37_79B9_7F4A_7C15 &+ Self.mix(part)) }
        state = mixed
    }

    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// Uniform in `[0, 1)`.
    package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Uniform in `[lower, upper)`.
    package mutating func uniform(_ lower: Float, _ upper: Float) -> Float { lower + (upper - lower) * uniform() }

    /// Standard normal, by Box and Muller.
    package mutating func normal() -> Float {
        let radius = (-2 * logf(max(uniform(), .leastNormalMagnitude))).squareRoot()
        return radius * cosf(2 * .pi * uniform())
    }
}
