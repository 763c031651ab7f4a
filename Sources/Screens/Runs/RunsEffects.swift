import Workbench

/// What the runs table asks the workbench.
enum RunsEffect: ServiceEffect {
    case load

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .load: .runs(.loaded(try service.runs(), service.resourceLimits()))
        }
    }
}

enum RunsAnswer: Equatable, Sendable {
    case loaded([RunSummary], ResourceLimits)
}
