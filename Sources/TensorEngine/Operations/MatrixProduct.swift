import CKernels

/// The three products of an affine map, y = x Wᵀ + b with x `[rows, inputs]`, W `[outputs, inputs]`, y `[rows, outputs]`:
/// what a linear layer and a 1×1 convolution compute. No sum's order depends on the number of threads.
struct AffineProducts {
    let rows, inputs, outputs: Int
    var precision = ProductPrecision.single

    /// y = (y +) x Wᵀ, or x Wᵀ + b; a bias and a sum exclude each other.
    func forward(x: Tensor, weight: Tensor, bias: Tensor?, into y: Tensor, adds: Bool = false) {
        withExtendedLifetime((x.storage, weight.storage, bias?.storage, y.storage)) {
            forward(x: x.floats, weight: weight.floats, bias: bias?.floats, into: y.floats, adds: adds)
        }
    }

    func forward(
        x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>,
        adds: Bool
    ) {
        precision.multiply(
            ty_product(
                rows: rows, columns: outputs, inner: inputs, left: x, left_row: inputs, left_step: 1, right: weight, right_row: 1,
                right_column: inputs, out: y, out_row: outputs, bias: bias, adds: adds ? 1 : 0))
    }

    /// ∂x = (∂x +) ∂y W
    func inputGradient(outputGradient: Tensor, weight: Tensor, into inputGradient: Tensor, adds: Bool = false) {
        withExtendedLifetime((outputGradient.storage, weight.storage, inputGradient.storage)) {
            self.inputGradient(outputGradient: outputGradient.floats, weight: weight.floats, into: inputGradient.floats, adds: adds)
        }
    }

    func inputGradient(
        outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, into inputGradient: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        precision.multiply(
            ty_product(
                rows: rows, columns: inputs, inner: outputs, left: outputGradient, left_row: outputs, left_step: 1, right: weight,
                right_row: inputs, right_column: 1, out: inputGradient, out_row: inputs, bias: nil, adds: adds ? 1 : 0))
    }

    /// ∂W = (∂W +) ∂yᵀ x
    func weightGradient(x: Tensor, outputGradient: Tensor, into weightGradient: Tensor, adds: Bool) {
        withExtendedLifetime((x.storage, outputGradient.storage, weightGradient.storage)) {
            self.weightGradient(x: x.floats, outputGradient: outputGradient.floats, into: weightGradient.floats, adds: adds)
        }
    }

    func weightGradient(
        x: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, into weightGradient: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        let product = ty_product(
            rows: outputs, columns: inputs, inner: rows, left: outputGradient, left_row: 1, left_step: outputs, right: x,
            right_row: inputs, right_column: 1, out: weightGradient, out_row: inputs, bias: nil, adds: adds ? 1 : 0)
        if outputs * inputs <= Self.smallResult && rows >= Self.manyRows {
            runInParts(product)
        } else {
            precision.multiply(product)
        }
    }

    /// A result of at most so many floats, summed over at least so many rows, is summed in this many fixed parts: shares
    /// of such a result would all have to pack the same long matrices.
    private static let smallResult = 1 << 16, manyRows = 4096, parts = 8

    private func runInParts(_ product: ty_product) {
        let count = product.rows * product.columns, sums = Storage(floatCount: Self.parts * count)
        withExtendedLifetime(sums) {
            parallelFor(Self.parts, scratch: ty_product_scratch()) { range, scratch in
                for index in range {
                    let first = product.inner * index / Self.parts, last = product.inner * (index + 1) / Self.parts
                    var part = product
                    part.left += first * product.left_step
                    part.right += first * product.right_row
                    part.inner = last - first
                    part.out = sums.floats + index * count
                    part.adds = 0
                    precision.multiply(&part, scratch: scratch, rows: 0..<product.rows, columns: 0..<product.columns)
                }
            }
            parallelFor(count, grain: 1 << 12) { range in
                ty_add_parts(sums.floats, Self.parts, count, product.out, product.adds, range.lowerBound, range.upperBound)
            }
        }
    }
}

extension AffineProducts {
    /// All dimensions of `x` but the last are rows; `weight` is `[outputs, inputs]`.
    init(x: Shape, weight: Shape, precision: ProductPrecision) {
        self.init(rows: x.dimensions.dropLast().reduce(1, *), inputs: weight[1], outputs: weight[0], precision: precision)
    }
}
