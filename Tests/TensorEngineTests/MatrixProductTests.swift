import TestSupport
import Testing

@testable import TensorEngine

/// The products of linear layers and 1×1 convolutions against sums in double precision.
@Suite struct MatrixProductTests {
    /// Rows, inputs, outputs: narrower than a vector, not whole tiles, several blocks of each, rows 4 KiB apart, and a
    /// weight gradient that is summed in parts.
    static let all: [[Int]] = [
        [1, 1, 1], [7, 3, 5], [13, 24, 8], [50, 300, 37], [101, 70, 530], [30, 1024, 40], [9, 513, 2048], [4100, 9, 17],
        [830, 35, 205], [20, 801, 30], [9, 2048, 801],
    ]

    @Test(arguments: all, [ProductPrecision.single, .bfloat16])
    func `products equal sums in double precision on any number of threads`(_ extents: [Int], _ precision: ProductPrecision) {
        let rows = extents[0], inputs = extents[1], outputs = extents[2], before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        let x = Tensor.random([rows, inputs], seed: 1), weight = Tensor.random([outputs, inputs], seed: 2)
        let bias = Tensor.random([outputs], seed: 3), gradient = Tensor.random([rows, outputs], seed: 4)
        func results(threads: Int) -> [[Float]] {
            ThreadPool.setThreads(threads)
            let products = AffineProducts(rows: rows, inputs: inputs, outputs: outputs, precision: precision)
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
        let expected = definition(precision, rows, inputs, outputs, x.array, weight.array, bias.array, gradient.array)
        for (values, reference) in zip(found, expected) {
            let worst = zip(values, reference).reduce(0.0) { worst, pair in
                let error = abs(Double(pair.0) - pair.1)
                return error.isNaN ? .infinity : max(worst, error)
            }
            #expect(worst < 1e-6 * Double(max(rows, inputs, outputs)).squareRoot() + 2e-5)
        }
    }

    @Test(arguments: [[1, 1], [5, 700], [31, 33], [97, 64], [788, 768], [3072, 768], [25088, 64], [6, 100_000]], 1...7)
    func `shares are disjoint, cover the result and are at most as many as threads`(_ extents: [Int], _ threads: Int) {
        let rows = extents[0], columns = extents[1], shares = ResultShares(rows: rows, columns: columns, threads: threads)
        #expect((1...threads).contains(shares.count))
        let all = (0..<shares.count).map { shares[$0] }
        for (rowRange, columnRange) in all {
            #expect((0...rows).contains(rowRange.upperBound) && (0...columns).contains(columnRange.upperBound))
        }
        #expect(all.reduce(0) { $0 + $1.rows.count * $1.columns.count } == rows * columns)
        for (index, one) in all.enumerated() {
            for other in all[..<index] {
                #expect(!one.rows.overlaps(other.rows) || !one.columns.overlaps(other.columns))
            }
        }
    }

    /// Ties go to even significands, overflow to infinity; infinities and NaN stay what they are.
    @Test func `what bfloat16 multiplies is the nearest such number`() {
        let patterns: [(UInt32, UInt32)] = [
            (0x3f80_7fff, 0x3f80), (0x3f80_8000, 0x3f80), (0x3f80_8001, 0x3f81), (0x3f81_8000, 0x3f82), (0xbf81_8000, 0xbf82),
            (0x7f7f_ffff, 0x7f80), (0x7f80_0000, 0x7f80), (0xff80_0000, 0xff80), (0x0000_0000, 0x0000), (0x0080_7fff, 0x0080),
        ]
        let values = patterns.map { Float(bitPattern: $0.0) } + [.nan]
        // A column for the forward product, whose left rows are neighbours, and a row for the weight gradient, where they are not.
        let products = AffineProducts(rows: values.count, inputs: 1, outputs: 1, precision: .bfloat16)
        let transposed = AffineProducts(rows: 1, inputs: 1, outputs: values.count, precision: .bfloat16)
        let one = Tensor.filled([1, 1], with: 1), column = Tensor(values, shape: [values.count, 1])
        let forward = Tensor.uninitialized(column.shape), gradient = Tensor.uninitialized(column.shape)
        products.forward(x: column, weight: one, bias: nil, into: forward)
        transposed.weightGradient(x: one, outputGradient: column, into: gradient, adds: false)
        for found in [forward.array, gradient.array] {
            #expect(found.dropLast().map(\.bitPattern) == patterns.map { $0.1 << 16 })
            #expect(found.last?.isNaN == true)
        }
    }

    /// On the way forth and back; a product without a tape is of single precision.
    @Test func `a tape's precision reaches linear layers, products and gathered windows`() throws {
        let weight = Parameter(.random([40, 64], seed: 2), requiresGradient: true)
        let pixels = Parameter(.random([40, 1, 1, 64], seed: 2), requiresGradient: true)
        let windows = Parameter(.random([40, 2, 2, 64], seed: 2), requiresGradient: true)
        try check(of: weight) { Tensor.linear($0, weight: weight, bias: nil) }
        try check(of: pixels) { Tensor.conv2d($0, weight: pixels, bias: nil, options: .init()) }
        try check(of: windows) { Tensor.conv2d($0, weight: windows, bias: nil, options: .init(stride: 2)) }
    }

    private func check(of weight: Parameter, _ operation: (Tensor) -> Tensor) throws {
        let image = Tensor.random([2, 6, 6, 64], seed: 1)
        func outcome(_ precision: ProductPrecision) throws -> [[Float]] {
            weight.clearGradient()
            let tape = Tape(products: precision), x = tape.input(image, needsGradient: true), y = operation(x)
            tape.backward(from: [(y, .random(y.shape, seed: 3))])
            return try [y.array, #require(tape.takeGradient(of: x.node)).array, #require(weight.gradient).array]
        }
        let exact = try outcome(.single)
        #expect(operation(image).array == exact[0])
        for (exact, rounded) in zip(exact, try outcome(.bfloat16)) {
            let scale = exact.reduce(0) { max($0, abs($1)) }, error = zip(exact, rounded).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(error > 1e-4 * scale && error < 1e-2 * scale)
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
        _ precision: ProductPrecision, _ rows: Int, _ inputs: Int, _ outputs: Int, _ x: [Float], _ weight: [Float], _ bias: [Float], _ gradient: [Float]
    ) -> [[Double]] {
        var y = (0..<rows * outputs).map { Double(bias[$0 % outputs]) }
        var dx = [Double](repeating: 0, count: x.count), dw = [Double](repeating: 0, count: weight.count)
        for row in 0..<rows {
            for output in 0..<outputs {
                let slope = operand(gradient[row * outputs + output], precision)
                var sum = 0.0
                for input in 0..<inputs {
                    let value = operand(x[row * inputs + input], precision)
                    let factor = operand(weight[output * inputs + input], precision)
                    sum += value * factor
                    dx[row * inputs + input] += slope * factor
                    dw[output * inputs + input] += slope * value
                }
                y[row * outputs + output] += sum
            }
        }
        return [y, dx, dw, zip(dw, weight).map { $0 + Double($1) }]
    }

    /// The number that is multiplied: the nearer of the two bfloat16 numbers around a finite value, and of two as near the even one.
    private func operand(_ value: Float, _ precision: ProductPrecision) -> Double {
        guard precision == .bfloat16 else { return Double(value) }
        let low = Float(bitPattern: value.bitPattern & 0xffff_0000), high = Float(bitPattern: low.bitPattern + 0x1_0000)
        let below = abs(Double(value) - Double(low)), above = abs(Double(high) - Double(value))
        return Double(below < above || (below == above && low.bitPattern & 0x1_0000 == 0) ? low : high)
    }
}
