import CKernels

extension Tensor {
    /// Repeats each pixel `factor` times along both axes: `[N, H, W, C]` → `[N, fH, fW, C]`; ∂x sums its f² copies' ∂y.
    package static func upsampleNearest(_ x: Tensor, factor: Int) -> Tensor {
        precondition(x.shape.rank == 4 && factor > 0, "upsampleNearest: factor \(factor) on \(x.shape)")
        let width = x.shape[2], channels = x.shape[3], rowCount = width * channels
        let result = Tensor.uninitialized([x.shape[0], x.shape[1] * factor, width * factor, channels])
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = result.floats
            parallelFor(x.shape[0] * x.shape[1]) { range in
                for row in range {
                    ty_upsample_row(from + row * rowCount, width, channels, factor, to + row * rowCount * factor * factor)
                }
            }
        }
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(UpsampleStep(x: node, shape: x.shape, factor: factor, output: output.node))
        return output
    }
}

private struct UpsampleStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let factor: Int
    let output: Tape.Node?
    let name = "upsampleNearest"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradientToRead(of: output)?.tensor, x.needsGradient else { return }
        let result = Tensor.uninitialized(shape)
        let width = shape[2], channels = shape[3], rowCount = width * channels
        withExtendedLifetime(gradient.storage) {
            let from = gradient.floats, to = result.floats
            parallelFor(shape[0] * shape[1]) { range in
                for row in range {
                    ty_upsample_gradient_row(
                        from + row * rowCount * factor * factor, width, channels, factor, to + row * rowCount)
                }
            }
        }
        tape.accumulate(result, into: x)
    }
}
