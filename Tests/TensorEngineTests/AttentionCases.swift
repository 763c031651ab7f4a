import Foundation
import TensorEngine

/// Attention over whole images, in windows that are moved and padded, and of one token alone.
enum AttentionCases {
    static var all: [OperationCase] {
        // 61 tokens are more than the kernel has rows of logits at a time; 18 numbers a head are more than a vector holds.
        [([2, 5], 2, 3), ([1, 1], 1, 4), ([1, 7], 1, 18), ([1, 61], 1, 2), ([0, 4], 2, 2)].map { whole($0.0, heads: $0.1, width: $0.2) }
            + [([2, 5], 2, 3), ([3, 1], 1, 4), ([1, 37], 5, 2), ([0, 4], 2, 2)].map { ofFirst($0.0, heads: $0.1, width: $0.2) }
            + [
                windowed([1, 6, 3], side: 3, shift: 0, heads: 2, width: 2),
                windowed([2, 4, 6], side: 2, shift: 1, heads: 1, width: 2),
                windowed([1, 5, 7], side: 3, shift: 1, heads: 2, width: 2),
                windowed([1, 2, 5], side: 3, shift: 1, heads: 1, width: 3),
                windowed([0, 4, 4], side: 2, shift: 1, heads: 1, width: 2),
            ]
    }

    private static func whole(_ tokens: [Int], heads: Int, width: Int) -> OperationCase {
        OperationCase(
            name: "attention \(tokens), \(heads) heads of \(width)", inputs: [tokens + [3 * heads * width]],
            speedInputs: tokens == [1, 61] ? [[16, 197, 192]] : nil, tolerance: 5e-5,
            run: { x, _ in [.attention(x[0], heads: heads, windows: AttentionWindows(whole: x[0].shape[1]))] },
            reference: { x, _ in
                let length = tokens[1], channels = heads * width
                var result = Reference([tokens[0], length, channels])
                for image in 0..<tokens[0] {
                    let rows = (0..<length).map { row in
                        Array(x[0].values[(image * length + row) * 3 * channels..<(image * length + row + 1) * 3 * channels])
                    }
                    let outputs = attend(rows, heads: heads) { _, _, _ in 0 }
                    for row in 0..<length {
                        for c in 0..<channels { result.values[(image * length + row) * channels + c] = outputs[row][c] }
                    }
                }
                return [result]
            })
    }

    /// Attention of the first of normalised and projected tokens; they also go elsewhere, so that gradients meet.
    private static func ofFirst(_ tokens: [Int], heads: Int, width: Int) -> OperationCase {
        let length = tokens[1], channels = heads * width
        return OperationCase(
            name: "attention of the first of \(tokens), \(heads) heads of \(width)", inputs: [tokens + [channels]],
            parameters: [[3 * channels, channels], [3 * channels], [channels], [channels]], tolerance: 1e-4,
            run: { x, p in
                let norm = LayerNormParameters(weight: p[2], bias: p[3], epsilon: 1e-5)
                return [.firstTokenAttention(x[0], norm: norm, weight: p[0], bias: p[1], heads: heads), .firstToken(x[0])]
            },
            reference: { x, p in
                let packed = TransformerCases.product(TransformerCases.normalize(x[0], p[2], p[3]), p[0], p[1])
                var result = Reference([tokens[0], channels]), first = result
                for image in 0..<tokens[0] {
                    let rows = (image * length..<(image + 1) * length).map { row in
                        Array(packed.values[row * 3 * channels..<(row + 1) * 3 * channels])
                    }
                    let outputs = attend(rows, heads: heads) { _, _, _ in 0 }
                    for c in 0..<channels {
                        result.values[image * channels + c] = outputs[0][c]
                        first.values[image * channels + c] = x[0].values[image * length * channels + c]
                    }
                }
                return [result, first]
            })
    }

    /// Images `[N, H, W]` of tokens in square windows, with a position bias and a padding row.
    private static func windowed(_ images: [Int], side: Int, shift: Int, heads: Int, width: Int) -> OperationCase {
        let isPadded = images[1] % side + images[2] % side > 0
        let channels = heads * width, span = 2 * side - 1, places = (0..<side * side).map { ($0 / side, $0 % side) }
        let index = places.flatMap { a in places.map { b in (a.0 - b.0 + side - 1) * span + a.1 - b.1 + side - 1 } }
        return OperationCase(
            name: "attention of \(images) in windows of \(side) moved by \(shift), \(heads) heads",
            inputs: [images + [3 * channels]], parameters: [[span * span, heads]] + (isPadded ? [[3 * channels]] : []), tolerance: 5e-5,
            run: { x, p in
                [.attention(
                    x[0], heads: heads, windows: AttentionWindows(height: images[1], width: images[2], side: side, shift: shift),
                    positionBias: RelativePositionBias(table: p[0], index: index.map { Int64($0) }), padding: isPadded ? p[1] : nil)]
            },
            reference: { x, p in
                let (height, breadth) = (images[1], images[2])
                let tall = (height + side - 1) / side * side, wide = (breadth + side - 1) / side * side
                let (down, right) = (side >= tall ? 0 : shift, side >= wide ? 0 : shift)
                // After the move, tokens from beyond an edge lie in the last rows or columns of the last windows.
                func region(_ position: Int, _ extent: Int, _ shift: Int) -> Int {
                    shift == 0 || position < extent - side ? 0 : position < extent - shift ? 1 : 2
                }
                var result = Reference(images + [channels])
                for image in 0..<images[0] {
                    for top in stride(from: 0, to: tall, by: side) {
                        for left in stride(from: 0, to: wide, by: side) {
                            let sources = places.map { ((top + $0.0 + down) % tall, (left + $0.1 + right) % wide) }
                            let regions = places.map { (region(top + $0.0, tall, down), region(left + $0.1, wide, right)) }
                            let rows = sources.map { row, column in
                                row < height && column < breadth
                                    ? (0..<3 * channels).map { x[0][image, row, column, $0] } : p[1].values
                            }
                            let outputs = attend(rows, heads: heads) { head, i, j in
                                p[0].values[index[i * places.count + j] * heads + head] + (regions[i] == regions[j] ? 0 : -100)
                            }
                            for (place, (row, column)) in sources.enumerated() where row < height && column < breadth {
                                for c in 0..<channels { result[image, row, column, c] = outputs[place][c] }
                            }
                        }
                    }
                }
                return [result]
            })
    }

    /// Attention of one window's packed rows, by definition.
    private static func attend(_ rows: [[Double]], heads: Int, bias: (_ head: Int, _ i: Int, _ j: Int) -> Double) -> [[Double]] {
        let channels = (rows.first?.count ?? 0) / 3, width = channels / heads
        var result = rows.map { _ in [Double](repeating: 0, count: channels) }
        for head in 0..<heads {
            let start = head * width
            for (i, row) in rows.enumerated() {
                let logits = rows.enumerated().map { j, other in
                    (0..<width).reduce(0) { $0 + row[start + $1] * other[channels + start + $1] } / Double(width).squareRoot() + bias(head, i, j)
                }
                let highest = logits.max() ?? 0, weights = logits.map { exp($0 - highest) }, sum = weights.reduce(0, +)
                for c in 0..<width {
                    result[i][start + c] = rows.indices.reduce(0) { $0 + weights[$1] / sum * rows[$1][2 * channels + start + c] }
                }
            }
        }
        return result
    }
}
