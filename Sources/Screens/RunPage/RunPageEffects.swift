import Workbench

/// What the page of a run asks the workbench.
enum RunPageEffect: ServiceEffect {
    /// `after` holds the last point that is known of each series.
    case refresh(id: String, after: [String: Int64])

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .refresh(let id, let after): .runPage(.refreshed(try Self.refresh(id, after: after, service: service)))
        }
    }

    private static func refresh(_ id: String, after: [String: Int64], service: any WorkbenchService) throws -> RunRefresh {
        let detail = try service.run(id)
        let curves = try RunMetrics.read(LivePanel.tags(detail.summary.task), of: id, after: after, service: service)
        return RunRefresh(detail: detail, curves: curves, log: try service.logTail(run: id, count: 200))
    }
}

enum RunPageAnswer: Equatable, Sendable {
    case refreshed(RunRefresh)
}

/// What changed in a run since the last look.
struct RunRefresh: Equatable, Sendable {
    var detail: RunDetail
    var curves: [String: MetricCurve]
    var log: [LogLine]
}
