import TensorEngine

/// Scales all gradients so that their joint Euclidean norm is at most `maximumNorm`, by torch's rule
/// min(1, maximum/(norm + 1e-6)), and gives the norm from before; infinity only measures.
@discardableResult
package func clipGradients(_ parameters: [Parameter], maximumNorm: Float) -> Float {
    let gradients = segments(of: parameters)
    let norm = Float(OptimizerKernels.sumOfSquares(segments: gradients, column: 0).squareRoot())
    let coefficient = maximumNorm / (norm + 1e-6)
    if coefficient < 1 { OptimizerKernels.scale(segments: gradients, column: 0, by: coefficient) }
    return norm
}

/// Brings every element of all gradients into −`maximumValue`...`maximumValue`; what is not a number stays so.
package func clipGradients(_ parameters: [Parameter], maximumValue: Float) {
    OptimizerKernels.clamp(segments: segments(of: parameters), column: 0, to: maximumValue)
}

private func segments(of parameters: [Parameter]) -> TensorSegments {
    TensorSegments(parameters.compactMap { parameter in parameter.gradient.map { [$0] } })
}
