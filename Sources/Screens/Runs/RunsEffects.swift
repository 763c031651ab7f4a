import Workbench

/// What the runs table asks the workbench.
enum RunsEffect: ServiceEffect {
    case load(RunTableRequest)
    case look(RunTableRequest, since: RunTableStamp)
    /// Every run that matches, to be marked.
    case markAll(RunTableRequest)
    /// What a removal would take away from others. `closesPage` where it is asked for on the run's own page.
    case weighRemoval([RunSummary], closesPage: Bool)
    case checkpoints(of: RunSummary)

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .load(let request): .runs(.page(try service.runTable(request), service.resourceLimits()))
        case .look(let request, let stamp): .runs(.changed(try service.runTableChange(request, since: stamp), service.resourceLimits()))
        case .markAll(let request): .runs(.matching(try service.runTable(request).runs))
        case .weighRemoval(let runs, let closesPage):
            .runs(.weighed(runs, users: try service.usersOfModels(ofRuns: runs.map(\.id)), closesPage: closesPage))
        case .checkpoints(let run): .runs(.checkpoints(run, try service.run(run.id).checkpoints))
        }
    }
}

enum RunsAnswer: Equatable, Sendable {
    case page(RunTablePage, ResourceLimits)
    case changed(RunTableChange, ResourceLimits)
    case matching([RunSummary])
    /// The runs to remove, and by run who uses its model.
    case weighed([RunSummary], users: [String: [String]], closesPage: Bool)
    case checkpoints(RunSummary, [CheckpointSummary])
}
