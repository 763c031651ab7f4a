import CKernels
import COpenBLAS

/// What Adafactor, Muon and L-BFGS need beside elementwise steps; on whole tensors, the same bits for any number of threads
/// but for the matrix products.
extension OptimizerKernels {
    private static let grain = 1 << 14

    // MARK: Adafactor

    /// A parameter of two or more dimensions as `outer` matrices `[rows, columns]` of which `inner` lie interleaved.
    package struct FactoredExtents: Sendable, Equatable {
        package var outer, rows, columns, inner: Int

        package init(outer: Int, rows: Int, columns: Int, inner: Int) {
            self.outer = outer
            self.rows = rows
            self.columns = columns
            self.inner = inner
        }

        fileprivate var count: Int { outer * rows * columns * inner }
    }

    /// Moves the mean squares of rows `[outer, rows, inner]` and columns `[outer, columns, inner]` by `weight` towards those of
    /// the gradient, and writes gradient / √max(row ⊗ column / mean(row), floor²) to `update` (Shazeer and Stern, 2018).
    package static func adafactor(
        gradient: Tensor, extents: FactoredExtents, rowMoments: Tensor, columnMoments: Tensor, weight: Float, floor: Float, update: Tensor
    ) {
        let outer = extents.outer, rows = extents.rows, columns = extents.columns, inner = extents.inner
        precondition(
            gradient.count == extents.count && update.count == extents.count && rowMoments.count == outer * rows * inner
                && columnMoments.count == outer * columns * inner, "adafactor: counts differ from \(extents)")
        guard extents.count > 0 else { return }
        let rowMeans = Tensor.uninitialized(rowMoments.shape), columnMeans = Tensor.uninitialized(columnMoments.shape)
        let inverse = Tensor.zeros([outer, inner])
        withExtendedLifetime([gradient, rowMoments, columnMoments, update, rowMeans, columnMeans, inverse].map(\.storage)) {
            let g = gradient.floats, r = rowMoments.floats, c = columnMoments.floats, u = update.floats
            let meansOfRows = rowMeans.floats, meansOfColumns = columnMeans.floats, scale = inverse.floats
            let width = columns * inner
            parallelFor(outer * rows, grain: max(1, grain / width)) { range in
                for row in range { ty_mean_squares(g + row * width, columns, inner, inner, meansOfRows + row * inner) }
            }
            parallelFor(outer * columns, grain: max(1, grain / (rows * inner))) { range in
                columnMeanSquares(g, extents, range: range, into: meansOfColumns)
            }
            ty_lerp(r, meansOfRows, weight, rowMoments.count)
            ty_lerp(c, meansOfColumns, weight, columnMoments.count)
            for matrix in 0..<outer {
                let target = scale + matrix * inner
                for row in 0..<rows { ty_accumulate(r + (matrix * rows + row) * inner, target, inner) }
                for index in 0..<inner { target[index] = 1 / max(target[index] / Float(rows), floor) }
            }
            parallelFor(outer * rows, grain: max(1, grain / width)) { range in
                for row in range {
                    let matrix = row / rows
                    ty_adafactor_row(
                        g + row * width, r + row * inner, c + matrix * width, scale + matrix * inner, floor * floor,
                        u + row * width, columns, inner)
                }
            }
        }
    }

    /// The mean squares of the columns in `range`, counted over all matrices. Neighbouring columns are read together.
    private static func columnMeanSquares(
        _ gradient: UnsafePointer<Float>, _ extents: FactoredExtents, range: Range<Int>, into means: UnsafeMutablePointer<Float>
    ) {
        let columns = extents.columns, inner = extents.inner, width = columns * inner
        var position = range.lowerBound
        while position < range.upperBound {
            let matrix = position / columns, first = position % columns
            let last = min(columns, first + range.upperBound - position)
            ty_mean_squares(
                gradient + matrix * extents.rows * width + first * inner, extents.rows, width, (last - first) * inner,
                means + position * inner)
            position += last - first
        }
    }

    /// The same for a parameter of less than two dimensions, which keeps its whole second moment.
    package static func adafactor(gradient: Tensor, variance: Tensor, weight: Float, floor: Float, update: Tensor) {
        precondition(gradient.count == variance.count && gradient.count == update.count, "adafactor: counts differ")
        withExtendedLifetime((gradient.storage, variance.storage, update.storage)) {
            ty_adafactor_vector(gradient.floats, variance.floats, weight, floor * floor, update.floats, gradient.count)
        }
    }

    /// value = shrink·value + rate·update, where the update's elements are taken from `offset` on.
    package static func shrinkAdd(_ value: Tensor, shrink: Float = 1, rate: Float, update: Tensor, from offset: Int = 0) {
        precondition(offset >= 0 && offset + value.count <= update.count, "shrinkAdd: \(value.count) from \(offset) of \(update.count)")
        withExtendedLifetime((value.storage, update.storage)) {
            let v = value.floats, u = update.floats + offset
            parallelFor(value.count, grain: grain) { ty_shrink_add(v + $0.lowerBound, shrink, rate, u + $0.lowerBound, $0.count) }
        }
    }

    // MARK: Muon

    /// Moves the momentum towards the gradient and writes the direction, Nesterov's or the momentum, to `update`.
    package static func muonMomentum(gradient: Tensor, buffer: Tensor, momentum: Float, nesterov: Bool, update: Tensor) {
        precondition(gradient.count == buffer.count && gradient.count == update.count, "muonMomentum: counts differ")
        withExtendedLifetime((gradient.storage, buffer.storage, update.storage)) {
            let g = gradient.floats, b = buffer.floats, u = update.floats
            parallelFor(gradient.count, grain: grain) { range in
                let start = range.lowerBound
                ty_muon_momentum(g + start, b + start, momentum, nesterov ? 1 : 0, u + start, range.count)
            }
        }
    }

    /// Rounds every element to bfloat16, kept as a float.
    package static func roundToBFloat16(_ x: Tensor) {
        withExtendedLifetime(x.storage) {
            let values = x.floats
            parallelFor(x.count, grain: grain) { ty_round_bfloat16(values + $0.lowerBound, $0.count) }
        }
    }

    /// result = left · right (or rightᵀ) · alpha + beta · result, with matrices row by row.
    package static func product(
        _ left: Tensor, _ right: Tensor, transposeRight: Bool = false, alpha: Float = 1, beta: Float = 0, into result: Tensor
    ) {
        let rows = left.shape[0], inner = left.shape[1], columns = right.shape[transposeRight ? 0 : 1]
        precondition(
            right.shape[transposeRight ? 1 : 0] == inner && result.shape == [rows, columns],
            "product: \(left.shape) with \(right.shape) into \(result.shape)")
        withExtendedLifetime((left.storage, right.storage, result.storage)) {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns),
                blasint(inner), alpha, left.floats, blasint(max(1, inner)), right.floats, blasint(max(1, transposeRight ? inner : columns)),
                beta, result.floats, blasint(max(1, columns)))
        }
    }

    // MARK: L-BFGS

    /// Σ a·b in double.
    package static func dot(_ a: Tensor, _ b: Tensor) -> Double {
        precondition(a.count == b.count, "dot: counts differ")
        return withExtendedLifetime((a.storage, b.storage)) {
            let left = a.floats, right = b.floats
            return sumOverBlocks(a.count) { ty_dot(left + $0.lowerBound, right + $0.lowerBound, $0.count) }
        }
    }

    /// Σ |x| in double.
    package static func sumOfMagnitudes(_ x: Tensor) -> Double {
        withExtendedLifetime(x.storage) {
            let values = x.floats
            return sumOverBlocks(x.count) { ty_sum_magnitudes(values + $0.lowerBound, $0.count) }
        }
    }

    /// The largest |x|; 0 without elements.
    package static func largestMagnitude(_ x: Tensor) -> Float {
        withExtendedLifetime(x.storage) { ty_max_magnitude(x.floats, x.count) }
    }
}
