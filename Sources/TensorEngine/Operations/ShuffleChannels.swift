import CKernels

extension Tensor {
    /// Exchanges the channels of G groups so that each group of the result takes from every one: x `[..., C]`,
    /// y[..., i·G + g] = x[..., g·C/G + i] (Zhang et al., ShuffleNet, 2017); ∂x is the inverse exchange of ∂y.
    package static func shuffleChannels(_ x: Tensor, groups: Int) -> Tensor {
        precondition(groups > 0 && x.shape[-1] % groups == 0, "shuffleChannels: \(groups) groups of \(x.shape)")
        guard groups > 1 else { return x }
        let result = transposedChannels(of: x, rows: groups)
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(ShuffleStep(x: node, groups: groups, output: output.node))
        return output
    }

    /// Sees the channels of each pixel as a matrix with `rows` rows and transposes it.
    fileprivate static func transposedChannels(of x: Tensor, rows: Int) -> Tensor {
        let result = Tensor.uninitialized(x.shape)
        let channels = x.shape[-1], pixels = x.count / max(1, channels)
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = result.floats
            parallelFor(pixels, grain: max(1, (1 << 14) / max(1, channels))) { range in
                let start = range.lowerBound * channels
                ty_transpose_channels(from + start, to + start, rows, channels / rows, range.count)
            }
        }
        return result
    }
}

private struct ShuffleStep: GradientStep {
    let x: Tape.Node
    let groups: Int
    let output: Tape.Node?
    let name = "shuffleChannels"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output), x.needsGradient, gradient.shape[-1] > 0 else { return }
        tape.accumulate(Tensor.transposedChannels(of: gradient, rows: gradient.shape[-1] / groups), into: x)
    }
}
