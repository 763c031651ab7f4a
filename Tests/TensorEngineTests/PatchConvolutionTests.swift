import TestSupport
import Testing

@testable import TensorEngine

/// Convolution over gathered windows against the definition in double precision, over every way its work can be cut.
@Suite struct PatchConvolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let input: Shape, outputs, kernelHeight, kernelWidth, stride, padding, sidePadding: Int

        init(_ input: Shape, to outputs: Int, _ kernelHeight: Int, _ kernelWidth: Int, stride: Int, padding: Int, sidePadding: Int? = nil) {
            self.input = input
            self.outputs = outputs
            self.kernelHeight = kernelHeight
            self.kernelWidth = kernelWidth
            self.stride = stride
            self.padding = padding
            self.sidePadding = sidePadding ?? padding
        }

        var testDescription: String { "\(input)→\(outputs) k\(kernelHeight)×\(kernelWidth) s\(stride) p\(padding)×\(sidePadding)" }

        var geometry: ConvolutionGeometry {
            ConvolutionGeometry(
                input: input, weight: [outputs, kernelHeight, kernelWidth, input[3]],
                options: .init(stride: stride, padding: padding, sidePadding: sidePadding))
        }
    }

    static let all: [Case] = [
        Case([2, 7, 6, 3], to: 5, 3, 3, stride: 2, padding: 1),
        Case([3, 2, 2, 40], to: 33, 3, 3, stride: 1, padding: 1),
        Case([1, 1, 1, 8], to: 4, 3, 3, stride: 1, padding: 1),
        Case([2, 9, 11, 16], to: 20, 1, 1, stride: 2, padding: 0),
        Case([2, 10, 9, 5], to: 7, 2, 2, stride: 3, padding: 0),
        Case([1, 8, 9, 6], to: 9, 5, 2, stride: 2, padding: 3, sidePadding: 1),
        // Windows that lie wholly beside the image.
        Case([1, 3, 3, 4], to: 2, 2, 2, stride: 2, padding: 4),
        // Several chunks of whole images, and several of one image whose windows share rows of pixels.
        Case([40, 16, 16, 24], to: 3, 3, 3, stride: 1, padding: 1),
        Case([2, 90, 70, 40], to: 3, 3, 3, stride: 1, padding: 1),
        Case([1, 61, 301, 40], to: 2, 5, 5, stride: 2, padding: 2),
        // One row of windows is more than a chunk.
        Case([1, 4, 400, 300], to: 1, 3, 3, stride: 1, padding: 1),
    ]

    @Test(arguments: all) func `all passes equal the definition on any number of threads`(_ test: Case) {
        let geometry = test.geometry, before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        let x = Tensor.random(geometry.inputShape, seed: 1), weight = Tensor.random(geometry.weightShape, seed: 2)
        let bias = Tensor.random([test.outputs], seed: 3), gradient = Tensor.random(geometry.outputShape, seed: 4)
        func passes(threads: Int) -> [[Float]] {
            ThreadPool.setThreads(threads)
            let results: [Tensor] = [geometry.outputShape, geometry.inputShape, geometry.weightShape].map {
                .filled($0, with: .nan)
            }
            let convolution = PatchConvolution(geometry)
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
        PatchConvolution(geometry).backwardWeights(input: x, outputGradient: gradient, weightGradient: sum, adds: true)
        #expect(worstError(sum.array, zip(expected[2], weight.array).map { $0 + Double($1) }) < 3e-5)
    }

    /// The method of each pass follows from the extents: what was measured to be quicker, and only where it applies.
    @Test func `a method is chosen for each pass`() {
        func methods(_ input: Shape, _ weight: Shape, _ options: ConvolutionOptions = .init(padding: 1)) -> [ConvolutionMethod] {
            let geometry = ConvolutionGeometry(input: input, weight: weight, options: options)
            return ConvolutionPass.allCases.map { ConvolutionMethod(geometry, $0) }
        }
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64]) == [.winograd, .winograd, .winograd])
        #expect(methods([16, 7, 7, 512], [512, 3, 3, 512]) == [.winograd, .winograd, .winograd])
        #expect(methods([8, 224, 224, 3], [64, 3, 3, 3]) == [.direct, .direct, .direct])
        #expect(methods([1, 1, 1, 64], [64, 3, 3, 64]) == [.patches, .direct, .patches])
        #expect(methods([32, 2, 2, 512], [512, 3, 3, 512]) == [.patches, .patches, .patches])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(stride: 2, padding: 1)) == [.patches, .direct, .patches])
        #expect(methods([8, 40, 40, 256], [64, 3, 3, 256], .init(stride: 2, padding: 1)) == [.patches, .patches, .patches])
        #expect(methods([8, 40, 40, 64], [64, 1, 1, 64], .init(stride: 2)) == [.direct, .direct, .patches])
        #expect(methods([8, 40, 40, 64], [64, 5, 5, 64], .init(padding: 2)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(padding: 2, dilation: 2)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(padding: 1, sidePadding: 0)) == [.patches, .direct, .patches])
        #expect(methods([8, 40, 40, 64], [64, 1, 1, 64], .init()) == [.product, .product, .product])
        #expect(methods([8, 40, 40, 64], [64, 1, 1, 64], .init(padding: 1)) == [.direct, .direct, .direct])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 64], .init(padding: 3)) == [.patches, .direct, .patches])
        #expect(methods([8, 40, 40, 64], [64, 3, 3, 1], .init(padding: 1, groups: 64)) == [.depthwise, .depthwise, .depthwise])
    }
}
