import Workbench

/// What can be done to one run, wherever it is shown.
enum RunActions {
    static func availability(of action: AppAction, on run: RunSummary?) -> Availability {
        guard let run else { return .unavailable("There is no run to do it to.") }
        switch action {
        case .abortRun:
            return Availability(unless: run.status.isTerminal ? "\(run.name) has ended; there is nothing to abort." : nil)
        case .removeRun:
            return Availability(unless: run.status.isTerminal ? nil : "\(run.name) is still \(run.status.rawValue). Abort it first.")
        case .resumeRun where run.status == .success:
            return .unavailable("\(run.name) did all its steps; there is nothing to resume.")
        case .rerunRun, .resumeRun:
            return Availability(unless: run.status.isTerminal ? nil : "\(run.name) is still \(run.status.rawValue).")
        default: return .available
        }
    }

    /// `leaving` comes first where the run is removed: the page of a run that is gone closes.
    static func requests(for action: AppAction, on run: RunSummary, leaving: [Request] = []) -> [Request] {
        switch action {
        case .abortRun:
            [
                .ask(
                    Question(
                        "Abort training", "\(run.name) finishes its step, saves, and ends as terminated. It can be resumed later.",
                        actions: [.init("Abort training", .work(.run(.abort(run: run.id)), "Stopping…"))]))
            ]
        case .removeRun:
            [
                .ask(
                    Question(
                        "Remove run", "\(run.name), its log, charts and checkpoints are deleted for good. Datasets stay.",
                        actions: [.init("Remove", leaving + [.work(.run(.remove(run: run.id)), "Removing…")])]))
            ]
        case .rerunRun: [.work(.run(.rerun(run: run.id)), "Starting again…")]
        case .resumeRun: [.work(.run(.resume(run: run.id)), "Resuming…")]
        default: []
        }
    }
}

/// Asks the workbench to do something to a run.
enum RunEffect: ServiceEffect {
    case abort(run: String)
    case remove(run: String)
    case resume(run: String)
    case rerun(run: String)

    var isSlow: Bool { true }

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .abort(let run):
            try service.abort(run: run)
            return .done("Asked the run to stop: it finishes its step and saves.")
        case .remove(let run):
            try service.remove(run: run)
            return .done("Removed the run.")
        case .resume(let run):
            try service.resume(run: run, checkpoint: nil)
            return .done("The run continues from its last checkpoint.")
        case .rerun(let run):
            try service.rerun(run: run)
            return .done("The run starts again from its beginning.")
        }
    }
}
