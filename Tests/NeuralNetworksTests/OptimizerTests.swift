import Foundation
import NeuralNetworks
import TensorEngine
import Testing

/// Expected values follow torch.optim on the same three steps of constant gradients, written out in double precision.
@Suite struct OptimizerTests {
    private let gradients: [[Float]] = [[0.5, -1], [-0.25, 2], [0.125, 0.5]]

    private func run(_ make: ([ParameterGroup]) -> any Optimizer, group: (Parameter) -> ParameterGroup, steps: Range<Int> = 0..<3,
        parameter: Parameter = Parameter(Tensor([1, -2], shape: [2]))) -> (Parameter, any Optimizer) {
        let optimizer = make([group(parameter)])
        for step in steps { advance(optimizer, parameter, step) }
        return (parameter, optimizer)
    }

    private func advance(_ optimizer: any Optimizer, _ parameter: Parameter, _ step: Int) {
        optimizer.step {
            parameter.clearGradient()
            parameter.accumulateGradient(Tensor(gradients[step], shape: [2]))
            return 0
        }
    }

    private func sgd(nesterov: Bool) -> [Double] {
        [1.0, -2.0].enumerated().map { index, start in
            var value = start, buffer = 0.0
            for step in 0..<3 {
                let gradient = Double(gradients[step][index]) + 0.01 * value
                buffer = step == 0 ? gradient : 0.9 * buffer + gradient
                value -= 0.1 * (nesterov ? gradient + 0.9 * buffer : buffer)
            }
            return value
        }
    }

    private func adam(decoupled: Bool) -> [Double] {
        [1.0, -2.0].enumerated().map { index, start in
            var value = start, first = 0.0, second = 0.0
            for step in 0..<3 {
                var gradient = Double(gradients[step][index])
                if decoupled { value -= 0.1 * 0.01 * value } else { gradient += 0.01 * value }
                first = 0.9 * first + 0.1 * gradient
                second = 0.999 * second + 0.001 * gradient * gradient
                let corrected = first / (1 - pow(0.9, Double(step + 1)))
                value -= 0.1 * corrected / ((second / (1 - pow(0.999, Double(step + 1)))).squareRoot() + 1e-8)
            }
            return value
        }
    }

    @Test(arguments: [true, false]) func momentumFollowsTorch(nesterov: Bool) {
        var options = SGD.Options()
        options.nesterov = nesterov
        let (parameter, _) = run({ SGD($0, options) },
            group: { ParameterGroup([$0], learningRate: 0.1, weightDecay: 0.01, momentum: 0.9) })
        for (found, expected) in zip(parameter.value.array, sgd(nesterov: nesterov)) { #expect(abs(Double(found) - expected) < 1e-5) }
    }

    @Test(arguments: [true, false]) func adamFollowsTorch(decoupled: Bool) {
        let (parameter, _) = run({ decoupled ? AdamW($0) : Adam($0) },
            group: { ParameterGroup([$0], learningRate: 0.1, weightDecay: 0.01, momentum: 0.9) })
        for (found, expected) in zip(parameter.value.array, adam(decoupled: decoupled)) { #expect(abs(Double(found) - expected) < 1e-5) }
    }

    @Test func resumedOptimizerContinuesBitForBit() throws {
        let group: (Parameter) -> ParameterGroup = { ParameterGroup([$0], learningRate: 0.1, weightDecay: 0.01, momentum: 0.9) }
        let (whole, _) = run({ AdamW($0) }, group: group)
        let (half, first) = run({ AdamW($0) }, group: group, steps: 0..<2)
        let second = AdamW([group(half)])
        try second.importState(first.exportState())
        advance(second, half, 2)
        #expect(half.value.array == whole.value.array)
        #expect(throws: OptimizerStateError.missing(key: "0.momentum_buffer")) {
            try SGD([group(half)]).importState(first.exportState())
        }
    }

    @Test func clippingScalesToTheNorm() {
        let parameters = [Parameter(.zeros([1])), Parameter(.zeros([1])), Parameter(.zeros([1]))]
        parameters[0].accumulateGradient(Tensor([3], shape: [1]))
        parameters[1].accumulateGradient(Tensor([4], shape: [1]))
        #expect(abs(clipGradients(parameters, maximumNorm: 1) - 5) < 1e-6)
        #expect(abs((parameters[1].gradient?.scalar ?? 0) - 0.8) < 1e-6)
        #expect(abs(clipGradients(parameters, maximumNorm: 10) - 1) < 1e-5)
    }

    @Test func clippingByValueBoundsEachElement() {
        let parameters = [Parameter(.zeros([3])), Parameter(.zeros([1])), Parameter(.zeros([1]))]
        parameters[0].accumulateGradient(Tensor([3, -0.2, -7], shape: [3]))
        parameters[1].accumulateGradient(Tensor([.nan], shape: [1]))
        clipGradients(parameters, maximumValue: 0.5)
        #expect(parameters[0].gradient?.array == [0.5, -0.2, -0.5])
        #expect(parameters[1].gradient?.scalar.isNaN == true && parameters[2].gradient == nil)
    }

    @Test func averageCoversBuffersAndSwaps() throws {
        let norm = BatchNorm2d(1)
        let average = ExponentialMovingAverage(norm, decay: 0.5, tau: 1)
        norm.weight.value.assign(.filled([1], with: 3))
        norm.running_mean.value.assign(.filled([1], with: 2))
        average.update()
        let factor = 0.5 * (1 - exp(-1.0))
        average.swapIn()
        #expect(abs(Double(norm.weight.value.scalar) - (factor + 3 * (1 - factor))) < 1e-6)
        #expect(abs(Double(norm.running_mean.value.scalar) - 2 * (1 - factor)) < 1e-6)
        average.swapOut()
        #expect(norm.weight.value.scalar == 3)
        let other = ExponentialMovingAverage(norm, decay: 0.5, tau: 1)
        average.swapIn()
        let averages = norm.stateDictionary()
        average.swapOut()
        let trained = norm.stateDictionary()
        try other.restore(averages, updates: average.updates, in: norm)
        #expect(other.updates == 1 && norm.stateDictionary() == trained && averages != trained)
        other.swapIn()
        #expect(norm.stateDictionary() == averages)
        #expect(throws: StateLoadingError.self) { other.swapOut(); try other.restore(StateDictionary(), updates: 7, in: norm) }
        #expect(other.updates == 1 && norm.stateDictionary() == trained)
    }

    @Test func schedulesReachTheirEnds() {
        let linear = LearningRateSchedule(.linear), cosine = LearningRateSchedule(.cosine)
        for schedule in [linear, cosine] {
            #expect(schedule.factor(at: 0, of: 10) == 1 && abs(schedule.factor(at: 10, of: 10) - 0.01) < 1e-12)
            #expect(abs(schedule.factor(at: 5, of: 10) - 0.505) < 1e-12)
        }
        let warmUp = WarmUp(steps: 10)
        #expect(warmUp.learningRate(at: 5, target: 0.02) == 0.01)
        #expect(abs(warmUp.momentum(at: 5, target: 0.937) - 0.8685) < 1e-12)
        #expect(warmUp.learningRate(at: 11, target: 0.02) == 0.02)
        #expect(warmUp.accumulation(at: 0, nominal: 4) == 1 && warmUp.accumulation(at: 10, nominal: 4) == 4)
    }
}
