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
        var points: [String: [MetricPoint]] = [:]
        for tag in LiveModel.tags(task: detail.summary.task) {
            points[tag] = try service.metricSeries(run: id, tag: tag, after: after[tag] ?? 0)
        }
        return RunRefresh(detail: detail, points: points, log: try service.logTail(run: id, count: 200))
    }
}

enum RunPageAnswer: Equatable, Sendable {
    case refreshed(RunRefresh)
}

/// What changed in a run since the last look.
struct RunRefresh: Equatable, Sendable {
    var detail: RunDetail
    var points: [String: [MetricPoint]]
    var log: [LogLine]

    /// By bits: a NaN, which is worth showing, equals itself here.
    static func == (left: RunRefresh, right: RunRefresh) -> Bool {
        left.detail == right.detail && left.log == right.log
            && left.points.mapValues { $0.map(\.id) } == right.points.mapValues { $0.map(\.id) }
    }
}
