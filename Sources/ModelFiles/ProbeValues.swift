import NeuralNetworks
import TensorEngine

/// Values that are computed from a tensor's name, so that a probe needs no weight files.
package struct ProbeValues: Sendable {
    package let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// The values of the float tensor `key` of a shape in torch's order.
    package func make(_ key: String, shape: [Int]) -> [Float] {
        let count = shape.reduce(1, *)
        return [Float](unsafeUninitializedCapacity: count) { values, initializedCount in
            fill(UnsafeMutableBufferPointer(rebasing: values[..<count]), key, shape: shape, order: .same)
            initializedCount = count
        }
    }

    /// Writes the values of the float tensor `key`, whose `shape` is in torch's order: offset + scale·u with u uniform in `[-1, 1)`.
    package func fill(_ values: UnsafeMutableBufferPointer<Float>, _ key: String, shape: [Int], order: TorchOrder) {
        let offset, scale: Double
        if key.hasSuffix("running_mean") {
            (offset, scale) = (0, 0.1)
        } else if key.hasSuffix("running_var") {
            (offset, scale) = (1, 0.5)
        } else if shape.count >= 2 {
            // Uniform values of this bound have the variance 1/(fan in), which keeps activations in range.
            (offset, scale) = (0, (3 / (Double(values.count) / Double(shape[0]))).squareRoot())
        } else {
            (offset, scale) = (key.hasSuffix("weight") ? 1 : 0, 0.1)
        }
        fill(values, start: start(key), offset: offset, scale: scale, order: order)
    }

    /// FNV-1a of the key and the seed.
    private func start(_ key: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ seed &* Self.golden
    }

    private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The numbers of SplitMix64 (Steele et al., 2014) from `start`, computed in double precision and rounded once.
    private func fill(
        _ values: UnsafeMutableBufferPointer<Float>, start: UInt64, offset: Double, scale: Double, order: TorchOrder
    ) {
        guard let base = values.baseAddress else { return }
        parallelFor(values.count / order.block, grain: max(1, 1 << 14 / order.block)) { blocks in
            order.forEach(in: blocks.lowerBound * order.block..<blocks.upperBound * order.block) { engine, torch in
                var z = start &+ UInt64(torch + 1) &* Self.golden
                z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                z ^= z >> 31
                base[engine] = Float(offset + scale * (Double(z >> 40) * 0x1p-23 - 1))
            }
        }
    }
}
