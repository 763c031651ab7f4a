import Catalog
import Foundation
import TerminalKit
import Workbench

// Times what a long run costs the screen: opening its series, and drawing a frame of all of them.
//
// usage: swift run -c release chart-benchmark [POINTS] [SERIES]     1000000 and 20 by default

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let points = arguments.first ?? 1_000_000, seriesCount = arguments.dropFirst().first ?? 20
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("chart-benchmark-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }

/// Elapsed time, and time of the processor: on a busy machine the two differ.
struct Timing {
    var elapsed: Double
    var processor: Double

    static var now: Timing {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Timing(elapsed: Double(DispatchTime.now().uptimeNanoseconds) / 1e6, processor: Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6)
    }
}

func timing(_ body: () throws -> Void) rethrows -> Timing {
    let start = Timing.now
    try body()
    let end = Timing.now
    return Timing(elapsed: end.elapsed - start.elapsed, processor: end.processor - start.processor)
}

/// Prints the middle of several timings as a row of a Markdown table.
func report(_ what: String, limit: String, times: Int, _ body: () throws -> Void) rethrows {
    let all = try (0..<times).map { _ in try timing(body) }
    let elapsed = all.map(\.elapsed).sorted()[times / 2], processor = all.map(\.processor).sorted()[times / 2]
    print("| \(what) | \(String(format: "%.1f", elapsed)) | \(String(format: "%.1f", processor)) | \(limit) |")
    fflush(nil)
}

func value(_ step: Int, _ series: Int) -> Double {
    Double(Float(Double(series + 1) * (1 + 3 * exp(-Double(step) / 100_000)) + 0.2 * sin(Double(step &* 7919 % 1000)) + (step == points / 3 ? 5 : 0)))
}

// MARK: Writing

let tags = (0..<seriesCount).map { "series/\($0)" }
var run = RunRecord(
    name: "long", version: "1", createdAt: 1, task: "Object Detection", architecture: "YOLOv8_nano", configuration: "{}", draft: "",
    trainSnapshotID: nil, valSnapshotID: nil, cores: 1, memoryBytes: 1, imageSize: 160, batchSize: 8)
run.startedAt = 1
do {
    let store = try CatalogStore(directory: folder)
    try store.insert(run: run)
    // All but the newest points at once; those as a run writes them, so that rows and small chunks are there too.
    let live = min(points, 4000)
    for (number, tag) in tags.enumerated() {
        var columns = MetricColumns()
        for step in 0..<(points - live) {
            columns.append(id: 0, step: Int64(step + 1), epoch: Double(step) / 1000, wallTime: 1e9 + Double(step) * 0.05, value: value(step, number))
        }
        if !columns.isEmpty { try store.insert(series: columns, tag: tag, run: run.id) }
    }
    let writing = try timing {
        for start in stride(from: points - live, to: points, by: 50) {
            var update = RunUpdate()
            for step in start..<min(points, start + 50) {
                for (number, tag) in tags.enumerated() {
                    update.metrics.append(MetricValue(
                        step: step + 1, epoch: Double(step) / 1000, wallTime: 1e9 + Double(step) * 0.05, tag: tag, value: value(step, number)))
                }
            }
            try store.apply(update, to: run.id, at: Double(start))
        }
    }
    let size = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent("trainyard.sqlite").path)[.size] as? Int ?? 0
    let perPoint = writing.processor * 1000 / Double(live * seriesCount)
    print("\(points) points × \(seriesCount) series: \(size >> 20) MiB; a live point is written in \(String(format: "%.1f", perPoint)) µs\n")
}
print("| what | ms | processor ms | limit ms |\n|---|---:|---:|---:|")

// MARK: Opening

func table(_ curves: [(String, MetricCurve)]) -> SampleTable {
    var table = SampleTable()
    for (tag, curve) in curves {
        table.append(curve.values, at: SamplePositions(steps: curve.steps, epochs: curve.epochs, times: curve.wallTimes), to: tag)
    }
    return table
}

func frame(_ table: SampleTable, width: Int, height: Int, smoothed: [SmoothedColumn] = []) -> CellBuffer {
    let series = tags.enumerated().map { number, tag in
        let samples = table.series(tag)
        let line = smoothed.isEmpty ? nil : SampledSeries(positions: samples.positions, pyramid: smoothed[number].pyramid)
        return ChartSeries(name: tag, samples: samples, smoothed: line, color: number)
    }
    var buffer = CellBuffer(size: TerminalSize(width: width, height: height))
    LineChart(title: "all", series: series, xRange: 0...Double(points), glyphs: .braille, best: .highest(series: 0), emptyText: "")
        .draw(in: &buffer, rect: buffer.bounds, appearance: Appearance(theme: .dark, capabilities: TerminalCapabilities(colors: .palette256, unicode: true)))
    return buffer
}

try report("open the run: catalogue, outlines, first frame", limit: "200", times: 7) {
    let workbench = try Workbench(home: folder)
    _ = try workbench.run(run.id)
    let curves = try tags.map { ($0, try workbench.metricOutline(run: run.id, tag: $0)) }
    _ = frame(table(curves), width: 160, height: 50)
}

let workbench = try Workbench(home: folder)
var whole: [(String, MetricCurve)] = []
try report("read every sample, beside the screen", limit: "", times: 1) {
    whole = try tags.map { ($0, try workbench.metricSamples(run: run.id, tag: $0, after: 0, limit: .max)) }
}

// MARK: Drawing

let samples = table(whole)
whole = []
for (width, height) in [(80, 24), (160, 50)] {
    report("frame of all series, \(width)×\(height)", limit: "5", times: 41) { _ = frame(samples, width: width, height: height) }
}
let smoothed = tags.map { tag in
    var column = SmoothedColumn(weight: 0.99)
    column.follow(samples.series(tag).pyramid)
    return column
}
report("frame with smoothed lines, 160×50", limit: "", times: 41) { _ = frame(samples, width: 160, height: 50, smoothed: smoothed) }
