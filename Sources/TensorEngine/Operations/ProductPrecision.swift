import CKernels

/// The numbers that matrix products multiply; what they sum, and all else, is in single precision.
package enum ProductPrecision: Sendable {
    case single
    /// Operands are rounded to bfloat16 (eight bits of significand, the exponents of single precision) on their way into the
    /// registers, as mixed-precision training does (Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, 2019).
    case bfloat16

    /// Whether this processor has instructions for such products. Without them bfloat16 gives the same results slowly.
    package static var multipliesBFloat16: Bool { ty_multiplies_bfloat16() != 0 }

    func multiply(
        _ product: UnsafePointer<ty_product>, scratch: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Range<Int>
    ) {
        let compute = self == .single ? ty_product : ty_product_bfloat16
        compute(product, scratch, rows.lowerBound, rows.upperBound, columns.lowerBound, columns.upperBound)
    }

    /// Computes the whole product with all threads. No sum's order depends on their number.
    func multiply(_ product: ty_product) {
        guard product.rows > 0, product.columns > 0 else { return }
        guard product.inner > 0 else { return fillWithoutTerms(product) }
        let shares = ResultShares(rows: product.rows, columns: product.columns, threads: ThreadPool.threads)
        withUnsafePointer(to: product) { product in
            parallelFor(shares.count, scratch: ty_product_scratch()) { range, scratch in
                for share in range {
                    let (rows, columns) = shares[share]
                    multiply(product, scratch: scratch, rows: rows, columns: columns)
                }
            }
        }
    }

    /// Sums of nothing: zero, or the bias.
    private func fillWithoutTerms(_ product: ty_product) {
        for row in 0..<product.rows {
            let out = product.out + row * product.out_row
            if let bias = product.bias {
                out.update(from: bias, count: product.columns)
            } else if product.adds == 0 {
                ty_fill(0, out, product.columns)
            }
        }
    }
}
