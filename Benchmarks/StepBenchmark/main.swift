// Times whole training steps, alone or in turn with PyTorch (A B A B …), and prints a Markdown table.
import Foundation
import TensorEngine
import VisionModels

let usage = """
    usage: step-benchmark [WORKLOAD …] [--rounds N] [--steps N] [--threads N] [--peer PYTHON] [--json FILE] [--list]

    WORKLOAD   a part of a name, such as resnet18 or "b16 224"; all without one
    --rounds   how often each is measured, ours and the peer's in turn (3)
    --steps    timed steps a round, after three that warm up (10)
    --threads  threads of both (2)
    --peer     a Python that has torch, torchvision and ultralytics
    --json     also write every figure to this file
    --list     print the workloads and stop

           step-benchmark --growth [PAIRS]

    --growth   twice the batch, twice the area, one thread against two: medians of so many pairs (9)

    """

func fail(_ message: String, code: Int32 = 2) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(code)
}

/// One measurement in this process, as one JSON line; how the program calls itself.
func measure(_ arguments: [String]) throws {
    guard arguments.count == 5, let batch = Int(arguments[1]), let size = Int(arguments[2]), let steps = Int(arguments[3]),
        let threads = Int(arguments[4]), batch > 0, size > 0, steps > 0, threads > 0,
        let entry = try? ArchitectureCatalogue.entry(named: arguments[0])
    else { fail("usage: step-benchmark --measure ARCHITECTURE BATCH SIZE STEPS THREADS") }
    ThreadPool.setThreads(threads)
    let workload = Workload(
        architecture: entry.name, batch: batch, size: size, publishedGigaProducts: 0, referenceSize: max(1, size))
    print(String(decoding: try JSONEncoder().encode(StepTimer(workload: workload, entry: entry).run(steps: steps)), as: UTF8.self))
}

ThreadPool.shortenWaits()
var words: [String] = []
var rounds = 3, steps = 10, threads = 2
var peer: String?, file: String?
var rest = CommandLine.arguments.dropFirst()[...]
if rest.first == "--measure" {
    try measure(Array(rest.dropFirst()))
    exit(0)
}
if rest.first == "--growth" {
    guard let pairs = rest.dropFirst().first.map({ Int($0) }) ?? 9, pairs > 0 else { fail("--growth takes a number above 0.\n\n\(usage)") }
    FileHandle.standardOutput.write(Data((Growth.heading + "\n").utf8))
    for (architecture, batch, side, larger) in Growth.workloads {
        let row = try Growth(architecture: architecture, batch: batch, side: side, larger: larger).row(pairs: pairs)
        FileHandle.standardOutput.write(Data((row + "\n").utf8))
    }
    exit(0)
}
while let argument = rest.popFirst() {
    func count() -> Int {
        guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0 else { fail("\(argument) takes a number above 0.\n\n\(usage)") }
        return value
    }
    func text() -> String {
        guard let value = rest.popFirst() else { fail("\(argument) takes a value.\n\n\(usage)") }
        return value
    }
    switch argument {
    case "--rounds": rounds = count()
    case "--steps": steps = count()
    case "--threads": threads = count()
    case "--peer": peer = text()
    case "--json": file = text()
    case "--list":
        print(Workload.matching([]).map(\.name).joined(separator: "\n"))
        exit(0)
    case "--help", "-h":
        print(usage)
        exit(0)
    case let option where option.hasPrefix("-"): fail("There is no option \(option).\n\n\(usage)")
    default: words.append(argument)
    }
}
let workloads = Workload.matching(words)
if workloads.isEmpty { fail("No workload is called \(words.joined(separator: " or ")); --list prints them.") }
let measurer = Measurer(steps: steps, threads: threads, peerPython: peer)
var comparisons = workloads.map { Comparison(workload: $0.name, gigaOperations: $0.gigaOperations, batch: $0.batch) }
do {
    for (index, workload) in workloads.enumerated() {
        for round in 1...rounds {
            try measurer.measureOnce(workload, into: &comparisons[index])
            let ratio = comparisons[index].ratios.last.map { String(format: ", ratio %.2f", $0) } ?? ""
            let line = String(format: "%@ round %d: %.0f ms%@\n", workload.name, round, comparisons[index].ours.last?.median ?? 0, ratio)
            FileHandle.standardError.write(Data(line.utf8))
        }
    }
} catch {
    fail("\(error)", code: 1)
}
print(MarkdownTable(rows: comparisons).text)
if let file {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(comparisons).write(to: URL(fileURLWithPath: file), options: .atomic)
}
