import CKernels

/// The groups of tokens that attend to one another, as places in an image's row of tokens.
package struct AttentionWindows: Sendable {
    /// Tokens in each window, T.
    package let tokens: Int
    /// Window by window, the token at each place, or −1 for padding.
    let places: [Int32]
    /// A number for each place: tokens of one window whose numbers differ hardly attend to one another; nil where all may.
    let regions: [UInt8]?

    /// The number of windows of an image.
    package var count: Int { places.count / max(1, tokens) }
    var hasPadding: Bool { places.contains { $0 < 0 } }

    /// All `tokens` of an image in one window.
    package init(whole tokens: Int) {
        self.tokens = tokens
        places = (0..<Int32(tokens)).map { $0 }
        regions = nil
    }

    /// Square windows over an image of height × width tokens, padded below and to the right to whole windows and moved down
    /// and to the right by `shift` around its edges (Liu et al.: Swin Transformer, 2021, section 3.2).
    ///
    /// Along an axis that one window covers nothing is moved. Tokens that only the move around an edge has brought together
    /// are of different regions.
    package init(height: Int, width: Int, side: Int, shift: Int) {
        tokens = side * side
        let rows = Axis(extent: height, side: side, shift: shift), columns = Axis(extent: width, side: side, shift: shift)
        var places: [Int32] = [], regions: [UInt8] = []
        places.reserveCapacity(rows.padded * columns.padded)
        for top in stride(from: 0, to: rows.padded, by: side) {
            for left in stride(from: 0, to: columns.padded, by: side) {
                for y in top..<top + side {
                    for x in left..<left + side {
                        let row = rows.source(of: y), column = columns.source(of: x)
                        places.append(row < height && column < width ? Int32(row * width + column) : -1)
                        regions.append(3 * rows.region(of: y) + columns.region(of: x))
                    }
                }
            }
        }
        self.places = places
        self.regions = rows.shift + columns.shift > 0 ? regions : nil
    }

    /// One axis of a moved and padded image.
    private struct Axis {
        let side, padded, shift: Int

        init(extent: Int, side: Int, shift: Int) {
            self.side = side
            padded = (extent + side - 1) / side * side
            self.shift = side >= padded ? 0 : shift
        }

        func source(of position: Int) -> Int { (position + shift) % padded }

        func region(of position: Int) -> UInt8 {
            guard shift > 0, position >= padded - side else { return 0 }
            return position < padded - shift ? 1 : 2
        }
    }
}

/// A number added to the logit of each pair of places in a window, looked up by their relative position.
package struct RelativePositionBias {
    /// One row a relative position, one column a head.
    package let table: Parameter
    /// The row of each pair, T × T.
    package let index: [Int64]

    package init(table: Parameter, index: [Int64]) {
        self.table = table
        self.index = index
    }

    /// The bias of each head over all pairs: `[heads, T, T]`.
    fileprivate func expanded() -> Tensor {
        let heads = table.shape[1], pairs = index.count
        let result = Tensor.uninitialized([heads, pairs])
        withExtendedLifetime(result.storage) {
            let from = table.value.floats, to = result.floats
            for head in 0..<heads {
                for (pair, row) in index.enumerated() { to[head * pairs + pair] = from[Int(row) * heads + head] }
            }
        }
        return result
    }

    /// Gathers `[heads, T, T]` gradients for the table.
    fileprivate func accumulate(_ gradient: Tensor) {
        let heads = table.shape[1], pairs = index.count
        let result = Tensor.zeros(table.shape)
        withExtendedLifetime((gradient.storage, result.storage)) {
            let from = gradient.floats, to = result.floats
            for head in 0..<heads {
                for (pair, row) in index.enumerated() { to[Int(row) * heads + head] += from[head * pairs + pair] }
            }
        }
        table.accumulateGradient(result)
    }
}

extension Tensor {
    /// Multi-head scaled dot-product attention within windows (Vaswani et al.: Attention Is All You Need, 2017):
    /// softmax(q kᵀ/√d + bias) v for each head, from packed queries, keys and values `[N, ..., 3 · heads · d]` to
    /// `[N, ..., heads · d]`, tokens in the dimensions between.
    ///
    /// The packed tensor is read and written where it lies; of the logits only the logarithm of each row's sum is kept.
    /// With P the probabilities: ∂v = Pᵀ∂y; ∂S = P ⊙ (∂y vᵀ − Σ y·∂y); ∂q = ∂S k/√d; ∂k = ∂Sᵀ q/√d; ∂bias = Σ ∂S.
    /// - Parameter padding: The packed row `[3 · heads · d]` of tokens beyond the image's edge; needed when a window has such.
    package static func attention(
        _ packed: Tensor, heads: Int, windows: AttentionWindows, positionBias: RelativePositionBias? = nil, padding: Parameter? = nil
    ) -> Tensor {
        let layout = AttentionLayout(packed: packed.shape, heads: heads, windows: windows)
        precondition(
            positionBias == nil || positionBias?.table.shape[1] == heads && positionBias?.index.count == windows.tokens * windows.tokens,
            "attention: the position bias does not fit \(heads) heads and windows of \(windows.tokens) tokens")
        precondition(!windows.hasPadding || padding?.shape == [packed.shape[-1]], "attention: padding needs a row of \(packed.shape[-1])")
        let result = Tensor.uninitialized(layout.output)
        let logSums = Tensor.uninitialized([heads, layout.windowCount, windows.tokens])
        let bias = positionBias?.expanded(), padding = windows.hasPadding ? padding : nil
        withExtendedLifetime((packed.storage, result.storage, logSums.storage, bias?.storage)) {
            layout.forEachBlock { head, windows, _ in
                layout.forEachWindow(windows, head: head, packed: packed, bias: bias, padding: padding?.value) { shape, window, place in
                    ty_attention_forward(shape, window, result.floats, logSums.floats + place)
                }
            }
        }
        guard let node = packed.node else { return result }
        let output = node.tape.output(result)
        node.tape.record(AttentionStep(
            packed: packed, result: result, logSums: logSums, bias: bias, layout: layout, positionBias: positionBias,
            padding: padding, output: output.node))
        return output
    }
}

/// How heads and windows divide into pieces of work that do not depend on the number of threads.
private struct AttentionLayout {
    let shape: ty_attention
    let windowCount, blocks: Int
    /// The shape of the result.
    let output: Shape
    /// The row of the packed tensor and of the result at each place of each window.
    let rows: [Int32]
    let regions: [UInt8]?

    init(packed: Shape, heads: Int, windows: AttentionWindows) {
        precondition(
            packed.rank >= 3 && heads > 0 && packed[-1] % (3 * heads) == 0, "attention: \(packed) cannot be packed for \(heads) heads")
        let tokens = packed.dimensions.dropFirst().dropLast().reduce(1, *)
        precondition(windows.places.allSatisfy { $0 < tokens }, "attention: windows of more than \(tokens) tokens")
        shape = ty_attention(tokens: windows.tokens, heads: heads, width: packed[-1] / (3 * heads))
        windowCount = packed[0] * windows.count
        rows = (0..<packed[0]).flatMap { image in windows.places.map { $0 < 0 ? $0 : Int32(image * tokens) + $0 } }
        regions = windows.regions
        output = Shape(packed.dimensions.dropLast() + [packed[-1] / 3])
        // Each block gathers gradients of its own, so that their sums come out the same on any number of threads.
        blocks = max(1, min(windowCount, (64 + heads - 1) / heads))
    }

    func forEachBlock(_ body: (_ head: Int, _ windows: Range<Int>, _ block: Int) -> Void) {
        guard windowCount > 0 else { return }
        let heads = Int(shape.heads)
        parallelFor(heads * blocks) { range in
            for work in range {
                let block = work % blocks
                body(work / blocks, windowCount * block / blocks..<windowCount * (block + 1) / blocks, work)
            }
        }
    }

    /// Runs `body` with the kernels' arguments for each window and its place in the sums' logarithms.
    func forEachWindow(
        _ windows: Range<Int>, head: Int, packed: Tensor, bias: Tensor?, padding: Tensor?,
        _ body: (UnsafePointer<ty_attention>, UnsafePointer<ty_attention_head>, Int) -> Void
    ) {
        let tokens = shape.tokens
        let scratch = withUnsafePointer(to: shape) { Tensor.uninitialized([ty_attention_scratch($0)]) }
        withExtendedLifetime(scratch.storage) {
            rows.withUnsafeBufferPointer { rows in
                guard let rows = rows.baseAddress else { return }
                withRegions { regions, regionCount in
                    for window in windows {
                        let start = window * tokens
                        var arguments = ty_attention_head(
                            qkv: packed.floats, padding: padding?.floats, bias: bias.map { UnsafePointer($0.floats + head * tokens * tokens) },
                            rows: rows + start, regions: regions.map { $0 + start % regionCount }, head: head,
                            scratch: scratch.floats)
                        withUnsafePointer(to: shape) { body($0, &arguments, (head * windowCount + window) * tokens) }
                    }
                }
            }
        }
    }

    private func withRegions(_ body: (UnsafePointer<UInt8>?, Int) -> Void) {
        guard let regions else { return body(nil, 1) }
        regions.withUnsafeBufferPointer { body($0.baseAddress, max(1, $0.count)) }
    }
}

private struct AttentionStep: GradientStep {
    let packed, result, logSums: Tensor
    let bias: Tensor?
    let layout: AttentionLayout
    let positionBias: RelativePositionBias?
    let padding: Parameter?
    let output: Tape.Node?
    let name = "attention"
    var saved: [Tensor] { [packed, result, logSums] + (bias.map { [$0] } ?? []) }
    var parameters: [Parameter] { [positionBias?.table, padding].compactMap { $0 } }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let heads = layout.shape.heads, pairs = layout.shape.tokens * layout.shape.tokens, work = heads * layout.blocks
        let slopes = Tensor.uninitialized(packed.shape)
        let biasSums = bias.map { _ in Tensor.zeros([work, pairs]) }
        let paddingSums = padding.map { _ in Tensor.zeros([work, packed.shape[-1]]) }
        withExtendedLifetime((packed.storage, result.storage, logSums.storage, bias?.storage, gradient.storage, slopes.storage)) {
            layout.forEachBlock { head, windows, block in
                layout.forEachWindow(windows, head: head, packed: packed, bias: bias, padding: padding?.value) { shape, window, place in
                    ty_attention_gradient(
                        shape, window, result.floats, logSums.floats + place, gradient.floats, slopes.floats,
                        biasSums.map { $0.floats + block * pairs }, paddingSums.map { $0.floats + block * packed.shape[-1] })
                }
            }
        }
        if let biasSums, let positionBias {
            let sums = Tensor.uninitialized([heads, pairs])
            withExtendedLifetime((biasSums.storage, sums.storage)) {
                for head in 0..<heads {
                    ty_sum_rows(biasSums.floats + head * layout.blocks * pairs, sums.floats + head * pairs, layout.blocks, pairs)
                }
            }
            positionBias.accumulate(sums)
        }
        if let paddingSums, let padding {
            let sums = Tensor.uninitialized(padding.shape)
            RowSums.sum(paddingSums, rows: work, columns: packed.shape[-1], into: sums)
            padding.accumulateGradient(sums)
        }
        tape.accumulate(slopes, into: packed.node)
    }
}
