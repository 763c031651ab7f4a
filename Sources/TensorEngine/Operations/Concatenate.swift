import CKernels

extension Tensor {
    /// Joins tensors along the last dimension: `[..., C1]`, `[..., C2]` … → `[..., C1 + C2 …]`.
    package static func concatenateChannels(_ xs: [Tensor]) -> Tensor { concatenate(xs, axis: -1) }

    /// Joins tensors along `axis`; all other extents are equal. ∂ of each input is its part of ∂y.
    package static func concatenate(_ xs: [Tensor], axis: Int) -> Tensor {
        guard let first = xs.first else { preconditionFailure("concatenate: no tensors") }
        guard xs.count > 1 else { return first }
        let position = axis < 0 ? first.shape.rank + axis : axis
        for x in xs {
            precondition(x.shape.replacing(position, by: 0) == first.shape.replacing(position, by: 0),
                "concatenate along \(axis): shapes \(xs.map(\.shape))")
        }
        let extents = xs.map { $0.shape[position] }
        let result = Tensor.uninitialized(first.shape.replacing(position, by: extents.reduce(0, +)))
        let slices = AxisSlices(shape: result.shape, axis: position, extents: extents)
        for (index, x) in xs.enumerated() { slices.copy(x, intoPart: index, of: result) }
        guard let tape = xs.lazy.compactMap({ $0.node }).first?.tape else { return result }
        let output = tape.output(result)
        tape.record(ConcatenateStep(inputs: xs.map(\.node), shapes: xs.map(\.shape), slices: slices, output: output.node))
        return output
    }

    /// Cuts the last dimension into parts of the given sizes: `[..., C]` → `[..., sizes[i]]`; ∂x joins the parts' ∂.
    package static func splitChannels(_ x: Tensor, sizes: [Int]) -> [Tensor] {
        precondition(sizes.reduce(0, +) == x.shape[-1], "splitChannels: sizes \(sizes) of \(x.shape)")
        let slices = AxisSlices(shape: x.shape, axis: x.shape.rank - 1, extents: sizes)
        let results = sizes.indices.map { index in
            let part = Tensor.uninitialized(x.shape.replacing(x.shape.rank - 1, by: sizes[index]))
            slices.copy(part: index, of: x, into: part)
            return part
        }
        guard let node = x.node else { return results }
        let outputs = results.map { node.tape.output($0) }
        node.tape.record(SplitStep(x: node, shape: x.shape, slices: slices, outputs: outputs.map(\.node)))
        return outputs
    }
}

extension Shape {
    /// The same shape with another extent at `index`.
    func replacing(_ index: Int, by extent: Int) -> Shape {
        var changed = dimensions
        changed[index] = extent
        return Shape(changed)
    }
}

/// Where the parts of a tensor cut along an axis lie: `rows` pieces of `width` floats, each part a run of every piece.
private struct AxisSlices {
    let rows, width: Int
    let widths, offsets: [Int]

    init(shape: Shape, axis: Int, extents: [Int]) {
        let inner = shape.dimensions.dropFirst(axis + 1).reduce(1, *)
        rows = shape.dimensions.prefix(axis).reduce(1, *)
        width = shape[axis] * inner
        widths = extents.map { $0 * inner }
        var offset = 0
        offsets = widths.map { width in
            defer { offset += width }
            return offset
        }
    }

    func copy(_ source: Tensor, intoPart part: Int, of whole: Tensor) {
        copyRows(source, source.floats, stride: widths[part], whole, whole.floats + offsets[part], stride: width, part: part)
    }

    func copy(part: Int, of whole: Tensor, into target: Tensor) {
        copyRows(whole, whole.floats + offsets[part], stride: width, target, target.floats, stride: widths[part], part: part)
    }

    func clear(part: Int, of whole: Tensor) {
        withExtendedLifetime(whole.storage) {
            for row in 0..<rows { ty_fill(0, whole.floats + row * width + offsets[part], widths[part]) }
        }
    }

    private func copyRows(
        _ source: Tensor, _ from: UnsafeMutablePointer<Float>, stride fromStride: Int,
        _ target: Tensor, _ to: UnsafeMutablePointer<Float>, stride toStride: Int, part: Int
    ) {
        let length = widths[part]
        withExtendedLifetime((source.storage, target.storage)) {
            parallelFor(rows, grain: max(1, (1 << 15) / max(1, length))) { range in
                ty_copy_rows(
                    from + range.lowerBound * fromStride, fromStride, to + range.lowerBound * toStride, toStride, length, range.count)
            }
        }
    }
}

private struct ConcatenateStep: GradientStep {
    let inputs: [Tape.Node?]
    let shapes: [Shape]
    let slices: AxisSlices
    let output: Tape.Node?
    let name = "concatenate"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradientToRead(of: output)?.tensor else { return }
        for (index, node) in inputs.enumerated() {
            guard let node, node.needsGradient else { continue }
            let part = Tensor.uninitialized(shapes[index])
            slices.copy(part: index, of: gradient, into: part)
            tape.accumulate(part, into: node)
        }
    }
}

private struct SplitStep: GradientStep {
    let x: Tape.Node
    let shape: Shape
    let slices: AxisSlices
    let outputs: [Tape.Node?]
    let name = "split"
    var saved: [Tensor] { [] }

    func backward(on tape: Tape) {
        let parts = outputs.map { tape.takeGradient(of: $0) }
        guard x.needsGradient, parts.contains(where: { $0 != nil }) else { return }
        let gradient = Tensor.uninitialized(shape)
        for (index, part) in parts.enumerated() {
            if let part { slices.copy(part, intoPart: index, of: gradient) } else { slices.clear(part: index, of: gradient) }
        }
        tape.accumulate(gradient, into: x)
    }
}
