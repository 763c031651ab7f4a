/// Values that are computed from a tensor's name, so that a probe needs no weight files.
package struct ProbeValues: Sendable {
    package let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// `count` numbers in `[-1, 1)`: SplitMix64 (Steele et al., 2014) started from FNV-1a of the key and the seed.
    package func uniform(_ key: String, count: Int) -> [Double] {
        let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= seed &* golden
        return (0..<count).map { index in
            var z = hash &+ UInt64(index + 1) &* golden
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            return Double(z >> 40) * 0x1p-23 - 1
        }
    }

    /// The values of the float tensor `key` of a shape in torch's order.
    package func fill(_ key: String, shape: [Int]) -> [Float] {
        let count = shape.reduce(1, *)
        let values = uniform(key, count: count)
        if key.hasSuffix("running_mean") { return values.map { Float(0.1 * $0) } }
        if key.hasSuffix("running_var") { return values.map { Float(1 + 0.5 * $0) } }
        if shape.count >= 2 {
            // Uniform values of this bound have the variance 1/(fan in), which keeps activations in range.
            let bound = (3 / (Double(count) / Double(shape[0]))).squareRoot()
            return values.map { Float($0 * bound) }
        }
        if key.hasSuffix("weight") { return values.map { Float(1 + 0.1 * $0) } }
        return values.map { Float(0.1 * $0) }
    }
}
