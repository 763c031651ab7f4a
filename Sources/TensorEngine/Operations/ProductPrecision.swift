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
}
