import CKernels

extension Tensor {
    /// Scales each image's channels: x `[N, H, W, C]`, factors s `[N, 1, 1, C]`; y = x·s (squeeze and excitation, Hu 2017).
    /// ∂x = ∂y·s; ∂s = Σ over H and W of ∂y·x.
    package static func scaleChannels(_ x: Tensor, by factors: Tensor) -> Tensor {
        precondition(factors.shape == [x.shape[0], 1, 1, x.shape[-1]], "scaleChannels: \(x.shape) by \(factors.shape)")
        let result = scaledRows(x, by: factors, into: .uninitialized(x.shape))
        guard let tape = (x.node ?? factors.node)?.tape else { return result }
        let output = tape.output(result)
        tape.record(ScaleChannelsStep(x: x, factors: factors, output: output.node))
        return output
    }

    /// Writes x·s to `target`.
    private static func scaledRows(_ x: Tensor, by factors: Tensor, into target: Tensor) -> Tensor {
        let channels = x.shape[-1], pixels = x.shape[1] * x.shape[2]
        withExtendedLifetime((x.storage, factors.storage)) {
            let from = x.floats, scale = factors.floats, to = target.floats
            parallelFor(x.shape[0] * x.shape[1], grain: max(1, (1 << 15) / max(1, x.shape[2] * channels))) { range in
                for line in range {
                    let image = line / x.shape[1], start = line * x.shape[2] * channels
                    ty_scale_rows(from + start, scale + image * channels, to + start, pixels / x.shape[1], channels)
                }
            }
        }
        return target
    }
}

private struct ScaleChannelsStep: GradientStep {
    let x, factors: Tensor
    let output: Tape.Node?
    let name = "scaleChannels"
    var saved: [Tensor] { [x, factors] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let sums = Tensor.uninitialized(factors.shape)
        let channels = x.shape[-1], pixels = x.shape[1] * x.shape[2], images = x.shape[0]
        // A task is some channels of one image, whose sum one thread makes.
        let block = 128, blocks = (channels + block - 1) / block
        withExtendedLifetime((x.storage, factors.storage, gradient.storage, sums.storage)) {
            let from = x.floats, scale = factors.floats, g = gradient.floats, to = sums.floats
            parallelFor(images * blocks, grain: max(1, (1 << 14) / max(1, pixels * min(block, channels)))) { range in
                for task in range {
                    let first = task % blocks * block, own = task / blocks * channels + first
                    let start = task / blocks * pixels * channels + first
                    ty_scale_rows_gradient(
                        from + start, scale + own, g + start, to + own, pixels, channels, min(block, channels - first))
                }
            }
        }
        if factors.node?.needsGradient == true { tape.accumulate(sums, into: factors.node) }
        if x.node?.needsGradient == true { tape.accumulate(gradient, into: x.node) }
    }
}
