import Foundation

/// The comparison as a Markdown table, and the geometric means below it.
struct MarkdownTable {
    let rows: [Comparison]

    var text: String {
        let hasPeer = rows.contains { !$0.peer.isEmpty }
        var columns = ["workload", "ms median", "ms minimum", "items/s", "GFLOP/s", "sgemm", "peak MB", "page faults"]
        if hasPeer { columns += ["PyTorch ms", "PyTorch minimum", "PyTorch MB", "ratio", "from – to", "memory"] }
        var lines = ["| " + columns.joined(separator: " | ") + " |", "|" + String(repeating: "---|", count: columns.count)]
        for row in rows { lines.append("| " + cells(row, hasPeer: hasPeer).joined(separator: " | ") + " |") }
        let ratios = rows.map(\.ratios.median).filter { $0 > 0 }
        if !ratios.isEmpty {
            let mean = exp(ratios.map { log($0) }.reduce(0, +) / Double(ratios.count))
            let memory = rows.compactMap(\.memoryRatio)
            lines.append("")
            lines.append(
                "PyTorch's time over ours, geometric mean of \(ratios.count) workloads: \(number(mean, 2)), least \(number(ratios.min() ?? 0, 2)); "
                    + "our peak memory over PyTorch's, largest \(number(memory.max() ?? 0, 2)).")
        }
        return lines.joined(separator: "\n")
    }

    private func cells(_ row: Comparison, hasPeer: Bool) -> [String] {
        let median = row.ours.map(\.median).median
        var cells = [
            row.workload, number(median, 0), number(row.ours.map(\.minimum).min() ?? 0, 0), number(Double(row.batch) / median * 1e3, 1),
            number(row.gigaOperations / median * 1e3, 0), number(row.ours.map(\.sgemmGigaflops).median, 0),
            number(row.ours.map(\.peakResidentMegabytes).median, 0), "\(row.ours.compactMap(\.pageFaults).max() ?? 0)",
        ]
        guard hasPeer else { return cells }
        let ratios = row.ratios
        cells += [
            number(row.peer.map(\.median).median, 0), number(row.peer.map(\.minimum).min() ?? 0, 0),
            number(row.peer.map(\.peakResidentMegabytes).median, 0), number(ratios.median, 2),
            "\(number(ratios.min() ?? 0, 2)) – \(number(ratios.max() ?? 0, 2))", row.memoryRatio.map { number($0, 2) } ?? "",
        ]
        return cells
    }

    private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
