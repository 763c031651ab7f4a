/// Values that are computed from a tensor's name, so that a probe needs no weight files.
package struct ProbeValues: Sendable {
    package let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// The values of the float tensor `key` of a shape in torch's order: offset + scale·u with u uniform in `[-1, 1)`.
    package func fill(_ key: String, shape: [Int]) -> [Float] {
        let count = shape.reduce(1, *)
        if key.hasSuffix("running_mean") { return uniform(key, count: count, offset: 0, scale: 0.1) }
        if key.hasSuffix("running_var") { return uniform(key, count: count, offset: 1, scale: 0.5) }
        if shape.count >= 2 {
            // Uniform values of this bound have the variance 1/(fan in), which keeps activations in range.
            let bound = (3 / (Double(count) / Double(shape[0]))).squareRoot()
            return uniform(key, count: count, offset: 0, scale: bound)
        }
        return uniform(key, count: count, offset: key.hasSuffix("weight") ? 1 : 0, scale: 0.1)
    }

    /// `count` numbers: SplitMix64 (Steele et al., 2014) started from FNV-1a of the key and the seed, computed in double precision
    /// and rounded once.
    private func uniform(_ key: String, count: Int, offset: Double, scale: Double) -> [Float] {
        let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= seed &* golden
        return [Float](unsafeUninitializedCapacity: count) { values, initializedCount in
            for index in 0..<count {
                var z = hash &+ UInt64(index + 1) &* golden
                z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                z ^= z >> 31
                let u = Double(z >> 40) * 0x1p-23 - 1
                values.initializeElement(at: index, to: Float(offset + scale * u))
            }
            initializedCount = count
        }
    }
}
