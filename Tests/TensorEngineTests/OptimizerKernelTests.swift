import TensorEngine
import Testing

/// Optimiser steps, dropout and running moments, which the op table's form does not fit.
struct OptimizerKernelTests {
    @Test(arguments: [true, false]) func sgdFollowsItsRule(nesterov: Bool) {
        let value = Tensor.filled([19], with: 2), gradient = Tensor.filled([19], with: 0.5), buffer = Tensor.zeros([19])
        let segments = TensorSegments([[value, gradient, buffer]])
        var v = 2.0, m = 0.0
        for step in 1...3 {
            OptimizerKernels.sgd(
                segments: segments, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: nesterov)
            let g = 0.5 + 0.01 * v
            m = step == 1 ? g : 0.9 * m + g
            v -= 0.1 * (nesterov ? g + 0.9 * m : m)
        }
        #expect(value.array.allSatisfy { abs(Double($0) - v) < 1e-5 })
    }

    @Test(arguments: [true, false]) func adamFollowsItsRule(decoupled: Bool) {
        let value = Tensor.filled([19], with: 2), gradient = Tensor.filled([19], with: 0.5)
        let segments = TensorSegments([[value, gradient, .zeros([19]), .zeros([19])]])
        var v = 2.0, m = 0.0, s = 0.0
        for step in 1...3 {
            OptimizerKernels.adam(
                segments: segments, learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1,
                decoupled: decoupled, step: step)
            let g = decoupled ? 0.5 : 0.5 + 0.1 * v
            if decoupled { v *= 1 - 0.1 * 0.1 }
            m = 0.9 * m + 0.1 * g
            s = 0.99 * s + 0.01 * g * g
            var power1 = 1.0, power2 = 1.0
            for _ in 0..<step { power1 *= 0.9; power2 *= 0.99 }
            v -= 0.1 * (m / (1 - power1)) / ((s / (1 - power2)).squareRoot() + 1e-8)
        }
        #expect(value.array.allSatisfy { abs(Double($0) - v) < 1e-5 })
    }

    @Test func averagesSumsAndScales() {
        let x = Tensor.filled([40_000], with: 2), average = Tensor.filled([40_000], with: 1)
        OptimizerKernels.exponentialAverage(segments: TensorSegments([[average, x]]), decay: 0.75)
        #expect(average.array.allSatisfy { $0 == 1.25 })
        #expect(OptimizerKernels.sumOfSquares(x) == 160_000)
        OptimizerKernels.scale(x, by: 0.5)
        #expect(x.array.allSatisfy { $0 == 1 })
    }

    /// Many parameters in one go end with the bits of each alone, however the threads share them.
    @Test(arguments: [1, 3]) func segmentsEqualSingleTensors(threads: Int) {
        let before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        ThreadPool.setThreads(threads)
        let counts = [0, 7, 40_000, 1, 0, 33_000]
        func make(columns: Int) -> [[Tensor]] {
            var random = RandomSource(seed: 5)
            return counts.map { count in
                (0..<columns).map { column in
                    Tensor((0..<count).map { _ in column < 2 ? random.normal() : 0 }, shape: [count])
                }
            }
        }
        let together = make(columns: 3), alone = make(columns: 3), segments = TensorSegments(together)
        let adamTogether = make(columns: 4), adamAlone = make(columns: 4), adamSegments = TensorSegments(adamTogether)
        for step in 1...2 {
            OptimizerKernels.sgd(segments: segments, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true)
            OptimizerKernels.adam(
                segments: adamSegments, learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1,
                decoupled: true, step: step)
            for own in alone {
                OptimizerKernels.sgd(
                    segments: TensorSegments([own]), learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true)
            }
            for own in adamAlone {
                OptimizerKernels.adam(
                    segments: TensorSegments([own]), learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1,
                    decoupled: true, step: step)
            }
        }
        func isEqual(_ left: [[Tensor]], _ right: [[Tensor]]) -> Bool {
            left.map { $0.map(\.array) } == right.map { $0.map(\.array) }
        }
        #expect(isEqual(together, alone))
        #expect(isEqual(adamTogether, adamAlone))

        let squares = OptimizerKernels.sumOfSquares(segments: segments, column: 1)
        let expected = alone.reduce(0.0) { $0 + OptimizerKernels.sumOfSquares($1[1]) }
        #expect(abs(squares - expected) < 1e-9 * expected)
        ThreadPool.setThreads(2)
        #expect(OptimizerKernels.sumOfSquares(segments: segments, column: 1) == squares)
        OptimizerKernels.scale(segments: segments, column: 1, by: 2)
        #expect(zip(together, alone).allSatisfy { $0[1].array == $1[1].array.map { 2 * $0 } })
        let averages = TensorSegments(alone.map { [$0[0], $0[1]] }), kept = alone.map { $0.map(\.array) }
        OptimizerKernels.exponentialAverage(segments: averages, decay: 0.5)
        #expect(zip(alone, kept).allSatisfy { own, old in own[0].array == zip(old[0], old[1]).map { 0.5 * $0 + 0.5 * $1 } })
    }

    @Test func dropoutKeepsItsShareAndItsMask() {
        var random = RandomSource(seed: 3)
        let tape = Tape(), x = tape.input(.filled([100_000], with: 1), needsGradient: true)
        let y = Tensor.dropout(x, probability: 0.25, random: &random)
        let dropped = y.array.count { $0 == 0 }
        #expect(abs(dropped - 25_000) < 700)
        #expect(y.array.allSatisfy { $0 == 0 || $0 == 1 / 0.75 })
        tape.backward(from: [(y, .filled(y.shape, with: 1))])
        #expect(tape.takeGradient(of: x.node)?.array == y.array)
    }

    @Test func batchNormMovesItsRunningMoments() {
        let mean = Tensor.zeros([1]), variance = Tensor.filled([1], with: 1)
        _ = Tensor.batchNorm(
            Tensor([1, 2, 3, 6], shape: [4, 1, 1, 1]), weight: Parameter(.filled([1], with: 1)), bias: Parameter(.zeros([1])),
            runningMean: mean, runningVariance: variance, momentum: 0.1, epsilon: 1e-3, isTraining: true)
        #expect(abs(mean.scalar - 0.3) < 1e-6)
        // Unbiased variance 14/3.
        #expect(abs(variance.scalar - (0.9 + 0.1 * 14 / 3)) < 1e-6)
    }
}
