import NeuralNetworks
import TensorEngine
import TestSupport
import Testing
import VisionModels

/// Every classifier runs on the least image that it says it takes, and learns: its gradients are whole and point downhill.
@Suite(.serialized) struct LearningTests {
    static let names = ArchitectureCatalogue.entries.filter { $0.task == .imageClassification }.map(\.name)

    @Test(arguments: names)
    func oneStepLowersTheLoss(name: String) throws {
        let entry = try ArchitectureCatalogue.entry(named: name)
        let network = entry.makeClassifier(classes: 10, seed: 5)
        network.train()
        for output in network.trainingOutputs(images(2, side: entry.inputSize.minimum)) {
            #expect(output.logits.shape == [2, 10])
            #expect(sumOfSquares(output.logits).isFinite)
        }

        // The largest take a single image, to stay quick; the others one of 64 pixels, because batch norm over the two
        // values that the least image leaves a channel is too steep for any step.
        let isLarge = network.trainableParameterCount > 150_000_000
        // Through the depth of resnet152, batch norm over so few values lifts rounding to 6e-4 of the loss; four images of 128
        // pixels keep it at 6e-5.
        let isDeepest = name == "resnet152"
        let labels: [Int32] = isLarge ? [3] : isDeepest ? [3, 7, 1, 5] : [3, 7]
        let side = switch entry.inputSize {
        case .atLeast(let least): isLarge ? least : max(least, isDeepest ? 128 : 64)
        case .exactly(let side): side
        }
        let images = images(labels.count, side: side)
        // Two passes are compared, so nothing may be random.
        for layer in network.modules() { (layer as? any StochasticLayer)?.probability = 0 }

        let tape = Tape()
        let before = losses(network.trainingOutputs(tape.input(images)), labels)
        tape.backward(from: before.map { ($0.loss, .filled([], with: $0.weight)) })
        var squares = 0.0
        for (key, parameter) in network.namedParameters() where parameter.requiresGradient {
            let gradient = try #require(parameter.gradient, "\(key) has no gradient")
            let square = sumOfSquares(gradient)
            #expect(square.isFinite, "the gradient of \(key) is not finite")
            squares += square
        }
        #expect(squares > 0)

        // Plain descent, so small that the loss should fall by a thousandth.
        let rate = Float(1e-3 * total(before) / squares)
        for parameter in network.parameters where parameter.requiresGradient {
            guard let gradient = parameter.gradient else { continue }
            let value = parameter.value.floats, slope = gradient.floats
            withExtendedLifetime(gradient.storage) {
                for index in 0..<gradient.count { value[index] -= rate * slope[index] }
            }
        }
        let fall = 1 - total(losses(network.trainingOutputs(images), labels)) / total(before)
        // In a deep network the loss curves within even so small a step.
        #expect(fall > 0 && fall < 1.5e-3, "the loss \(total(before)) fell by \(fall) of itself")
    }

    private func images(_ count: Int, side: Int) -> Tensor { .random([count, side, side, 3], seed: 11) }

    private func losses(_ outputs: [(logits: Tensor, weight: Float)], _ labels: [Int32]) -> [(loss: Tensor, weight: Float)] {
        outputs.map { (Tensor.softmaxCrossEntropy($0.logits, targets: labels, labelSmoothing: 0), $0.weight) }
    }

    private func total(_ losses: [(loss: Tensor, weight: Float)]) -> Double {
        losses.reduce(0) { $0 + Double($1.loss.scalar) * Double($1.weight) }
    }

    private func sumOfSquares(_ tensor: Tensor) -> Double {
        withExtendedLifetime(tensor.storage) {
            let values = tensor.floats
            var sum = 0.0
            for index in 0..<tensor.count { sum += Double(values[index]) * Double(values[index]) }
            return sum
        }
    }
}
