import TensorEngine
import TestSupport
import Testing

/// One convolution to try.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    var batch = 2, height = 7, width = 6, input = 3, output = 5, kernel = 3
    /// Columns of the kernel where they differ from its rows.
    var kernelWidth: Int?
    var options = ConvolutionOptions()
    var hasBias = true

    var testDescription: String {
        "[\(batch),\(height),\(width),\(input)]→\(output) k\(kernel)×\(columns) s\(options.stride) p\(options.padding)×\(sidePadding) d\(options.dilation) g\(options.groups)"
    }

    static let all: [ConvolutionCase] = [
        ConvolutionCase(),
        ConvolutionCase(options: .init(padding: 1)),
        ConvolutionCase(input: 16, output: 24, options: .init(stride: 2, padding: 1)),
        ConvolutionCase(height: 9, width: 9, input: 13, output: 17, options: .init(padding: 2, dilation: 2), hasBias: false),
        ConvolutionCase(input: 8, output: 12, kernel: 1),
        ConvolutionCase(input: 64, output: 10, kernel: 1, hasBias: false),
        ConvolutionCase(input: 8, output: 12, kernel: 1, options: .init(stride: 2)),
        ConvolutionCase(height: 15, width: 14, input: 3, output: 16, kernel: 7, options: .init(stride: 2, padding: 3), hasBias: false),
        ConvolutionCase(input: 8, output: 16, kernel: 2, options: .init(stride: 2)),
        ConvolutionCase(input: 12, output: 8, options: .init(padding: 1, groups: 4)),
        ConvolutionCase(input: 16, output: 32, options: .init(stride: 2, padding: 1, groups: 2)),
        ConvolutionCase(input: 4, output: 8, options: .init(padding: 1, groups: 4)),
        ConvolutionCase(input: 32, output: 16, options: .init(stride: 2, padding: 1, groups: 8)),
        ConvolutionCase(input: 16, output: 24, options: .init(padding: 1, groups: 8), hasBias: false),
        ConvolutionCase(input: 8, output: 8, options: .init(padding: 1, groups: 8)),
        ConvolutionCase(input: 35, output: 35, options: .init(stride: 2, padding: 1, groups: 35), hasBias: false),
        ConvolutionCase(height: 11, width: 10, input: 40, output: 40, kernel: 5, options: .init(stride: 2, padding: 2, groups: 40)),
        ConvolutionCase(height: 9, width: 8, input: 19, output: 19, kernel: 7, options: .init(padding: 3, groups: 19)),
        ConvolutionCase(height: 9, width: 9, input: 16, output: 16, options: .init(padding: 2, dilation: 2, groups: 16)),
        ConvolutionCase(height: 1, width: 1, input: 6, output: 6, kernel: 5, options: .init(padding: 2, groups: 6)),
        ConvolutionCase(height: 9, width: 23, input: 21, output: 21, kernel: 5, options: .init(padding: 2, groups: 21)),
        ConvolutionCase(height: 15, width: 17, input: 13, output: 13, kernel: 7, options: .init(stride: 2, padding: 3, groups: 13)),
        ConvolutionCase(height: 12, width: 13, input: 16, output: 16, options: .init(stride: 2, padding: 2, dilation: 2, groups: 16)),
        ConvolutionCase(height: 10, width: 11, input: 9, output: 9, kernel: 4, options: .init(stride: 3, padding: 1, groups: 9)),
        ConvolutionCase(input: 16, output: 16, kernel: 1, kernelWidth: 7, options: .init(padding: 0, sidePadding: 3)),
        ConvolutionCase(input: 5, output: 3, kernel: 7, kernelWidth: 1, options: .init(padding: 3, sidePadding: 0), hasBias: false),
        ConvolutionCase(input: 4, output: 6, kernel: 3, kernelWidth: 2, options: .init(stride: 2, padding: 0, sidePadding: 1)),
        ConvolutionCase(input: 6, output: 6, kernel: 1, kernelWidth: 3, options: .init(padding: 0, sidePadding: 1, groups: 6)),
    ]

    private var columns: Int { kernelWidth ?? kernel }
    private var sidePadding: Int { options.sidePadding ?? options.padding }
    /// Products added up for one output.
    var productCount: Int { kernel * columns * input / options.groups }

    var x: Tensor { .random([batch, height, width, input], seed: 1) }
    var weight: Parameter { Parameter(.random([output, kernel, columns, input / options.groups], seed: 2), layout: .convolution) }
    var bias: Parameter? { hasBias ? Parameter(.random([output], seed: 3)) : nil }

    /// The definition, in double precision.
    func reference(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> [Float] {
        let rows = (height + 2 * options.padding - options.dilation * (kernel - 1) - 1) / options.stride + 1
        let outputColumns = (width + 2 * sidePadding - options.dilation * (columns - 1) - 1) / options.stride + 1
        let image = x.array, filters = weight.array, offsets = bias?.array
        let slice = input / options.groups
        var result: [Float] = []
        for n in 0..<batch {
            for position in 0..<rows * outputColumns {
                let top: Int = position / outputColumns * options.stride - options.padding
                let left: Int = position % outputColumns * options.stride - sidePadding
                for o in 0..<output {
                    var sum = Double(offsets?[o] ?? 0)
                    let first: Int = o / (output / options.groups) * slice
                    for tap in 0..<kernel * columns {
                        let y: Int = top + tap / columns * options.dilation
                        let z: Int = left + tap % columns * options.dilation
                        guard y >= 0, y < height, z >= 0, z < width else { continue }
                        let pixel: Int = ((n * height + y) * width + z) * input + first
                        let filter: Int = (o * kernel * columns + tap) * slice
                        for c in 0..<slice { sum += Double(image[pixel + c]) * Double(filters[filter + c]) }
                    }
                    result.append(Float(sum))
                }
            }
        }
        return result
    }
}

@Suite struct ConvolutionTests {
    @Test(arguments: ConvolutionCase.all)
    func `values equal the definition`(_ test: ConvolutionCase) {
        let x = test.x, weight = test.weight, bias = test.bias
        let result = Tensor.conv2d(x, weight: weight, bias: bias, options: test.options)
        let expected = test.reference(x, weight.value, bias?.value)
        #expect(result.count == expected.count)
        let error = zip(result.array, expected).map { abs($0 - $1) }.max() ?? 0
        #expect(error < 2e-5 * Float(max(1, test.productCount)).squareRoot())
    }

    @Test(arguments: ConvolutionCase.all)
    func `gradients equal finite differences`(_ test: ConvolutionCase) {
        let weight = test.weight, bias = test.bias
        let mismatches = checkGradients(of: [weight] + (bias.map { [$0] } ?? []), inputs: [test.x], tolerance: 3e-3) { _, inputs in
            .weightedSum(.conv2d(inputs[0], weight: weight, bias: bias, options: test.options))
        }
        #expect(mismatches.isEmpty, "\(mismatches)")
    }

    @Test(arguments: [ConvolutionCase(options: .init(padding: 1)), ConvolutionCase(input: 8, output: 8, options: .init(padding: 1, groups: 8))])
    func `a second backward pass adds to the gradients, a clear starts anew`(_ test: ConvolutionCase) throws {
        let weight = test.weight, bias = try #require(test.bias)
        func pass() {
            let tape = Tape()
            tape.backward(from: .weightedSum(.conv2d(tape.input(test.x), weight: weight, bias: bias, options: test.options)))
        }
        pass()
        let once = try #require(weight.gradient).array, biasOnce = try #require(bias.gradient).array
        pass()
        #expect(zip(try #require(weight.gradient).array, once).allSatisfy { abs($0 - 2 * $1) < 1e-5 })
        #expect(zip(try #require(bias.gradient).array, biasOnce).allSatisfy { abs($0 - 2 * $1) < 1e-5 })
        weight.clearGradient()
        bias.clearGradient()
        pass()
        #expect(try #require(weight.gradient).array == once)
        #expect(try #require(bias.gradient).array == biasOnce)
    }

    @Test func `an empty batch gives an empty result and gradients of zero`() throws {
        for groups in [1, 8] {
            let weight = Parameter(.random([8, 3, 3, 8 / groups], seed: 2)), bias = Parameter(.random([8], seed: 3))
            let tape = Tape()
            let result = Tensor.conv2d(
                tape.input(.zeros([0, 6, 6, 8]), needsGradient: true), weight: weight, bias: bias,
                options: .init(padding: 1, groups: groups))
            #expect(result.shape == [0, 6, 6, 8])
            tape.backward(from: [(result, .zeros(result.shape))])
            #expect(try #require(weight.gradient).array.allSatisfy { $0 == 0 })
            #expect(try #require(bias.gradient).array.allSatisfy { $0 == 0 })
        }
    }

    @Test func `a kernel larger than the padded image leaves nothing`() {
        let result = Tensor.conv2d(.zeros([1, 2, 2, 4]), weight: Parameter(.zeros([4, 5, 5, 4])), bias: nil, options: .init())
        #expect(result.shape == [1, 0, 0, 4])
    }

    @Test func `frozen weights get no gradient, the image still does`() {
        let test = ConvolutionCase(options: .init(padding: 1))
        let weight = test.weight
        weight.requiresGradient = false
        let tape = Tape()
        let x = tape.input(test.x, needsGradient: true)
        tape.backward(from: .weightedSum(.conv2d(x, weight: weight, bias: nil, options: test.options)))
        #expect(weight.gradient == nil)
        #expect(tape.takeGradient(of: x.node) != nil)
    }

    @Test(arguments: [1, 32])
    func `the same work gives the same bits, and takes no memory from the system`(groups: Int) throws {
        let weight = Parameter(.random([32, 3, 3, 32 / groups], seed: 2)), bias = Parameter(.random([32], seed: 3))
        let x = Tensor.random([4, 20, 20, 32], seed: 1)
        func pass() throws -> [[Float]] {
            weight.clearGradient()
            bias.clearGradient()
            let tape = Tape()
            let input = tape.input(x, needsGradient: true)
            let result = Tensor.conv2d(input, weight: weight, bias: bias, options: .init(padding: 1, groups: groups))
            tape.backward(from: [(result, .random(result.shape, seed: 9))])
            return [
                result.array, try #require(tape.takeGradient(of: input.node)).array, try #require(weight.gradient).array,
                try #require(bias.gradient).array,
            ]
        }
        let first = try pass()
        _ = try pass()
        let allocations = StoragePool.shared.statistics.systemAllocations
        for _ in 0..<5 { #expect(try pass() == first) }
        #expect(StoragePool.shared.statistics.systemAllocations == allocations)
    }
}
