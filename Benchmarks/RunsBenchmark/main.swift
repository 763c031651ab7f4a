/// Times the runs table on many runs: opening it, a key press of its search, queries, orders, and looking again.
///
/// usage: runs-benchmark [RUNS] [HOME]     100,000 runs in a temporary folder by default; a HOME that has runs is used as it is.
import Catalog
import Foundation
import Workbench

let arguments = CommandLine.arguments
let wanted = arguments.count > 1 ? Int(arguments[1]) ?? 100_000 : 100_000
let home = arguments.count > 2 ? URL(fileURLWithPath: arguments[2])
    : FileManager.default.temporaryDirectory.appendingPathComponent("runs-benchmark-\(UUID().uuidString)")
defer { if arguments.count < 3 { try? FileManager.default.removeItem(at: home) } }

/// Milliseconds by the clock on the wall, and of processor time: on a busy machine the two differ.
struct Cost {
    var wall: Double
    var processor: Double
}

func cost(_ body: () throws -> Void) rethrows -> Cost {
    func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
    let start = ContinuousClock.now, before = processorTime()
    try body()
    let after = processorTime(), parts = start.duration(to: .now).components
    return Cost(wall: Double(parts.seconds) * 1e3 + Double(parts.attoseconds) / 1e15, processor: after - before)
}

/// The median and the most of several costs, as a row of a table.
func report(_ what: String, _ costs: [Cost], _ note: String = "") {
    func cells(_ values: [Double]) -> String {
        let sorted = values.sorted()
        return String(format: "%.1f | %.1f", sorted[sorted.count / 2], sorted[sorted.count - 1])
    }
    print("| \(what) | \(cells(costs.map(\.wall))) | \(cells(costs.map(\.processor))) | \(note) |")
}

func repeated(_ times: Int = 9, _ body: () throws -> Void) rethrows -> [Cost] { try (0..<times).map { _ in try cost(body) } }

let store = try CatalogStore(directory: home)
if try store.runList(RunArrangement(), anchor: .offset(0), limit: 1, now: 0).total == 0 {
    var generator = RunGenerator(count: wanted, end: Date().timeIntervalSince1970)
    let seconds = try cost {
        for start in stride(from: 0, to: wanted, by: 5000) {
            try store.insert(runs: (start..<min(wanted, start + 5000)).map { generator.run($0) })
        }
    }.wall / 1000
    print("Made \(wanted) runs in \(Int(seconds)) s.")
}
// One that trains, to look at again.
let live = RunRecord(
    name: "live", version: "1.0", createdAt: Date().timeIntervalSince1970, task: "Object Detection", architecture: "YOLOv8_nano", configuration: "{}",
    draft: "", trainSnapshotID: nil, valSnapshotID: nil, cores: 1, memoryBytes: 1, imageSize: 320, batchSize: 8, totalSteps: 1_000_000)
try store.insert(run: live)
try store.claim(run: live.id, by: .current, at: Date().timeIntervalSince1970)
defer { try? store.finish(run: live.id, status: .terminated, message: "", at: Date().timeIntervalSince1970) }

let workbench = try Workbench(home: home)
let total = try workbench.runTable(RunTableRequest()).total
print("\(total) runs. Milliseconds.\n\n| what | median | most | processor: median | most | |\n|---|---|---|---|---|---|")

report("open the catalogue and the table", try repeated { _ = try Workbench(home: home).runTable(RunTableRequest()) })
report("first page", try repeated { _ = try workbench.runTable(RunTableRequest()) })

for (sort, label) in [(RunTableSort.created, "newest first"), (.best, "by best"), (.name, "by name")] {
    var times: [Cost] = []
    for text in ["digits-resnet18-4", "zq", "scenes 99", "e", "bolts-mnv3-1234", "8f3a"] {
        for length in 1...text.count {
            let query = String(text.prefix(length))
            times.append(try repeated(3) { _ = try workbench.runTable(RunTableRequest(query: query, sort: sort)) }.sorted { $0.wall < $1.wall }[1])
        }
    }
    report("a key press of search, \(label)", times, "\(times.count) presses")
}
for query in ["status:failed", "status:failed lr>0.001", "label:3 model:yolov8n", "created:today", "best>0.99 epochs>=40", "digits -status:success", "memory<4GiB OR batch=4"] {
    let count = try workbench.runTable(RunTableRequest(query: query)).count
    report("`\(query)`", try repeated { _ = try workbench.runTable(RunTableRequest(query: query)) }, "\(count) match")
}
for sort in RunTableSort.allCases {
    report("order by \(sort.rawValue)", try repeated(5) { _ = try workbench.runTable(RunTableRequest(sort: sort)) })
}
report("the last page", try repeated { _ = try workbench.runTable(RunTableRequest(anchor: .offset(total))) })
report("around a run in the middle", try repeated {
    let middle = try workbench.runTable(RunTableRequest(anchor: .offset(total / 2), limit: 1)).runs[0].id
    _ = try workbench.runTable(RunTableRequest(anchor: .run(middle, otherwise: 0)))
})

var stamp = try workbench.runTable(RunTableRequest()).stamp
report("look again, nothing changed", try repeated { _ = try workbench.runTableChange(RunTableRequest(), since: stamp) })
var step = 0
var looks: [Cost] = []
for _ in 0..<9 {
    step += 1
    var update = RunUpdate()
    update.step = step
    try store.apply(update, to: live.id, at: Date().timeIntervalSince1970)
    looks.append(try cost {
        if case .runs(_, let next) = try workbench.runTableChange(RunTableRequest(), since: stamp) { stamp = next }
    })
}
report("look again, a step was done", looks)
