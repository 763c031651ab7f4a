import Glibc

/// Exponentials of many floats at once, accurate to about two units in the last place.
enum VectorMath {
    @inline(__always)
    static func log(_ value: Float) -> Float { Glibc.logf(value) }

    static func exp(_ value: Float) -> Float { Glibc.expf(value) }

    /// e^x for x ≤ 0 (below −87 it gives e^−87): range reduction by ln 2 and a polynomial of degree 6.
    @inline(__always)
    static func exp(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let clamped = x.clamped(lowerBound: SIMD16(repeating: -87), upperBound: SIMD16(repeating: 0))
        // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the low bits.
        let magic = SIMD16<Float>(repeating: 12_582_912)
        let shifted = clamped * 1.442_695_04 + magic
        let whole = shifted - magic
        let rest = (clamped - whole * 0.693_359_375) - whole * -2.121_944_4e-4
        var polynomial = SIMD16<Float>(repeating: 1.987_569_15e-4)
        polynomial = polynomial * rest + 1.398_199_95e-3
        polynomial = polynomial * rest + 8.333_451_9e-3
        polynomial = polynomial * rest + 4.166_579_6e-2
        polynomial = polynomial * rest + 1.666_666_55e-1
        polynomial = polynomial * rest + 0.5
        let mantissa = polynomial * rest * rest + rest + 1
        let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &- unsafeBitCast(magic, to: SIMD16<UInt32>.self)
        return mantissa * unsafeBitCast((bits &+ 127) &<< 23, to: SIMD16<Float>.self)
    }

    /// Writes `scale · sigmoid(x)` to `gradient`, when given, and returns Σ log(1 + e^x).
    static func sigmoidAndSoftplus(
        _ x: UnsafePointer<Float>, count: Int, scale: Float, gradient: UnsafeMutablePointer<Float>?
    ) -> Double {
        var total = 0.0
        var index = 0
        while index < count {
            let width = min(16, count - index)
            // Lanes beyond the end hold a logit whose exponential is nothing.
            var lanes = SIMD16<Float>(repeating: -87)
            if width == 16 {
                lanes = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD16<Float>.self)
            } else {
                for lane in 0..<width { lanes[lane] = x[index + lane] }
            }
            let isPositive = lanes .> 0
            let magnitude = lanes.replacing(with: -lanes, where: isPositive)
            let small = exp(magnitude)
            // log(1 + u) = 2 artanh(u / (2 + u)), a series that converges fast for u ≤ 1.
            let s = small / (small + 2), square = s * s
            var series = square * (1 / 13) + 1 / 11
            series = series * square + 1 / 9
            series = series * square + 1 / 7
            series = series * square + 1 / 5
            series = series * square + 1 / 3
            series = series * square + 1
            let softplus = series * s * 2 + lanes.replacing(with: 0, where: .!isPositive)
            total += Double(softplus.sum())
            if let gradient {
                let sigmoid = small.replacing(with: 1, where: isPositive) / (small + 1) * scale
                if width == 16 {
                    UnsafeMutableRawPointer(gradient + index).storeBytes(of: sigmoid, as: SIMD16<Float>.self)
                } else {
                    for lane in 0..<width { gradient[index + lane] = sigmoid[lane] }
                }
            }
            index += width
        }
        return total
    }

    static func sigmoid(_ x: Float) -> Float { 1 / (1 + Glibc.expf(-x)) }
}
