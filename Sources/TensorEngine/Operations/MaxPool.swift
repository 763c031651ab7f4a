import CKernels

extension Tensor {
    /// Largest value of each window, a channel at a time: `[N, H, W, C]` → `[N, H', W', C]` with
    /// H' = ⌊(H + 2·padding − kernel) / stride⌋ + 1, or rounded up where the last window starts inside (`ceilMode`).
    /// ∂x gathers ∂y where x was the first largest. The kernel's side is at most 15.
    package static func maxPool2d(_ x: Tensor, kernel: Int, stride: Int, padding: Int = 0, ceilMode: Bool = false) -> Tensor {
        precondition(x.shape.rank == 4 && kernel > 0 && kernel <= 15 && stride > 0, "maxPool2d: kernel \(kernel) on \(x.shape)")
        precondition(padding * 2 <= kernel, "maxPool2d: padding \(padding) is more than half of kernel \(kernel)")
        let height = pooledExtent(x.shape[1], kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)
        let width = pooledExtent(x.shape[2], kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)
        let images = x.shape[0], channels = x.shape[3]
        let pool = ty_max_pool(
            height: Int32(x.shape[1]), width: Int32(x.shape[2]), channels: Int32(channels), output_height: Int32(height),
            output_width: Int32(width), kernel: Int32(kernel), stride: Int32(stride), padding: Int32(padding))
        let result = Tensor.uninitialized([images, height, width, channels])
        // One byte an output, in a tensor so that the pool owns it and the tape counts it.
        let chosen = x.node == nil ? nil : Tensor.uninitialized([(result.count + 3) / 4])
        withExtendedLifetime((x.storage, chosen?.storage)) {
            let from = x.floats, to = result.floats, places = chosen?.bytes, imageCount = x.count / max(1, images)
            parallelFor(images * height) { range in
                withUnsafePointer(to: pool) { pool in
                    for row in range {
                        let start = row * width * channels
                        ty_max_pool_row(
                            pool, from + row / height * imageCount, Int32(row % height), to + start, places.map { $0 + start })
                    }
                }
            }
        }
        guard let node = x.node, let chosen else { return result }
        let output = node.tape.output(result)
        node.tape.record(MaxPoolStep(x: node, shape: x.shape, pool: pool, chosen: chosen, output: output.node))
        return output
    }

    fileprivate var bytes: UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(floats).assumingMemoryBound(to: UInt8.self)
    }

    /// The number of windows along an axis, by torch's rule.
    static func pooledExtent(_ extent: Int, kernel: Int, stride: Int, padding: Int, ceilMode: Bool) -> Int {
        let reach = extent + 2 * padding - kernel + (ceilMode ? stride - 1 : 0)
        guard reach >= 0 else { preconditionFailure("a pooling window of \(kernel) does not fit in \(extent)") }
        var count = reach / stride + 1
        if ceilMode, (count - 1) * stride >= extent + padding { count -= 1 }
        return count
    }
}

private struct MaxPoolStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let pool: ty_max_pool
    let chosen: Tensor
    let output: Tape.Node?
    let name = "maxPool2d"
    var saved: [Tensor] { [chosen] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradientToRead(of: output)?.tensor, x.needsGradient else { return }
        let result = Tensor.uninitialized(shape)
        let height = shape[1], rowCount = shape[2] * shape[3], outputCount = gradient.count / max(1, shape[0])
        withExtendedLifetime((gradient.storage, chosen.storage)) {
            let from = gradient.floats, places = chosen.bytes, to = result.floats
            parallelFor(shape[0] * height) { range in
                withUnsafePointer(to: pool) { pool in
                    for row in range {
                        let start = row / height * outputCount
                        ty_max_pool_gradient_row(pool, from + start, places + start, Int32(row % height), to + row * rowCount)
                    }
                }
            }
        }
        tape.accumulate(result, into: x)
    }
}
