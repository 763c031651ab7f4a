// Times whole training steps of one architecture on made-up images, beside the sgemm rate of the same minute.
// Prints one JSON line: milliseconds (minimum, median), peak memory, GFLOP/s of a 2048³ product.
// usage: step-benchmark [ARCHITECTURE] [BATCH] [SIZE] [STEPS] [THREADS]

import Foundation
import NeuralNetworks
import TensorEngine
import Training
import VisionModels

struct StepTimes: Encodable {
    let architecture: String
    let batch: Int
    let size: Int
    let threads: Int
    let minimumMilliseconds: Double
    let medianMilliseconds: Double
    let imagesPerSecond: Double
    let peakResidentMegabytes: Double
    let peakTensorMegabytes: Double
    let blocksTakenInSteadyState: Int
    let sgemmGigaflops: Double
}

func argument(_ position: Int, default value: String) -> String {
    CommandLine.arguments.count > position ? CommandLine.arguments[position] : value
}

/// Seconds of each of `steps` training steps after three that warm up; and the blocks the pool had to take meanwhile.
func timeSteps(_ entry: ArchitectureEntry, batch: Int, size: Int, steps: Int) -> (seconds: [Double], blocks: Int) {
    var random = RandomSource(seed: 1)
    let pixels = (0..<batch * size * size * 3).map { _ in random.uniform() }
    let objects = (0..<batch).map { _ in
        (0..<5).map { label in
            let side = Float(size) * random.uniform(0.1, 0.4)
            let x = random.uniform(0, Float(size) - side), y = random.uniform(0, Float(size) - side)
            return GroundTruthBox(label: label, corners: BoxCorners(x, y, x + side, y + side))
        }
    }
    let network = entry.makeNetwork(classes: 80, seed: 1)
    let module: Module = switch network {
    case .detector(let detector): detector
    case .classifier(let classifier): classifier
    }
    module.train()
    let group = ParameterGroup(
        module.namedParameters().map(\.parameter), learningRate: 0.001, weightDecay: 0, momentum: 0.9)
    let optimizer = SGD([group], nesterov: true)
    let loss = DetectionLoss()
    var seconds: [Double] = [], blocksBefore = 0
    for step in 0..<steps + 3 {
        if step == 3 { blocksBefore = StoragePool.shared.statistics.systemAllocations }
        let start = ContinuousClock.now
        let tape = Tape()
        let images = tape.input(Tensor(pixels, shape: [batch, size, size, 3]))
        let value: Tensor = switch network {
        case .detector(let detector): loss(detector(images), objects: objects).0
        case .classifier(let classifier):
            Tensor.softmaxCrossEntropy(classifier(images), targets: (0..<batch).map { Int32($0 % 80) }, labelSmoothing: 0)
        }
        tape.backward(from: value)
        optimizer.step()
        module.clearGradients()
        let elapsed = start.duration(to: .now).components
        if step >= 3 { seconds.append(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18) }
    }
    return (seconds, StoragePool.shared.statistics.systemAllocations - blocksBefore)
}

/// The rate of a 2048³ single-precision product, the best of five.
func sgemmGigaflops() -> Double {
    let side = 2048
    let left = Tensor.filled([side, side], with: 0.5), right = Parameter(.filled([side, side], with: 0.25))
    let best = (0..<5).map { _ in
        ContinuousClock().measure { _ = Tensor.linear(left, weight: right, bias: nil) }
    }.min() ?? .zero
    let seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
    return 2 * Double(side * side * side) / seconds / 1e9
}

let name = argument(1, default: "YOLOv8_nano")
guard let batch = Int(argument(2, default: "8")), let size = Int(argument(3, default: "320")),
    let steps = Int(argument(4, default: "10")), let threads = Int(argument(5, default: "2")),
    batch > 0, size > 0, steps > 0, threads > 0, let entry = try? ArchitectureCatalogue.entry(named: name)
else {
    FileHandle.standardError.write(Data("usage: step-benchmark [ARCHITECTURE] [BATCH] [SIZE] [STEPS] [THREADS]\n".utf8))
    exit(2)
}
ThreadPool.setThreads(threads)
let times = timeSteps(entry, batch: batch, size: size, steps: steps)
let peakResident = ProcessFigures.peakResidentBytes
let sorted = times.seconds.sorted(), median = sorted[sorted.count / 2]
let report = StepTimes(
    architecture: name, batch: batch, size: size, threads: threads, minimumMilliseconds: sorted[0] * 1e3, medianMilliseconds: median * 1e3,
    imagesPerSecond: Double(batch) / median, peakResidentMegabytes: Double(peakResident) / 1_048_576,
    peakTensorMegabytes: Double(StoragePool.shared.statistics.peak) / 1_048_576, blocksTakenInSteadyState: times.blocks,
    sgemmGigaflops: sgemmGigaflops())
let encoder = JSONEncoder()
encoder.outputFormatting = .sortedKeys
print(String(decoding: try encoder.encode(report), as: UTF8.self))
