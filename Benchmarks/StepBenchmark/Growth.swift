import Foundation
import TensorEngine
import VisionModels

/// How a training step grows with its work and shrinks with threads, measured in one process: the step and its variant in
/// turn, each variant against the mean of the steps before and after it, so that a swing of the machine meets both.
struct Growth {
    /// Architecture, batch, side, and a side of about twice the area; nil where the network takes one size only.
    static let workloads: [(architecture: String, batch: Int, side: Int, larger: Int?)] = [
        ("resnet18", 8, 224, 320), ("resnet50", 4, 224, 320), ("mobilenet_v3_small", 16, 224, 320), ("vit_b_16", 2, 224, nil),
        ("YOLOv8_nano", 8, 320, 448),
    ]
    static let heading = """
        | workload | ms | batch × 2 | area × | time × | threads 1 → 2 | product 1 → 2 | gain of it |
        |---|---|---|---|---|---|---|---|
        """

    private let name: String
    private let areas: Double
    private let step: TrainingStep
    private let base, twice: MadeUpBatch
    private let wide: MadeUpBatch?

    init(architecture: String, batch: Int, side: Int, larger: Int?) throws {
        name = "\(architecture) b\(batch) \(side)"
        areas = larger.map { Double($0 * $0) / Double(side * side) } ?? 1
        step = TrainingStep(entry: try ArchitectureCatalogue.entry(named: architecture))
        base = MadeUpBatch(batch: batch, side: side)
        twice = MadeUpBatch(batch: 2 * batch, side: side)
        wide = larger.map { MadeUpBatch(batch: batch, side: $0) }
    }

    /// One row of the table; medians of `pairs` ratios, with their quartiles.
    func row(pairs: Int) -> String {
        ThreadPool.setThreads(2)
        let batches = ratios(pairs) { step.milliseconds(twice) }
        let larger = wide.map { wide in ratios(pairs) { step.milliseconds(wide) } }
        var products: [Double] = []
        let threads = ratios(pairs) {
            let both = Self.productRate()
            ThreadPool.setThreads(1)
            defer { ThreadPool.setThreads(2) }
            products.append(both / Self.productRate())
            return step.milliseconds(base)
        }
        let cells = [
            name, String(format: "%.0f", batches.base.median), Self.text(batches.ratios), larger == nil ? "–" : String(format: "%.2f", areas),
            larger.map { Self.text($0.ratios) } ?? "–", Self.text(threads.ratios), Self.text(products),
            String(format: "%.2f", threads.ratios.median / products.median),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// Times of the step, and of the variant over them.
    private func ratios(_ pairs: Int, _ variant: () -> Double) -> (base: [Double], ratios: [Double]) {
        // Once each to warm up.
        _ = (step.milliseconds(base), variant())
        var times = [step.milliseconds(base)], ratios: [Double] = []
        for _ in 0..<pairs {
            let time = variant()
            times.append(step.milliseconds(base))
            ratios.append(2 * time / (times[times.count - 2] + times[times.count - 1]))
        }
        return (times, ratios)
    }

    private static func productRate() -> Double { MatrixProductRate.gigaflops(side: 1024, repetitions: 2) }

    private static func text(_ ratios: [Double]) -> String {
        let sorted = ratios.sorted()
        return String(format: "%.2f (%.2f – %.2f)", ratios.median, sorted[sorted.count / 4], sorted[sorted.count * 3 / 4])
    }
}
