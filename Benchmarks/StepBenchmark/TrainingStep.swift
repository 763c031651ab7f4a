import NeuralNetworks
import TensorEngine
import Training
import VisionModels

/// A network's training step on made-up images: forward, loss, backward, an SGD step with momentum.
struct TrainingStep {
    private let network: VisionNetwork
    private let optimizer: SGD
    private let early: EarlyUpdate

    init(entry: ArchitectureEntry) {
        network = entry.makeNetwork(classes: entry.task == .imageClassification ? 1000 : 80, seed: 1)
        network.module.train()
        optimizer = SGD([
            ParameterGroup(network.module.namedParameters().map(\.parameter), learningRate: 0.001, weightDecay: 0, momentum: 0.9),
        ])
        early = EarlyUpdate(optimizer)
    }

    /// Takes one step and tells how long it took.
    func milliseconds(_ batch: MadeUpBatch) -> Double {
        ContinuousClock().measure {
            optimizer.step {
                let tape = Tape()
                let loss = batch.loss(of: network, tape.input(batch.images))
                tape.backward(from: [(loss, .filled(loss.shape, with: 1))]) { early.take($0) }
                early.finish()
                return Double(loss.scalar)
            }
        }.seconds * 1e3
    }
}

/// Random images with a label each, or five boxes each.
struct MadeUpBatch {
    let images: Tensor
    private let labels: [Int32]
    private let objects: [[GroundTruthBox]]

    init(batch: Int, side pixels: Int) {
        var random = RandomSource(seed: 1)
        let side = Float(pixels)
        images = Tensor((0..<batch * pixels * pixels * 3).map { _ in random.uniform() }, shape: [batch, pixels, pixels, 3])
        labels = (0..<batch).map { Int32($0) }
        objects = (0..<batch).map { _ in
            (0..<5).map { label in
                let extent = side * random.uniform(0.1, 0.4)
                let x = random.uniform(0, side - extent), y = random.uniform(0, side - extent)
                return GroundTruthBox(label: label, corners: BoxCorners(x, y, x + extent, y + extent))
            }
        }
    }

    fileprivate func loss(of network: VisionNetwork, _ images: Tensor) -> Tensor {
        switch network {
        case .detector(let detector): DetectionLoss()(detector(images), objects: objects).0
        case .classifier(let classifier): Tensor.softmaxCrossEntropy(classifier(images), targets: labels, labelSmoothing: 0)
        }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
