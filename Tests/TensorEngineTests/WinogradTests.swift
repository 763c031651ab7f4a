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
        let expected = ConvolutionDefinition(geometry, x: x, weight: weight, bias: bias, outputGradient: gradient).passes
        for (values, reference) in zip(found, expected) { #expect(worstError(values, reference) < 3e-5) }

        let sum = weight.copy()
        WinogradConvolution(geometry).backwardWeights(input: x, outputGradient: gradient, weightGradient: sum, adds: true)
        #expect(worstError(sum.array, zip(expected[2], weight.array).map { $0 + Double($1) }) < 3e-5)
    }
}
