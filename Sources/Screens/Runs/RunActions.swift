import Workbench

/// What can be done to runs, wherever they are shown.
enum RunActions {
    static func availability(of action: AppAction, on run: RunSummary?) -> Availability {
        guard let run else { return .unavailable("There is no run to do it to.") }
        switch action {
        case .abortRun:
            return Availability(unless: run.status.isTerminal ? "\(run.name) has ended; there is nothing to abort." : nil)
        case .removeRun:
            return Availability(unless: run.status.isTerminal ? nil : "\(run.name) is still \(run.status.rawValue). Abort it first.")
        case .resumeRun where run.status == .success, .resumeFrom where run.status == .success:
            return .unavailable("\(run.name) did all its steps; there is nothing to resume.")
        case .rerunRun, .resumeRun, .resumeFrom:
            return Availability(unless: run.status.isTerminal ? nil : "\(run.name) is still \(run.status.rawValue).")
        case .copyModelID:
            return Availability(unless: run.modelID == nil ? "\(run.name) has left no model yet; a run leaves one when it ends." : nil)
        default: return .available
        }
    }

    /// Of several runs those count that an action can be done to.
    static func availability(of action: AppAction, on runs: [RunSummary]) -> Availability {
        if runs.contains(where: { availability(of: action, on: $0) == .available }) { return .available }
        guard runs.count != 1 else { return availability(of: action, on: runs[0]) }
        let reason: String =
            switch action {
            case .abortRun: "have ended already."
            case .removeRun: "are still live. Abort them first."
            default: "can be taken up again."
            }
        return .unavailable(action == .rerunRun || action == .resumeRun ? "None of the \(runs.count) marked runs \(reason)" : "All \(runs.count) marked runs \(reason)")
    }

    /// `leaving` comes first where the run is removed: the page of a run that is gone closes.
    static func requests(for action: AppAction, on run: RunSummary, leaving: [Request] = []) -> [Request] {
        switch action {
        case .removeRun: [.effect(.runs(.weighRemoval([run], closesPage: !leaving.isEmpty)))]
        case .copyModelID: run.modelID.map { [.effect(.program(.copy($0, what: "the model's ID")))] } ?? []
        case .copyRunID: [.effect(.program(.copy(run.id, what: "the execution ID")))]
        case .duplicateRun: FormScreen.opening(.run(id: run.id))
        case .saveRunAsBlueprint: FormScreen.opening(.saving(run: run.id))
        default: requests(for: action, on: [run])
        }
    }

    /// One question for all of them.
    static func requests(for action: AppAction, on runs: [RunSummary]) -> [Request] {
        let able = runs.filter { availability(of: action, on: $0) == .available }
        let ids = able.map(\.id), left = runs.count - able.count
        guard let first = able.first else { return [] }
        let who = able.count == 1 ? first.name : "\(Formatting.grouped(able.count)) runs (\(counts(able)))"
        switch action {
        case .abortRun:
            let text = able.count == 1
                ? "\(who) finishes its step, saves, and ends as terminated. It can be resumed later."
                : "\(who) finish their step, save, and end as terminated. They can be resumed later."
            return [
                .ask(
                    Question(
                        "Abort training", text + rest(left, "have ended already and stay as they are"),
                        actions: [.init("Abort training", .work(.run(.abort(ids)), "Stopping…"))]))
            ]
        case .removeRun: return [.effect(.runs(.weighRemoval(runs, closesPage: false)))]
        case .rerunRun, .resumeRun:
            let isRerun = action == .rerunRun
            let work = Request.work(
                .run(isRerun ? .rerun(ids) : .resume(ids, checkpoint: nil)), isRerun ? "Starting again…" : "Resuming…")
            if runs.count == 1 { return [work] }
            let text = isRerun
                ? "\(who) start again from the beginning, one after the other. Their checkpoints are replaced."
                : "\(who) continue from their last checkpoints, one after the other."
            return [
                .ask(
                    Question(
                        isRerun ? "Rerun" : "Resume", text + rest(left, "cannot and stay as they are"),
                        actions: [.init(isRerun ? "Rerun" : "Resume", work)]))
            ]
        default: return []
        }
    }

    /// The question before runs are removed. Where a model of one is in use, its name must be typed.
    static func removal(of runs: [RunSummary], users: [String: [String]], closesPage: Bool) -> Request {
        let able = runs.filter { $0.status.isTerminal }
        let leaving: [Request] = closesPage ? [.back] : []
        let what = able.count == 1 ? "\(able[0].name), its log, charts and checkpoints are deleted"
            : "\(Formatting.grouped(able.count)) runs (\(counts(able))), their logs, charts and checkpoints are deleted"
        var text = what + " for good. Datasets and models stay." + rest(runs.count - able.count, "have not ended and stay")
        let used = able.first { users[$0.id] != nil }
        if let used, let names = users[used.id] {
            let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
            text += " The model of \(used.name) is in use: \(shown) started from it."
            if users.count > 1 { text += " So are the models of \(users.count - 1) more." }
        }
        return .ask(
            Question(
                able.count == 1 ? "Remove run" : "Remove runs", text,
                actions: [.init("Remove", leaving + [.work(.run(.remove(able.map(\.id))), "Removing…")])], requiredName: used?.name))
    }

    /// Such as `10 success, 2 failed`.
    private static func counts(_ runs: [RunSummary]) -> String {
        RunState.allCases.compactMap { state in
            let count = runs.count { $0.status == state }
            return count == 0 ? nil : "\(Formatting.grouped(count)) \(state.rawValue)"
        }.joined(separator: ", ")
    }

    private static func rest(_ count: Int, _ words: String) -> String { count == 0 ? "" : " \(Formatting.grouped(count)) \(words)." }
}

/// Asks the workbench to do something to runs.
enum RunEffect: ServiceEffect {
    case abort([String])
    case remove([String])
    case resume([String], checkpoint: String?)
    case rerun([String])

    var isSlow: Bool { true }

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .abort(let runs):
            try Self.each(runs, service.abort(run:))
            return .done(runs.count == 1 ? "Asked the run to stop: it finishes its step and saves." : "Asked \(runs.count) runs to stop.")
        case .remove(let runs):
            try Self.each(runs, service.remove(run:))
            return .done(runs.count == 1 ? "Removed the run." : "Removed \(runs.count) runs.")
        case .resume(let runs, let checkpoint):
            try Self.each(runs) { try service.resume(run: $0, checkpoint: checkpoint) }
            return .done(runs.count > 1 ? "\(runs.count) runs continue in turn." : "The run continues from \(checkpoint == nil ? "its last" : "the chosen") checkpoint.")
        case .rerun(let runs):
            try Self.each(runs, service.rerun(run:))
            return .done(runs.count == 1 ? "The run starts again from its beginning." : "\(runs.count) runs start again in turn.")
        }
    }

    /// Does it to all, also after one has failed, and then tells of the first failure.
    private static func each(_ runs: [String], _ body: (String) throws -> Void) throws {
        var failures: [any Error] = []
        for run in runs {
            do { try body(run) } catch { failures.append(error) }
        }
        guard let first = failures.first else { return }
        if runs.count == 1 { throw first }
        throw WorkbenchError(.conflict, "\(runs.count - failures.count) of \(runs.count) done. The first that was not: \(first)")
    }
}
