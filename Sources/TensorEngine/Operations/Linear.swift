import CKernels
import COpenBLAS

extension Tensor {
    /// Affine map of the last dimension: y = x Wᵀ + b for `[..., I]`, `[O, I]` and `[O]`.
    ///
    /// ∂x = ∂y W; ∂W = ∂yᵀ x; ∂b = Σ ∂y over all but the last dimension.
    package static func linear(_ x: Tensor, weight: Parameter, bias: Parameter?) -> Tensor {
        precondition(
            weight.shape.rank == 2 && x.shape.rank > 0 && x.shape[-1] == weight.shape[1],
            "linear: input \(x.shape) does not fit weight \(weight.shape)")
        precondition(
            bias == nil || bias?.shape == [weight.shape[0]], "linear: a bias has one number for each row of weight \(weight.shape)")
        let product = MatrixExtents(x: x.shape, weight: weight.shape)
        let result = Tensor.uninitialized(Shape(x.shape.dimensions.dropLast() + [product.outputs]))
        withExtendedLifetime((x.storage, result.storage)) {
            if let bias { ty_repeat_row(bias.value.floats, result.floats, product.rows, product.outputs) }
            matrixProduct(
                x.floats, weight.value.floats, result.floats, rows: product.rows, columns: product.outputs, inner: product.inputs,
                transposeRight: true, adds: bias != nil)
        }
        guard let tape = x.node?.tape else { return result }
        let output = tape.output(result)
        tape.record(LinearStep(x: x.detached, weight: weight, bias: bias, input: x.node, output: output.node))
        return output
    }

    /// out[rows, columns] = (out +) left · right with row-major matrices; a transposed left is stored `[inner, rows]`,
    /// a transposed right `[columns, inner]`.
    fileprivate static func matrixProduct(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
        rows: Int, columns: Int, inner: Int, transposeLeft: Bool = false, transposeRight: Bool = false, adds: Bool
    ) {
        guard rows > 0, columns > 0 else { return }
        guard inner > 0 else {
            if !adds { ty_fill(0, out, rows * columns) }
            return
        }
        cblas_sgemm(
            CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(inner), 1, left, blasint(transposeLeft ? rows : inner),
            right, blasint(transposeRight ? inner : columns), adds ? 1 : 0, out, blasint(columns))
    }
}

/// The input as a matrix of rows, and the weight's extents.
private struct MatrixExtents {
    let rows, inputs, outputs: Int

    init(x: Shape, weight: Shape) {
        inputs = weight[1]
        outputs = weight[0]
        rows = x.dimensions.dropLast().reduce(1, *)
    }
}

private struct LinearStep: GradientStep {
    let x: Tensor
    let weight: Parameter
    let bias: Parameter?
    let input, output: Tape.Node?
    let name = "linear"
    var saved: [Tensor] { [x] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let product = MatrixExtents(x: x.shape, weight: weight.shape)
        withExtendedLifetime((x.storage, gradient.storage)) {
            weight.accumulateGradient { target, isFirst in
                Tensor.matrixProduct(
                    gradient.floats, x.floats, target.floats, rows: product.outputs, columns: product.inputs,
                    inner: product.rows, transposeLeft: true, adds: !isFirst)
            }
            if let bias, bias.requiresGradient {
                let sums = Tensor.uninitialized(bias.shape)
                RowSums.sum(gradient, rows: product.rows, columns: product.outputs, into: sums)
                bias.accumulateGradient(sums)
            }
            guard let input, input.needsGradient else { return }
            let result = Tensor.uninitialized(x.shape)
            Tensor.matrixProduct(
                gradient.floats, weight.value.floats, result.floats, rows: product.rows, columns: product.inputs,
                inner: product.outputs, adds: false)
            tape.accumulate(result, into: input)
        }
    }
}
