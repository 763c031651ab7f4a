import TestSupport
import Testing

@testable import TensorEngine

/// The products of linear layers and 1×1 convolutions against sums in double precision.
@Suite struct MatrixProductTests {
    /// Rows, inputs, outputs: narrower than a vector, not whole tiles, several blocks of each, rows 4 KiB apart, and a
    /// weight gradient that is summed in parts.
    static let all: [[Int]] = [
        [1, 1, 1], [7, 3, 5], [13, 24, 8], [50, 300, 37], [101, 70, 530], [30, 1024, 40], [9, 513, 2048], [4100, 9, 17],
    ]

    @Test(arguments: all) func `products equal sums in double precision on any number of threads`(_ extents: [Int]) {
        let rows = extents[0], inputs = extents[1], outputs = extents[2], before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        let x = Tensor.random([rows, inputs], seed: 1), weight = Tensor.random([outputs, inputs], seed: 2)
        let bias = Tensor.random([outputs], seed: 3), gradient = Tensor.random([rows, outputs], seed: 4)
        func results(threads: Int) -> [[Float]] {
            ThreadPool.setThreads(threads)
            let products = AffineProducts(rows: rows, inputs: inputs, outputs: outputs)
            let y = Tensor.filled([rows, outputs], with: .nan), dx = Tensor.filled(x.shape, with: .nan)
            let dw = Tensor.filled(weight.shape, with: .nan), sum = weight.copy()
            products.forward(x: x, weight: weight, bias: bias, into: y)
            products.inputGradient(outputGradient: gradient, weight: weight, into: dx)
            products.weightGradient(x: x, outputGradient: gradient, into: dw, adds: false)
            products.weightGradient(x: x, outputGradient: gradient, into: sum, adds: true)
            return [y.array, dx.array, dw.array, sum.array]
        }
        let found = results(threads: 1)
        #expect(results(threads: 3) == found)
        let expected = definition(rows, inputs, outputs, x.array, weight.array, bias.array, gradient.array)
        for (values, reference) in zip(found, expected) {
            let worst = zip(values, reference).reduce(0.0) { worst, pair in
                let error = abs(Double(pair.0) - pair.1)
                return error.isNaN ? .infinity : max(worst, error)
            }
            #expect(worst < 1e-6 * Double(max(rows, inputs, outputs)).squareRoot() + 2e-5)
        }
    }

    @Test func `sums of nothing are zero or the bias`() {
        let products = AffineProducts(rows: 2, inputs: 0, outputs: 3), bias = Tensor([1, 2, 3], shape: [3])
        let y = Tensor.filled([2, 3], with: .nan)
        products.forward(x: .zeros([2, 0]), weight: .zeros([3, 0]), bias: bias, into: y)
        #expect(y.array == [1, 2, 3, 1, 2, 3])
        products.forward(x: .zeros([2, 0]), weight: .zeros([3, 0]), bias: nil, into: y)
        #expect(y.array == [0, 0, 0, 0, 0, 0])
    }

    @Test func `a frozen filter keeps no image for the backward pass`() {
        for requiresGradient in [false, true] {
            let filter = Parameter(.random([4, 1, 1, 6], seed: 1), requiresGradient: requiresGradient)
            let tape = Tape(), x = tape.input(.random([2, 3, 3, 6], seed: 2), needsGradient: true)
            let image = Tensor.conv2d(x, weight: filter, bias: nil, options: .init())
            #expect((tape.savedBytes > 0) == requiresGradient)
            tape.backward(from: [(image, .filled(image.shape, with: 1))])
            #expect(tape.takeGradient(of: x.node) != nil)
            #expect((filter.gradient != nil) == requiresGradient)
        }
    }

    /// y, ∂x, ∂W and W + ∂W.
    private func definition(
        _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: [Float], _ weight: [Float], _ bias: [Float], _ gradient: [Float]
    ) -> [[Double]] {
        var y = (0..<rows * outputs).map { Double(bias[$0 % outputs]) }
        var dx = [Double](repeating: 0, count: x.count), dw = [Double](repeating: 0, count: weight.count)
        for row in 0..<rows {
            for output in 0..<outputs {
                let slope = Double(gradient[row * outputs + output])
                var sum = 0.0
                for input in 0..<inputs {
                    let value = Double(x[row * inputs + input]), factor = Double(weight[output * inputs + input])
                    sum += value * factor
                    dx[row * inputs + input] += slope * factor
                    dw[output * inputs + input] += slope * value
                }
                y[row * outputs + output] += sum
            }
        }
        return [y, dx, dw, zip(dw, weight).map { $0 + Double($1) }]
    }
}
