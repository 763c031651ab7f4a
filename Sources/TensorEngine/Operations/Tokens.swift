import CKernels

extension Tensor {
    /// Puts a class token before an image's tokens and adds positions: `[N, L, C]`, `[1, 1, C]` and `[1, L + 1, C]` → `[N, L + 1, C]`
    /// (Dosovitskiy et al.: An Image is Worth 16x16 Words, 2020).
    ///
    /// ∂x is ∂y without the first token; ∂token sums the first token's ∂y over images, ∂positions all tokens'.
    package static func prependToken(_ x: Tensor, token: Parameter, positions: Parameter) -> Tensor {
        let images = x.shape[0], length = x.shape[1], width = x.shape[2], whole = (length + 1) * width
        precondition(
            x.shape.rank == 3 && token.shape.count == width && positions.shape.count == whole,
            "prependToken: token \(token.shape) and positions \(positions.shape) for \(x.shape)")
        let result = Tensor.uninitialized([images, length + 1, width])
        withExtendedLifetime(x.storage) {
            let from = x.floats, to = result.floats, added = positions.value.floats
            parallelFor(images) { range in
                for image in range {
                    ty_add(token.value.floats, added, to + image * whole, width)
                    ty_add(from + image * length * width, added + width, to + image * whole + width, length * width)
                }
            }
        }
        guard let tape = x.node?.tape else { return result }
        let output = tape.output(result)
        tape.record(PrependTokenStep(x: x.node, shape: x.shape, token: token, positions: positions, output: output.node))
        return output
    }

    /// The first token of each image: `[N, L, C]` → `[N, C]`; the others' ∂x is zero.
    package static func firstToken(_ x: Tensor) -> Tensor {
        precondition(x.shape.rank == 3 && x.shape[1] > 0, "firstToken: \(x.shape)")
        let width = x.shape[2], result = Tensor.uninitialized([x.shape[0], width])
        withExtendedLifetime(x.storage) {
            ty_copy_rows(x.floats, x.shape[1] * width, result.floats, width, width, x.shape[0])
        }
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(FirstTokenStep(x: node, shape: x.shape, output: output.node))
        return output
    }

    /// Joins each two by two pixels into one with four times the channels: `[N, H, W, C]` → `[N, ⌈H/2⌉, ⌈W/2⌉, 4C]`, in the
    /// order upper left, lower left, upper right, lower right, with zeros beyond the edges (Liu et al.: Swin Transformer, 2021).
    /// ∂x takes each part of ∂y back to its place.
    package static func mergePatches(_ x: Tensor) -> Tensor {
        precondition(x.shape.rank == 4, "mergePatches: \(x.shape)")
        let merge = PatchMerge(shape: x.shape)
        let result = Tensor.uninitialized([x.shape[0], merge.height, merge.width, 4 * x.shape[3]])
        withExtendedLifetime((x.storage, result.storage)) {
            merge.forEachPair { pixel, part in
                if let pixel {
                    (result.floats + part).update(from: x.floats + pixel, count: x.shape[3])
                } else {
                    ty_fill(0, result.floats + part, x.shape[3])
                }
            }
        }
        guard let node = x.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(MergePatchesStep(x: node, shape: x.shape, output: output.node))
        return output
    }
}

/// Which pixel each part of a merged pixel comes from.
private struct PatchMerge {
    let shape: Shape
    var height: Int { (shape[1] + 1) / 2 }
    var width: Int { (shape[2] + 1) / 2 }

    /// Runs `body` with the offsets of all pixels and parts, in parallel; the pixel is nil beyond the edges.
    func forEachPair(_ body: (_ pixel: Int?, _ part: Int) -> Void) {
        let height = height, width = width, channels = shape[3], inputHeight = shape[1], inputWidth = shape[2]
        parallelFor(shape[0] * height, grain: max(1, (1 << 13) / max(1, width * channels))) { range in
            for line in range {
                let image = line / height, top = line % height * 2
                for column in 0..<width {
                    for corner in 0..<4 {
                        let y = top + corner % 2, x = 2 * column + corner / 2
                        let pixel = ((image * inputHeight + y) * inputWidth + x) * channels
                        body(y < inputHeight && x < inputWidth ? pixel : nil, ((line * width + column) * 4 + corner) * channels)
                    }
                }
            }
        }
    }
}

private struct MergePatchesStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let output: Tape.Node?
    let name = "mergePatches"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output), x.needsGradient else { return }
        let result = Tensor.uninitialized(shape)
        withExtendedLifetime((gradient.storage, result.storage)) {
            PatchMerge(shape: shape).forEachPair { pixel, part in
                guard let pixel else { return }
                (result.floats + pixel).update(from: gradient.floats + part, count: shape[3])
            }
        }
        tape.accumulate(result, into: x)
    }
}

private struct PrependTokenStep: GradientStep {
    let x: Tape.Node?
    let shape: Shape
    let token, positions: Parameter
    let output: Tape.Node?
    let name = "prependToken"
    var saved: [Tensor] { [] }
    var parameters: [Parameter] { [token, positions] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let width = shape[2], whole = (shape[1] + 1) * width
        let sums = Tensor.uninitialized(positions.shape), first = Tensor.uninitialized(token.shape)
        withExtendedLifetime((gradient.storage, sums.storage, first.storage)) {
            ty_sum_rows(gradient.floats, sums.floats, shape[0], whole)
            first.floats.update(from: sums.floats, count: width)
        }
        token.accumulateGradient(first)
        positions.accumulateGradient(sums)
        guard let x, x.needsGradient else { return }
        let result = Tensor.uninitialized(shape)
        withExtendedLifetime((gradient.storage, result.storage)) {
            ty_copy_rows(gradient.floats + width, whole, result.floats, whole - width, whole - width, shape[0])
        }
        tape.accumulate(result, into: x)
    }
}

private struct FirstTokenStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let output: Tape.Node?
    let name = "firstToken"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output), x.needsGradient else { return }
        // Usually there is a gradient of the whole already, which the first tokens' only add to.
        let result = tape.takeGradient(of: x) ?? .zeros(shape)
        let width = shape[2], length = shape[1] * width
        withExtendedLifetime((gradient.storage, result.storage)) {
            for image in 0..<shape[0] { ty_accumulate(gradient.floats + image * width, result.floats + image * length, width) }
        }
        tape.accumulate(result, into: x)
    }
}
