import TensorEngine
import TestSupport
import Testing

@Suite struct LinearTests {
    @Test func `values equal the definition on tokens`() {
        let x = Tensor.random([2, 3, 5], seed: 1)
        let weight = Parameter(.random([4, 5], seed: 2)), bias = Parameter(.random([4], seed: 3))
        let result = Tensor.linear(x, weight: weight, bias: bias)
        #expect(result.shape == [2, 3, 4])
        let rows = x.array, filters = weight.value.array, offsets = bias.value.array, values = result.array
        for row in 0..<6 {
            for output in 0..<4 {
                let expected = (0..<5).reduce(offsets[output]) { $0 + rows[row * 5 + $1] * filters[output * 5 + $1] }
                #expect(abs(values[row * 4 + output] - expected) < 1e-5)
            }
        }
    }

    @Test(arguments: [true, false])
    func `gradients equal finite differences`(hasBias: Bool) {
        let weight = Parameter(.random([7, 5], seed: 2)), bias = hasBias ? Parameter(.random([7], seed: 3)) : nil
        let mismatches = checkGradients(
            of: [weight] + (bias.map { [$0] } ?? []), inputs: [.random([9, 5], seed: 1)], tolerance: 3e-3
        ) { _, inputs in .weightedSum(.linear(inputs[0], weight: weight, bias: bias)) }
        #expect(mismatches.isEmpty, "\(mismatches)")
    }

    @Test func `a second backward pass adds to the gradient`() throws {
        let weight = Parameter(.random([7, 5], seed: 2))
        func pass() {
            let tape = Tape()
            tape.backward(from: .weightedSum(.linear(tape.input(.random([9, 5], seed: 1)), weight: weight, bias: nil)))
        }
        pass()
        let once = try #require(weight.gradient).array
        pass()
        #expect(zip(try #require(weight.gradient).array, once).allSatisfy { abs($0 - 2 * $1) < 1e-5 })
    }

    @Test func `no rows give no rows and a gradient of zero`() throws {
        let weight = Parameter(.random([7, 5], seed: 2)), bias = Parameter(.random([7], seed: 3))
        let tape = Tape()
        let result = Tensor.linear(tape.input(.zeros([0, 5]), needsGradient: true), weight: weight, bias: bias)
        #expect(result.shape == [0, 7])
        tape.backward(from: [(result, .zeros([0, 7]))])
        #expect(try #require(weight.gradient).array.allSatisfy { $0 == 0 })
        #expect(try #require(bias.gradient).array.allSatisfy { $0 == 0 })
    }
}
