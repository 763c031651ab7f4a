import NeuralNetworks
import TensorEngine
import Training
import VisionModels

/// What one process measured of one workload; the peer script prints the same keys.
struct StepTimes: Codable {
    let milliseconds: [Double]
    let peakResidentMegabytes: Double
    let sgemmGigaflops: Double
    /// Blocks that the storage pool had to take from the system after the warm-up; the peer has no such figure.
    var blocksTaken: Int?
    /// Page faults of the timed steps without the disk.
    var pageFaults: Int?
    /// The most that tensors held, and what the storage pool took for them.
    var liveMegabytes: Double?
    var reservedMegabytes: Double?

    var median: Double { milliseconds.median }
    var minimum: Double { milliseconds.min() ?? 0 }
}

extension Array<Double> {
    /// The middle value; the mean of the two middle ones of an even number; 0 of none.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

/// Times training steps on made-up images: forward, loss, backward, an SGD step with momentum.
struct StepTimer {
    static let warmUpSteps = 3
    let workload: Workload
    let entry: ArchitectureEntry

    /// Seconds of `steps` steps after the warm-up, with the process's peak memory and an sgemm of the same minute.
    func run(steps: Int) -> StepTimes {
        let classes = entry.task == .imageClassification ? 1000 : 80
        let network = entry.makeNetwork(classes: classes, seed: 1)
        let module = network.module
        module.train()
        let optimizer = SGD([
            ParameterGroup(module.namedParameters().map(\.parameter), learningRate: 0.001, weightDecay: 0, momentum: 0.9),
        ])
        let early = EarlyUpdate(optimizer)
        let batch = MadeUpBatch(workload)
        var milliseconds: [Double] = []
        var blocksBefore = 0, faultsBefore = 0
        for step in 0..<steps + Self.warmUpSteps {
            if step == Self.warmUpSteps {
                blocksBefore = StoragePool.shared.statistics.systemAllocations
                faultsBefore = ProcessFigures.pageFaults
            }
            let time = ContinuousClock().measure {
                optimizer.step {
                    let tape = Tape()
                    let images = tape.input(Tensor(batch.pixels, shape: [workload.batch, workload.size, workload.size, 3]))
                    let loss = batch.loss(of: network, images)
                    tape.backward(from: [(loss, .filled(loss.shape, with: 1))]) { early.take($0) }
                    early.finish()
                    return Double(loss.scalar)
                }
            }
            if step >= Self.warmUpSteps { milliseconds.append(time.seconds * 1e3) }
        }
        // Before the sgemm, whose own matrices are not the step's.
        let pool = StoragePool.shared.statistics
        let faults = ProcessFigures.pageFaults - faultsBefore
        return StepTimes(
            milliseconds: milliseconds, peakResidentMegabytes: Double(ProcessFigures.peakResidentBytes) / 1_048_576,
            sgemmGigaflops: Self.sgemmGigaflops(), blocksTaken: pool.systemAllocations - blocksBefore, pageFaults: faults,
            liveMegabytes: Double(pool.peak) / 1_048_576, reservedMegabytes: Double(pool.reserved) / 1_048_576)
    }

    /// The rate of a 2048³ single-precision product, the best of five.
    private static func sgemmGigaflops() -> Double {
        let side = 2048
        let left = Tensor.filled([side, side], with: 0.5), right = Parameter(.filled([side, side], with: 0.25))
        let seconds = (0..<5).map { _ in
            ContinuousClock().measure { _ = Tensor.linear(left, weight: right, bias: nil) }.seconds
        }
        return 2 * Double(side * side * side) / (seconds.min() ?? 1) / 1e9
    }
}

/// Random images with a label each, or five boxes each.
private struct MadeUpBatch {
    let pixels: [Float]
    private let labels: [Int32]
    private let objects: [[GroundTruthBox]]

    init(_ workload: Workload) {
        var random = RandomSource(seed: 1)
        let side = Float(workload.size)
        pixels = (0..<workload.batch * workload.size * workload.size * 3).map { _ in random.uniform() }
        labels = (0..<workload.batch).map { Int32($0) }
        objects = (0..<workload.batch).map { _ in
            (0..<5).map { label in
                let extent = side * random.uniform(0.1, 0.4)
                let x = random.uniform(0, side - extent), y = random.uniform(0, side - extent)
                return GroundTruthBox(label: label, corners: BoxCorners(x, y, x + extent, y + extent))
            }
        }
    }

    func loss(of network: VisionNetwork, _ images: Tensor) -> Tensor {
        switch network {
        case .detector(let detector): DetectionLoss()(detector(images), objects: objects).0
        case .classifier(let classifier): Tensor.softmaxCrossEntropy(classifier(images), targets: labels, labelSmoothing: 0)
        }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
