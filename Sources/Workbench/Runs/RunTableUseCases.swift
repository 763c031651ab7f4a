import Catalog
import Foundation

extension Workbench {
    package func runTable(_ request: RunTableRequest) throws -> RunTablePage {
        try withCatalog {
            try store.markDeadRuns(at: Self.now)
            return Self.page(try store.runList(
                try Self.arrangement(request), anchor: Self.anchor(request.anchor), limit: request.limit, now: Self.now))
        }
    }

    package func runTableChange(_ request: RunTableRequest, since stamp: RunTableStamp) throws -> RunTableChange {
        try withCatalog {
            try store.markDeadRuns(at: Self.now)
            let change = try store.runListChange(
                try Self.arrangement(request), since: RunListStamp(revision: stamp.revision, arrangement: stamp.arrangement),
                anchor: Self.anchor(request.anchor), limit: request.limit, now: Self.now)
            switch change {
            case .nothing: return .nothing
            case .rows(let rows, let stamp):
                return .runs(rows.map(Self.summary(of:)), RunTableStamp(revision: stamp.revision, arrangement: stamp.arrangement))
            case .window(let window): return .page(Self.page(window))
            }
        }
    }

    package func usersOfModels(ofRuns runs: [String]) throws -> [String: [String]] {
        try withCatalog { try store.usersOfModels(ofRuns: runs) }
    }

    // MARK: Between the floors

    private static func arrangement(_ request: RunTableRequest) throws -> RunArrangement {
        var query: RunQuery
        do {
            query = try RunQueryParser.parse(request.query, now: now)
            if let status = request.status {
                let wanted = RunQuery.status(try RunQueryParser.statuses(status))
                query = query == .everything ? wanted : .all([query, wanted])
            }
        } catch { throw WorkbenchError(.invalid, error.description) }
        let sort: RunSort =
            switch request.sort {
            case .created: .created
            case .name: .name
            case .id: .id
            case .status: .status
            case .progress: .progress
            case .duration: .duration
            case .service: .service
            case .best: .best
            case .model: .model
            case .task: .task
            }
        return RunArrangement(query: query, sort: sort, isDescending: request.isDescending)
    }

    private static func anchor(_ anchor: RunTableRequest.Anchor) -> RunListAnchor {
        switch anchor {
        case .offset(let offset): .offset(offset)
        case .run(let id, let otherwise): .run(id, otherwise: otherwise)
        }
    }

    private static func page(_ window: RunListWindow) -> RunTablePage {
        RunTablePage(
            total: window.total, count: window.count, offset: window.offset, runs: window.rows.map(summary(of:)),
            stamp: RunTableStamp(revision: window.stamp.revision, arrangement: window.stamp.arrangement))
    }

    static func summary(of run: RunRow) -> RunSummary {
        let duration = run.startedAt.map { max(0, (run.endedAt ?? now) - $0) } ?? 0
        return RunSummary(
            id: run.id, name: run.name, version: run.version, createdAt: run.createdAt,
            status: RunState(rawValue: run.status.rawValue) ?? .failed, progress: run.progress, durationSeconds: duration,
            service: run.service, architecture: run.architecture, task: TaskKind(rawValue: run.task) ?? .objectDetection,
            bestMetric: run.bestMetric, bestMetricName: run.bestMetricName, message: run.message, attempt: run.attempt,
            issue: RunIssueWords.summary(status: run.status, issue: run.issue, warnings: run.warningCount), modelID: run.modelID)
    }
}

extension RunState {
    /// What other platforms call this status.
    package var vendorWords: [String] { RunStatus(rawValue: rawValue)?.vendorWords ?? [] }
}
