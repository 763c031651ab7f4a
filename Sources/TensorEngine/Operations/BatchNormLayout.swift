import CKernels

/// What batch norm multiplies and adds, one value a channel; wide tensors repeat them over a row of `WideRows`.
struct ChannelFactors {
    /// Wide: weight / √(σ² + ε), bias − μ · scale, and μ.
    let scale, shift, mean: Tensor
    /// 1 / √(σ² + ε), not wide.
    let inverse: Tensor
}

/// How batch norm's kernels see an array of pixels: rows of several pixels, some 256 floats wide, in blocks whose
/// extent depends on the shape only, so that sums do not depend on the number of threads.
struct WideRows {
    let count, channels, width, blockCount: Int

    init(count: Int, channels: Int) {
        self.count = count
        self.channels = channels
        width = channels * max(1, 256 / max(1, channels))
        // Enough blocks for many threads, of rows enough to hide the adding up and few enough for single precision.
        let rows = count / max(1, width) + 1
        blockCount = width * min(256, max(8, (rows + 31) / 32))
    }

    var blocks: Int { blockCount == 0 ? 0 : (count + blockCount - 1) / blockCount }

    func forEachBlock(_ body: (_ block: Int, _ start: Int, _ count: Int) -> Void) {
        parallelFor(blocks) { range in
            for block in range { body(block, block * blockCount, min(blockCount, count - block * blockCount)) }
        }
    }

    /// Repeats the first `channels` values over the wide row.
    func widen(_ row: UnsafeMutablePointer<Float>) {
        for start in stride(from: channels, to: width, by: max(1, channels)) {
            (row + start).update(from: row, count: channels)
        }
    }

    /// Lets `body` write two partial sums `[width]` for each block, and gives their totals for each channel.
    func withTotals<Result>(
        of body: (_ start: Int, _ count: Int, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>) -> Void,
        _ use: (_ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>) -> Result
    ) -> Result {
        let partial = Tensor.uninitialized([max(1, blocks), 2, width])
        return withExtendedLifetime(partial.storage) {
            let base = partial.floats
            forEachBlock { block, start, count in
                let own = base + block * 2 * width
                body(start, count, own, own + width)
            }
            return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * channels + 1) { totals in
                guard let first = totals.baseAddress else { preconditionFailure("no memory for \(channels) channels") }
                ty_batchnorm_total(base, blocks, channels, width, first)
                return use(first, first + channels)
            }
        }
    }

    /// The factors of the batch's own moments, towards which the running ones move; the variance is divided by n here and
    /// made unbiased there, as torch does.
    func factors(
        of x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float, runningMean: Tensor, runningVariance: Tensor, momentum: Float
    ) -> ChannelFactors {
        let centre = Tensor.uninitialized([width]), rows = count / channels
        return withExtendedLifetime((x.storage, centre.storage, runningMean.storage, runningVariance.storage)) {
            let from = x.floats, middle = centre.floats, means = runningMean.floats, variances = runningVariance.floats
            ty_batchnorm_centre(from, rows, channels, width, middle)
            return withTotals { start, count, sums, squares in
                ty_batchnorm_statistics(from + start, middle, count, width, sums, squares)
            } _: { sums, squares in
                let n = Double(rows), unbiased = rows > 1 ? n / (n - 1) : 1
                return factors(weight: weight, bias: bias, epsilon: epsilon) { c in
                    let away = sums[c] / n, mean = Double(middle[c]) + away
                    let variance = max(0, squares[c] / n - away * away)
                    means[c] += momentum * (Float(mean) - means[c])
                    variances[c] += momentum * (Float(variance * unbiased) - variances[c])
                    return (mean, variance)
                }
            }
        }
    }

    /// The factors of given moments.
    func factors(
        weight: Tensor, bias: Tensor, epsilon: Float, moments: (_ channel: Int) -> (mean: Double, variance: Double)
    ) -> ChannelFactors {
        let result = ChannelFactors(
            scale: .uninitialized([width]), shift: .uninitialized([width]), mean: .uninitialized([width]),
            inverse: .uninitialized([channels]))
        let weights = weight.floats, biases = bias.floats, inverses = result.inverse.floats
        let scales = result.scale.floats, shifts = result.shift.floats, means = result.mean.floats
        withExtendedLifetime((weight.storage, bias.storage, result)) {
            for c in 0..<channels {
                let (mean, variance) = moments(c)
                let inverse = 1 / (variance + Double(epsilon)).squareRoot(), scale = Double(weights[c]) * inverse
                inverses[c] = Float(inverse)
                scales[c] = Float(scale)
                shifts[c] = Float(Double(biases[c]) - mean * scale)
                means[c] = Float(mean)
            }
            for row in [scales, shifts, means] { widen(row) }
        }
        return result
    }
}
