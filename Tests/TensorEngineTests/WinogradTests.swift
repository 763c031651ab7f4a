import TestSupport
import Testing

@testable import TensorEngine

/// Winograd convolution against the definition in double precision, over every way its work can be shared out.
@Suite struct WinogradTests {
    /// Batch, height, width, input and output channels, padding.
    struct Case: Sendable, CustomTestStringConvertible {
        let batch, height, width, input, output, padding: Int
        var testDescription: String { "[\(batch),\(height),\(width),\(input)]→\(output) p\(padding)" }

        var geometry: ConvolutionGeometry {
            ConvolutionGeometry(
                input: [batch, height, width, input], weight: [output, 3, 3, input], options: .init(padding: padding))
        }
    }

    static let all: [Case] = [
        Case(batch: 2, height: 7, width: 6, input: 3, output: 5, padding: 1),
        Case(batch: 1, height: 9, width: 13, input: 16, output: 24, padding: 0),
        Case(batch: 2, height: 14, width: 5, input: 40, output: 33, padding: 2),
        Case(batch: 3, height: 1, width: 2, input: 8, output: 8, padding: 1),
        Case(batch: 1, height: 3, width: 3, input: 17, output: 1, padding: 0),
        // Channels of more than one block; parts of a weight gradient.
        Case(batch: 1, height: 5, width: 5, input: 300, output: 7, padding: 1),
        Case(batch: 5, height: 17, width: 18, input: 9, output: 20, padding: 1),
        // Weights made a panel at a time; a weight gradient in units, and in blocks.
        Case(batch: 1, height: 6, width: 7, input: 260, output: 270, padding: 1),
        Case(batch: 1, height: 66, width: 67, input: 101, output: 97, padding: 1),
    ]

    @Test(arguments: all) func `all passes equal the definition on any number of threads`(_ test: Case) {
        let geometry = test.geometry, before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        let x = Tensor.random(geometry.inputShape, seed: 1), weight = Tensor.random(geometry.weightShape, seed: 2)
        let bias = Tensor.random([test.output], seed: 3), gradient = Tensor.random(geometry.outputShape, seed: 4)
        func passes(threads: Int) -> [[Float]] {
            ThreadPool.setThreads(threads)
            let results: [Tensor] = [geometry.outputShape, geometry.inputShape, geometry.weightShape].map {
                .filled($0, with: .nan)
            }
            let convolution = WinogradConvolution(geometry)
            convolution.forward(input: x, weight: weight, bias: bias, output: results[0])
            convolution.backwardData(outputGradient: gradient, weight: weight, inputGradient: results[1])
            convolution.backwardWeights(input: x, outputGradient: gradient, weightGradient: results[2], adds: false)
            return results.map(\.array)
        }
        let found = passes(threads: 1)
        #expect(passes(threads: 3) == found)
        let expected = definition(geometry, x.array, weight.array, bias.array, gradient.array)
        for (values, reference) in zip(found, expected) { #expect(worst(values, reference) < 3e-5) }

        let sum = weight.copy()
        WinogradConvolution(geometry).backwardWeights(input: x, outputGradient: gradient, weightGradient: sum, adds: true)
        #expect(worst(sum.array, zip(expected[2], weight.array).map { $0 + Double($1) }) < 3e-5)
    }

    /// The method of each pass follows from the extents: Winograd where it saves time, and only where it applies.
    @Test func `a method is chosen for each pass`() {
        func methods(_ input: Shape, _ weight: Shape, _ options: ConvolutionOptions = .init(padding: 1)) -> [ConvolutionMethod] {
            let geometry = ConvolutionGeometry(input: input, weight: weight, options: options)
            return ConvolutionPass.allCases.map { ConvolutionMethod(geometry, $0) }
        }
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64]) == [.winograd, .winograd, .winograd])
        #expect(methods([16, 7, 7, 512], [512, 3, 3, 512]) == [.winograd, .winograd, .winograd])
        #expect(methods([8, 224, 224, 3], [64, 3, 3, 3]) == [.direct, .direct, .direct])
        #expect(methods([1, 1, 1, 64], [64, 3, 3, 64]) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(stride: 2, padding: 1)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(padding: 2, dilation: 2)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(padding: 1, sidePadding: 0)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 1, 1, 64], .init()) == [.product, .product, .product])
        #expect(methods([8, 40, 40, 64], [64, 1, 1, 64], .init(padding: 1)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(padding: 3)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 1], .init(padding: 1, groups: 64)) == [.depthwise, .depthwise, .depthwise])
    }

    /// The largest error relative to the mean magnitude; infinite for NaN.
    private func worst(_ values: [Float], _ reference: [Double]) -> Double {
        let scale = reference.reduce(0) { $0 + abs($1) } / Double(max(1, reference.count))
        return zip(values, reference).reduce(0) { worst, pair in
            let error = abs(Double(pair.0) - pair.1) / scale
            return error.isNaN ? .infinity : max(worst, error)
        }
    }

    /// Output, gradient of the data and gradient of the weights.
    private func definition(
        _ geometry: ConvolutionGeometry, _ x: [Float], _ weight: [Float], _ bias: [Float], _ gradient: [Float]
    ) -> [[Double]] {
        let inputs = geometry.inputChannels, outputs = geometry.outputChannels
        var y = (0..<geometry.outputShape.count).map { Double(bias[$0 % outputs]) }
        var dx = [Double](repeating: 0, count: x.count), dw = [Double](repeating: 0, count: weight.count)
        for pixel in 0..<geometry.batch * geometry.outputHeight * geometry.outputWidth {
            let n: Int = pixel / (geometry.outputHeight * geometry.outputWidth)
            let top: Int = pixel / geometry.outputWidth % geometry.outputHeight - geometry.padding
            let left: Int = pixel % geometry.outputWidth - geometry.padding
            for tap in 0..<9 {
                let row: Int = top + tap / 3, column: Int = left + tap % 3
                guard row >= 0, row < geometry.height, column >= 0, column < geometry.width else { continue }
                let from: Int = ((n * geometry.height + row) * geometry.width + column) * inputs
                for o in 0..<outputs {
                    let filter: Int = (o * 9 + tap) * inputs, to: Int = pixel * outputs + o
                    let slope = Double(gradient[to])
                    var sum = 0.0
                    for c in 0..<inputs {
                        sum += Double(x[from + c]) * Double(weight[filter + c])
                        dx[from + c] += slope * Double(weight[filter + c])
                        dw[filter + c] += slope * Double(x[from + c])
                    }
                    y[to] += sum
                }
            }
        }
        return [y, dx, dw]
    }
}
