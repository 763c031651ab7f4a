import Catalog
import Foundation
import Training

/// Measures once a second how fast a run goes and what it takes of the machine.
struct SpeedSampler {
    private var lastTime: Double?
    private var lastProcessorSeconds = 0.0
    private var images = 0.0
    private var seconds = 0.0
    private var waitSeconds = 0.0
    private var steps = 0

    /// Adds a step. The metrics of the steps since the last sample, when a second has passed; empty otherwise.
    mutating func add(_ step: StepMetrics, at time: Double) -> [MetricValue] {
        images += step.imagesPerSecond * step.seconds
        seconds += step.seconds
        waitSeconds += step.waitSeconds
        steps += 1
        let processor = Self.processorSeconds
        guard let lastTime else {
            lastTime = time
            lastProcessorSeconds = processor
            return []
        }
        guard time - lastTime >= 1 else { return [] }
        var values = [
            ("system/images_per_second", images / max(seconds, 1e-9)), ("system/wait_milliseconds", waitSeconds / Double(steps) * 1000),
            ("system/cores", (processor - lastProcessorSeconds) / (time - lastTime)),
        ]
        let memory = ProcessFigures.residentBytes
        if memory > 0 { values.append(("system/memory_gibibytes", Double(memory) / 1_073_741_824)) }
        self = SpeedSampler()
        self.lastTime = time
        lastProcessorSeconds = processor
        return values.map { MetricValue(step: step.step, epoch: step.epoch, wallTime: time, tag: $0.0, value: $0.1) }
    }

    /// Processor time of this process so far, over all its threads.
    private static var processorSeconds: Double {
        var time = timespec()
        return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 ? Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 : 0
    }
}
