import Foundation
import TensorEngine
import Testing

/// The operation table in three modes: value, gradient, speed.
@Suite(.serialized) struct OperationTests {
    @Test(arguments: OperationCases.all) func value(_ operation: OperationCase) {
        let (inputs, parameters) = operation.makeArguments()
        let outputs = operation.run(inputs.map(\.tensor), parameters.map { Parameter($0.tensor) })
        let expected = operation.reference(inputs, parameters)
        #expect(outputs.map(\.shape.dimensions) == expected.map(\.shape))
        for (output, reference) in zip(outputs, expected) {
            #expect(worst(output.array.map { Double($0) }, reference.values) < operation.tolerance)
        }
    }

    @Test(arguments: OperationCases.all) func gradient(_ operation: OperationCase) {
        let comparison = GradientComparison(operation)
        for (engine, numeric) in zip(comparison.engine, comparison.numeric) {
            #expect(engine.count == numeric.count)
            #expect(worst(engine, numeric) < 10 * operation.tolerance)
        }
    }

    /// The same bits on one thread and on many.
    @Test(arguments: OperationCases.all) func threadsDoNotMatter(_ operation: OperationCase) {
        let before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        func results(threads: Int) -> [[Float]] {
            ThreadPool.setThreads(threads)
            let (inputs, parameters) = operation.makeArguments()
            let tape = Tape()
            let tensors = inputs.map { tape.input($0.tensor, needsGradient: true) }
            let own = parameters.map { Parameter($0.tensor) }
            let outputs = operation.run(tensors, own)
            tape.backward(from: outputs.map { ($0, .filled($0.shape, with: 0.5)) })
            return outputs.map(\.array) + tensors.map { tape.takeGradient(of: $0.node)?.array ?? [] }
                + own.map { $0.gradient?.array ?? [] }
        }
        #expect(results(threads: 1) == results(threads: 3))
    }

    /// Batch norm over several blocks, the last one ending inside a wide row; differences would take too long here.
    @Test(arguments: [1, 3]) func batchNormOverManyBlocks(threads: Int) {
        let before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        ThreadPool.setThreads(threads)
        value(BatchNormCases.make([3, 41, 37, 13], isTraining: true, activation: .silu, hasResidual: true))
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["TRAINYARD_OP_TIMES"] == "1"))
    func speed() {
        for operation in OperationCases.all {
            guard let shapes = operation.speedInputs else { continue }
            let (inputs, parameters) = operation.makeArguments(inputs: shapes)
            let tensors = inputs.map(\.tensor), own = parameters.map { Parameter($0.tensor) }
            let count = inputs[0].count
            var forward = Double.infinity, backward = Double.infinity
            for _ in 0..<5 {
                let tape = Tape()
                let recorded = tensors.map { tape.input($0, needsGradient: true) }
                let start = ContinuousClock.now
                let outputs = operation.run(recorded, own)
                let middle = ContinuousClock.now
                let gradients = outputs.map { Tensor.filled($0.shape, with: 1) }
                let ready = ContinuousClock.now
                tape.backward(from: Array(zip(outputs, gradients)).map { ($0, $1) })
                forward = min(forward, nanoseconds(start.duration(to: middle)) / Double(count))
                backward = min(backward, nanoseconds(ready.duration(to: .now)) / Double(count))
            }
            print(String(format: "%6.3f %6.3f ns/element forward, backward: ", forward, backward) + "\(operation.name) at \(shapes[0])")
        }
    }

    private func nanoseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1e9 + Double(duration.components.attoseconds) * 1e-9
    }

    /// The largest difference, relative to one plus the size of the expected value; NaN counts as infinite.
    private func worst(_ found: [Double], _ expected: [Double]) -> Double {
        zip(found, expected).reduce(0) { worst, pair in
            let error = abs(pair.0 - pair.1) / (1 + abs(pair.1))
            return error.isNaN ? .infinity : max(worst, error)
        }
    }
}
