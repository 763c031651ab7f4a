import NeuralNetworks
import TensorEngine
import TestSupport
import Testing
import VisionModels

/// Updating while the backward pass goes on leaves what updating afterwards leaves, bit for bit: no parameter is changed before
/// its last gradient and its last use.
@Suite(.serialized) struct EarlyUpdateTests {
    /// One of each family; Swin's windows are padded at this size, so that a bias serves two operations.
    private static let names = [
        "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "efficientnet_b0",
        "densenet121", "resnet18", "resnext50_32x4d", "googlenet", "swin_t", "convnext_tiny", "vit_b_16", "YOLOv8_nano",
    ]

    @Test(arguments: names)
    func leavesTheSameBits(name: String) throws {
        let entry = try ArchitectureCatalogue.entry(named: name)
        let side = entry.takesOneSizeOnly ? entry.minimumInputSize : max(entry.minimumInputSize, 64)
        let (after, lossAfter) = train(entry, side: side, updatesEarly: false)
        let (early, lossEarly) = train(entry, side: side, updatesEarly: true)
        #expect(lossAfter == lossEarly)
        for (expected, found) in zip(after, early) {
            #expect(found.values == expected.values, "\(found.key) differs")
        }
    }

    /// The parameters after two steps of descent with momentum, and the second step's loss.
    private func train(_ entry: ArchitectureEntry, side: Int, updatesEarly: Bool) -> ([(key: String, values: [Float])], Double) {
        let network = entry.makeNetwork(classes: 3, seed: 5)
        network.module.train()
        for layer in network.module.modules() { (layer as? any StochasticLayer)?.probability = 0 }
        let optimizer = SGD([
            ParameterGroup(network.module.parameters, learningRate: 0.01, weightDecay: 1e-3, momentum: 0.9),
        ])
        let early = EarlyUpdate(optimizer)
        var loss = 0.0
        for _ in 0..<2 {
            loss = optimizer.step {
                network.module.clearGradients()
                let tape = Tape()
                let outputs = outputs(network, tape.input(.random([2, side, side, 3], seed: 11)))
                let losses = outputs.enumerated().map { index, output in
                    Tensor.weightedMean(output, weights: .random(output.shape, seed: UInt64(index + 1)))
                }
                let starts = losses.map { ($0, Tensor.filled($0.shape, with: 1)) }
                if updatesEarly {
                    tape.backward(from: starts) { early.take($0) }
                    early.finish()
                    #expect(network.module.parameters.allSatisfy { $0.gradient == nil })
                } else {
                    tape.backward(from: starts)
                }
                return losses.reduce(0) { $0 + Double($1.scalar) }
            }
        }
        return (network.module.namedParameters().map { ($0.key, $0.parameter.value.array) }, loss)
    }

    private func outputs(_ network: VisionNetwork, _ images: Tensor) -> [Tensor] {
        switch network {
        case .classifier(let classifier): return classifier.trainingOutputs(images).map(\.logits)
        case .detector(let detector):
            let output = detector(images)
            return [output.boxes, output.scores]
        }
    }
}
