import CKernels

/// Mean and variance (divided by n) of each channel.
struct ChannelMoments {
    let mean, variance: [Double]
    /// How many values each channel has; 0 for running moments.
    let count: Int

    /// Moves running moments towards these; the variance is made unbiased, as torch does.
    func updateRunning(mean runningMean: Tensor, variance runningVariance: Tensor, momentum: Float) {
        let unbiased = count > 1 ? Double(count) / Double(count - 1) : 1
        withExtendedLifetime((runningMean.storage, runningVariance.storage)) {
            for c in mean.indices {
                runningMean.floats[c] += momentum * (Float(mean[c]) - runningMean.floats[c])
                runningVariance.floats[c] += momentum * (Float(variance[c] * unbiased) - runningVariance.floats[c])
            }
        }
    }
}

/// How batch norm's kernels see an array of pixels: rows of several pixels, at least 128 floats wide, in blocks whose
/// extent depends on the shape only, so that sums do not depend on the number of threads.
struct WideRows {
    let count, channels, width, blockCount: Int

    init(count: Int, channels: Int) {
        self.count = count
        self.channels = channels
        width = channels * max(1, 256 / max(1, channels))
        blockCount = width * max(32, 32768 / max(1, width))
    }

    var blocks: Int { blockCount == 0 ? 0 : (count + blockCount - 1) / blockCount }

    func forEachBlock(_ body: (_ block: Int, _ start: Int, _ count: Int) -> Void) {
        parallelFor(blocks) { range in
            for block in range { body(block, block * blockCount, min(blockCount, count - block * blockCount)) }
        }
    }

    /// One value a channel, repeated over a wide row.
    func widen(_ value: (Int) -> Double) -> Tensor {
        let tensor = Tensor.uninitialized([width])
        withExtendedLifetime(tensor.storage) {
            for c in 0..<channels {
                let single = Float(value(c))
                for j in stride(from: c, to: width, by: channels) { tensor.floats[j] = single }
            }
        }
        return tensor
    }

    /// Sums part 0 or 1 of the blocks' partial sums `[blocks, 2, width]` for each channel.
    func total(_ partial: Tensor, part: Int) -> [Double] {
        var result = [Double](repeating: 0, count: channels)
        withExtendedLifetime(partial.storage) {
            result.withUnsafeMutableBufferPointer { result in
                for block in 0..<blocks {
                    var own = partial.floats + (block * 2 + part) * width
                    for _ in 0..<(width / max(1, channels)) {
                        for c in 0..<channels { result[c] += Double(own[c]) }
                        own += channels
                    }
                }
            }
        }
        return result
    }

    /// Moments of each channel: sums around each block's first row, which keeps them small, joined in double by the
    /// rule of Chan, Golub and LeVeque (1979).
    func moments(of x: Tensor) -> ChannelMoments {
        let partial = Tensor.uninitialized([blocks, 2, width])
        let rows = count / channels
        var mean = [Double](repeating: 0, count: channels), variance = mean
        withExtendedLifetime((x.storage, partial.storage)) {
            let from = x.floats, sums = partial.floats
            forEachBlock { block, start, count in
                let own = sums + block * 2 * width
                ty_batchnorm_statistics(from + start, count, width, own, own + width)
            }
            mean.withUnsafeMutableBufferPointer { mean in
                forEachPartial { block, part, c, n in
                    let j = part * channels + c
                    mean[c] += n * Double(from[block * blockCount + j]) + Double(sums[block * 2 * width + j])
                }
                for c in 0..<channels { mean[c] /= Double(rows) }
                variance.withUnsafeMutableBufferPointer { variance in
                    forEachPartial { block, part, c, n in
                        let j = part * channels + c
                        let sum = Double(sums[block * 2 * width + j]), square = Double(sums[(block * 2 + 1) * width + j])
                        let away = Double(from[block * blockCount + j]) + sum / n - mean[c]
                        variance[c] += max(0, square - sum * sum / n) + n * away * away
                    }
                    for c in 0..<channels { variance[c] /= Double(rows) }
                }
            }
        }
        return ChannelMoments(mean: mean, variance: variance, count: rows)
    }

    /// Visits each block's columns that hold values, with the number of values summed there.
    @inline(__always) private func forEachPartial(_ body: (_ block: Int, _ part: Int, _ channel: Int, _ n: Double) -> Void) {
        for block in 0..<blocks {
            let length = min(blockCount, count - block * blockCount)
            for part in 0..<(width / channels) {
                let n = length / width + (part * channels < length % width ? 1 : 0)
                guard n > 0 else { continue }
                for c in 0..<channels { body(block, part, c, Double(n)) }
            }
        }
    }
}
