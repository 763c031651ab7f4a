import CKernels

extension Tensor {
    /// Mean of each window: `[N, H, W, C]` → `[N, H', W', C]`, extents as `maxPool2d`; padding counts as zeros in the
    /// mean unless `countsPadding` is false. ∂x spreads ∂y evenly over its window.
    package static func averagePool2d(
        _ x: Tensor, kernel: Int, stride: Int, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
    ) -> Tensor {
        precondition(x.shape.rank == 4 && kernel > 0 && stride > 0 && padding * 2 <= kernel, "averagePool2d: \(kernel) on \(x.shape)")
        func windows(_ extent: Int) -> MeanWindows {
            let count = pooledExtent(extent, kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)
            return MeanWindows((0..<count).map { index in
                let start = index * stride - padding, end = min(start + kernel, extent + padding)
                let inside = max(0, start)..<min(end, extent)
                return (inside, countsPadding ? end - start : inside.count)
            })
        }
        return meanPool(x, rows: windows(x.shape[1]), columns: windows(x.shape[2]))
    }

    /// Mean over each image: `[N, H, W, C]` → `[N, 1, 1, C]`.
    package static func globalAveragePool(_ x: Tensor) -> Tensor { adaptiveAveragePool2d(x, height: 1, width: 1) }

    /// Mean over `height` × `width` windows that cover the image: window i of H' spans ⌊iH/H'⌋ ..< ⌈(i+1)H/H'⌉.
    package static func adaptiveAveragePool2d(_ x: Tensor, height: Int, width: Int) -> Tensor {
        precondition(x.shape.rank == 4 && x.shape[1] > 0 && x.shape[2] > 0, "adaptiveAveragePool2d: shape \(x.shape)")
        func windows(_ extent: Int, _ count: Int) -> MeanWindows {
            MeanWindows((0..<count).map { index in
                let inside = (index * extent / count)..<(((index + 1) * extent + count - 1) / count)
                return (inside, inside.count)
            })
        }
        return meanPool(x, rows: windows(x.shape[1], height), columns: windows(x.shape[2], width))
    }

    private static func meanPool(_ x: Tensor, rows: MeanWindows, columns: MeanWindows) -> Tensor {
        let images = x.shape[0], channels = x.shape[3], height = rows.count, rowCount = columns.count * channels
        let result = Tensor.uninitialized([images, height, columns.count, channels])
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = result.floats, imageCount = x.count / max(1, images)
            rows.withWindows { rowWindows in
                columns.withWindows { columnWindows in
                    parallelFor(images * height) { range in
                        for row in range {
                            ty_mean_pool_row(
                                rowWindows, columnWindows, from + row / height * imageCount, Int32(x.shape[2]), Int32(channels),
                                Int32(row % height), to + row * rowCount)
                        }
                    }
                }
            }
        }
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(MeanPoolStep(x: node, shape: x.shape, rows: rows, columns: columns, output: output.node))
        return output
    }
}

/// The windows of a mean along one axis: the inputs each covers, and what its sum is divided by.
private struct MeanWindows {
    let starts, ends: [Int32]
    let divisors: [Float]
    var count: Int { starts.count }

    init(_ windows: [(inside: Range<Int>, divisor: Int)]) {
        starts = windows.map { Int32($0.inside.lowerBound) }
        ends = windows.map { Int32($0.inside.upperBound) }
        divisors = windows.map { Float($0.divisor) }
    }

    func withWindows(_ body: (ty_windows) -> Void) {
        starts.withUnsafeBufferPointer { starts in
            ends.withUnsafeBufferPointer { ends in
                divisors.withUnsafeBufferPointer { divisors in
                    body(ty_windows(
                        start: starts.baseAddress, end: ends.baseAddress, divisor: divisors.baseAddress, count: Int32(starts.count)))
                }
            }
        }
    }
}

private struct MeanPoolStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let rows, columns: MeanWindows
    let output: Tape.Node?
    let name = "averagePool2d"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradientToRead(of: output)?.tensor, x.needsGradient else { return }
        // The mean is often a second look at an image: then its gradient is added to that of the first in one pass.
        let gathered = tape.gatheredGradient(of: x)
        let result = gathered ?? Tensor.uninitialized(shape)
        let height = shape[1], rowCount = shape[2] * shape[3], outputCount = gradient.count / max(1, shape[0])
        withExtendedLifetime(gradient.storage) {
            let from = gradient.floats, to = result.floats
            rows.withWindows { rowWindows in
                columns.withWindows { columnWindows in
                    parallelFor(shape[0] * height) { range in
                        for row in range {
                            ty_mean_pool_gradient_row(
                                rowWindows, columnWindows, from + row / height * outputCount, Int32(shape[2]), Int32(shape[3]),
                                Int32(row % height), gathered != nil, to + row * rowCount)
                        }
                    }
                }
            }
        }
        if gathered == nil { tape.accumulate(result, into: x) }
    }
}
