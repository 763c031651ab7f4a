@testable import TensorEngine

/// The three passes of a dense convolution as they are defined, in double precision.
struct ConvolutionDefinition {
    /// Output, gradient of the data and gradient of the weights.
    let passes: [[Double]]

    init(_ geometry: ConvolutionGeometry, x: Tensor, weight: Tensor, bias: Tensor, outputGradient: Tensor) {
        let image = x.array, filters = weight.array, offsets = bias.array, slopes = outputGradient.array
        let inputs = geometry.inputChannels, outputs = geometry.outputChannels
        var y = (0..<geometry.outputShape.count).map { Double(offsets[$0 % outputs]) }
        var dx = [Double](repeating: 0, count: image.count), dw = [Double](repeating: 0, count: filters.count)
        let taps = geometry.kernelHeight * geometry.kernelWidth
        for pixel in 0..<geometry.batch * geometry.outputHeight * geometry.outputWidth {
            let n: Int = pixel / (geometry.outputHeight * geometry.outputWidth)
            let top: Int = pixel / geometry.outputWidth % geometry.outputHeight * geometry.stride - geometry.padding
            let left: Int = pixel % geometry.outputWidth * geometry.stride - geometry.sidePadding
            for tap in 0..<taps {
                let row: Int = top + tap / geometry.kernelWidth, column: Int = left + tap % geometry.kernelWidth
                guard row >= 0, row < geometry.height, column >= 0, column < geometry.width else { continue }
                let from: Int = ((n * geometry.height + row) * geometry.width + column) * inputs
                for o in 0..<outputs {
                    let filter: Int = (o * taps + tap) * inputs, to: Int = pixel * outputs + o
                    let slope = Double(slopes[to])
                    var sum = 0.0
                    for c in 0..<inputs {
                        sum += Double(image[from + c]) * Double(filters[filter + c])
                        dx[from + c] += slope * Double(filters[filter + c])
                        dw[filter + c] += slope * Double(image[from + c])
                    }
                    y[to] += sum
                }
            }
        }
        passes = [y, dx, dw]
    }
}

/// The largest error relative to the mean magnitude; infinite for NaN.
func worstError(_ values: [Float], _ reference: [Double]) -> Double {
    let scale = reference.reduce(0) { $0 + abs($1) } / Double(max(1, reference.count))
    return zip(values, reference).reduce(0) { worst, pair in
        let error = abs(Double(pair.0) - pair.1) / scale
        return error.isNaN ? .infinity : max(worst, error)
    }
}
