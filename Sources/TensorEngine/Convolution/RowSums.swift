import CKernels

/// Sums the rows of a matrix, the gradient of a bias, in a way that does not depend on the number of threads.
enum RowSums {
    /// The most partial sums; each is a fixed share of the rows.
    static let parts = 32

    /// result[c] = Σ_r values[r, c]; overwrites.
    static func sum(_ values: Tensor, rows: Int, columns: Int, into result: Tensor) {
        reduce(rows: rows, width: columns, into: result) { range, part in
            ty_sum_rows(values.floats + range.lowerBound * columns, part, range.count, columns)
        }
        withExtendedLifetime(values.storage) {}
    }

    /// Lets `body` write one partial row of `width` floats for each fixed share of `rows`, and adds the rows up.
    static func reduce(
        rows: Int, width: Int, into result: Tensor, _ body: (_ rows: Range<Int>, _ part: UnsafeMutablePointer<Float>) -> Void
    ) {
        let count = max(1, min(parts, rows))
        let partial = Tensor.uninitialized([count, width])
        withExtendedLifetime((partial.storage, result.storage)) {
            let base = partial.floats
            parallelFor(count) { range in
                for part in range { body(rows * part / count..<rows * (part + 1) / count, base + part * width) }
            }
            ty_sum_rows(base, result.floats, count, width)
        }
    }
}
