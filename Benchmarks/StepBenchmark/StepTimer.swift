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

/// Times training steps of one workload in this process.
struct StepTimer {
    static let warmUpSteps = 3
    let workload: Workload
    let entry: ArchitectureEntry

    /// Seconds of `steps` steps after the warm-up, with the process's peak memory and an sgemm of the same minute.
    func run(steps: Int) -> StepTimes {
        let step = TrainingStep(entry: entry), batch = MadeUpBatch(batch: workload.batch, side: workload.size)
        var milliseconds: [Double] = []
        var blocksBefore = 0, faultsBefore = 0
        for number in 0..<steps + Self.warmUpSteps {
            if number == Self.warmUpSteps {
                blocksBefore = StoragePool.shared.statistics.systemAllocations
                faultsBefore = ProcessFigures.pageFaults
            }
            let time = step.milliseconds(batch)
            if number >= Self.warmUpSteps { milliseconds.append(time) }
        }
        // Before the sgemm, whose own matrices are not the step's.
        let pool = StoragePool.shared.statistics
        let faults = ProcessFigures.pageFaults - faultsBefore
        return StepTimes(
            milliseconds: milliseconds, peakResidentMegabytes: Double(ProcessFigures.peakResidentBytes) / 1_048_576,
            sgemmGigaflops: MatrixProductRate.gigaflops(side: 2048, repetitions: 5), blocksTaken: pool.systemAllocations - blocksBefore, pageFaults: faults,
            liveMegabytes: Double(pool.peak) / 1_048_576, reservedMegabytes: Double(pool.reserved) / 1_048_576)
    }
}

/// What the machine gives at the moment: the rate of a single-precision product of square matrices, the best of some.
enum MatrixProductRate {
    static func gigaflops(side: Int, repetitions: Int) -> Double {
        let left = Tensor.filled([side, side], with: 0.5), right = Parameter(.filled([side, side], with: 0.25))
        let seconds = (0..<repetitions).map { _ in
            ContinuousClock().measure { _ = Tensor.linear(left, weight: right, bias: nil) }.seconds
        }
        return 2 * Double(side * side * side) / (seconds.min() ?? 1) / 1e9
    }
}
