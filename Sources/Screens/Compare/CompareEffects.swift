import Workbench

/// What the comparison of runs asks the workbench.
enum CompareEffect: ServiceEffect {
    /// `after` holds, by run, the last point that is known of each series.
    case refresh(runs: [String], after: [String: [String: Int64]])

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .refresh(let runs, let after):
            let comparison = try service.compare(runs: runs)
            var curves: [String: [String: MetricCurve]] = [:]
            for run in comparison.runs {
                // A run has only the series of its task: no time is spent on looking for others.
                let tags = zip(comparison.metrics.map(\.tag), comparison.metrics.map { $0.values[comparison.runs.firstIndex(of: run) ?? 0] })
                    .filter { $0.1 != nil }.map(\.0)
                curves[run.id] = try RunMetrics.read(tags, of: run.id, after: after[run.id] ?? [:], service: service)
            }
            return .compare(.refreshed(comparison, curves: curves))
        }
    }
}

enum CompareAnswer: Equatable, Sendable {
    case refreshed(RunComparison, curves: [String: [String: MetricCurve]])
}
