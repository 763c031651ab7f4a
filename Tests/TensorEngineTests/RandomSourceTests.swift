import Foundation
import TensorEngine
import Testing

/// Many random numbers at once are those drawn one after another.
@Suite(.serialized) struct RandomSourceTests {
    /// More than one thread's share, and no multiple of a vector; one; and none.
    private static let counts = [70_003, 1, 0]

    @Test(arguments: counts, [1, 3]) func manyAreThoseDrawnSingly(count: Int, threads: Int) {
        let before = ThreadPool.threads
        ThreadPool.setThreads(threads)
        defer { ThreadPool.setThreads(before) }
        let tensor = Tensor.uninitialized([count])
        var many = RandomSource(seed: 5), single = many

        many.fillUniform(tensor, -2, 3)
        #expect(zip(tensor.array, (0..<count).map { _ in single.uniform(-2, 3) }).allSatisfy { abs($0 - $1) < 1e-6 })
        many.fillNormal(tensor, deviation: 2)
        #expect(tensor.array == (0..<count).map { _ in 2 * single.normal() })
        #expect(many == single)
    }

    /// Against Box's and Muller's formula in double precision, from the same draws.
    @Test func normalsFollowTheFormula() {
        let count = 200_000
        let tensor = Tensor.uninitialized([count])
        var source = RandomSource(seed: 11), draws = source
        source.fillNormal(tensor, deviation: 1)
        let values = tensor.array.map(Double.init)
        var worst = 0.0
        for value in values {
            let first = Double(draws.uniform()), second = Double(draws.uniform())
            let expected = (-2 * log(max(first, Double(Float.leastNormalMagnitude)))).squareRoot() * cos(2 * .pi * second)
            worst = max(worst, abs(value - expected))
        }
        #expect(worst < 1e-6)
        // Within five standard errors.
        let mean = values.reduce(0, +) / Double(count), square = values.reduce(0) { $0 + $1 * $1 } / Double(count)
        #expect(abs(mean) < 5 / Double(count).squareRoot())
        #expect(abs(square - 1) < 5 * (2 / Double(count)).squareRoot())
    }
}
