import Synchronization
import Workbench

/// The runs table in memory: words in names and ids, one field, a few orders. The real language has tests of its own.
extension MemoryWorkbench {
    func runTable(_ request: RunTableRequest) throws -> RunTablePage {
        try state.withLock { state in
            state.tableReads += 1
            if state.runs != state.lastRuns {
                state.revision += 1
                state.lastRuns = state.runs
            }
            let kept = try state.runs.filter { try Self.matches($0, request) }.sorted { left, right in
                let isBefore: Bool =
                    switch request.sort {
                    case .name: left.name < right.name
                    case .id: left.id < right.id
                    case .best: (left.bestMetric ?? -1, left.id) < (right.bestMetric ?? -1, right.id)
                    default: (left.createdAt, left.id) < (right.createdAt, right.id)
                    }
                return isBefore != request.isDescending && left.id != right.id
            }
            let offset: Int =
                switch request.anchor {
                case .offset(let offset): offset
                case .run(let id, let otherwise): (kept.firstIndex { $0.id == id } ?? otherwise) - request.limit / 2
                }
            let first = max(0, min(offset, kept.count - request.limit))
            return RunTablePage(
                total: state.runs.count, count: kept.count, offset: first, runs: Array(kept.dropFirst(first).prefix(request.limit)),
                stamp: RunTableStamp(revision: state.revision, arrangement: state.revision))
        }
    }

    func runTableChange(_ request: RunTableRequest, since stamp: RunTableStamp) throws -> RunTableChange {
        if state.withLock({ $0.runs == $0.lastRuns && $0.revision == stamp.revision }) { return .nothing }
        return .page(try runTable(request))
    }

    func usersOfModels(ofRuns runs: [String]) throws -> [String: [String]] {
        state.withLock { $0.users.filter { runs.contains($0.key) } }
    }

    private static func matches(_ run: RunSummary, _ request: RunTableRequest) throws -> Bool {
        if let status = request.status, status != "ended" || !run.status.isTerminal {
            guard status == "live" ? !run.status.isTerminal : run.status.rawValue == status else { return false }
        }
        for word in request.query.lowercased().split(separator: " ") {
            if word.hasPrefix("status:") {
                guard word.count > 7 else { throw WorkbenchError(.invalid, "At character 1: status needs a value, such as status:failed.") }
                guard run.status.rawValue == word.dropFirst(7) else { return false }
            } else if word.contains(":") {
                throw WorkbenchError(.invalid, "At character 1: there is no field \"\(word)\"; did you mean status?")
            } else if !run.name.lowercased().contains(word), !run.id.contains(word) {
                return false
            }
        }
        return true
    }
}

extension MemoryWorkbench {
    /// Runs with every kind of trouble that a row can tell of.
    static var troubledRuns: [RunSummary] {
        var runs = someRuns
        runs[1].message = "waits for 2 cores, 0 free"
        runs[1].issue = RunIssueSummary(
            kind: .cores, severity: .waiting, title: "The local service is full: 2 cores wanted, 0 free",
            advice: "It starts by itself when enough are free. Abort another run, or duplicate this one with fewer cores.")
        runs[2].issue = RunIssueSummary(
            kind: .outOfMemory, severity: .error, title: "Out of memory: used 8.0 GiB of 8.0 GiB",
            advice: "Duplicate it with a smaller batch or image size, or with more memory.")
        runs[3].issue = RunIssueSummary(
            kind: .warnings, severity: .warning, title: "12 warnings", advice: "Images that could not be read are left out. Its log names each.")
        runs[3].modelID = "0c4e7a52-8a0f-4c0e-9d5e-3b7f1d2a6c11"
        return runs
    }
}
