import Foundation
import Workbench

/// What the tabs of a run's page ask the workbench.
enum RunTabEffect: ServiceEffect {
    case evaluation(run: String, EvaluationChoice)
    case labels(run: String)
    /// A picture no larger than `side` on its longer side.
    case picture(file: String, side: Int)
    /// Lines after the one with this id.
    case log(run: String, after: Int64)
    case checkpoints(run: String)
    case resume(run: String, checkpoint: String)
    case export(run: String, checkpoint: String, file: String)
    case makeModel(run: String, checkpoint: String, name: String)
    /// Runs to compare the configuration with.
    case otherRuns(than: String)
    case configuration(run: String)

    /// The most lines of a log that are kept.
    static let mostLogLines = 5000

    var isSlow: Bool {
        switch self {
        case .export, .makeModel, .resume: true
        case .evaluation, .labels, .picture, .log, .checkpoints, .otherRuns, .configuration: false
        }
    }

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .evaluation(let run, let choice): return .runTab(.evaluation(try service.evaluation(run: run, choice)))
        case .labels(let run): return .runTab(.labels(try service.labelDistribution(run: run)))
        case .picture(let file, let side): return .runTab(.picture(try service.picture(file: file, side: side)))
        case .log(let run, let after): return .runTab(.log(try service.log(run: run, after: after, count: Self.mostLogLines)))
        case .checkpoints(let run): return .runTab(.checkpoints(try service.checkpointDetails(run: run)))
        case .resume(let run, let checkpoint):
            try service.resume(run: run, checkpoint: checkpoint)
            return .done("The run continues from the checkpoint.")
        case .export(let run, let checkpoint, let file):
            try service.exportCheckpoint(run: run, path: checkpoint, to: file)
            return .done("Wrote \(file).")
        case .makeModel(let run, let checkpoint, let name):
            _ = try service.makeModel(run: run, checkpoint: checkpoint, name: name)
            return .done("Made the model \(name).")
        case .otherRuns(let run): 
            // The newest are the likely ones; the picker narrows them by name.
            return .runTab(.otherRuns(try service.runTable(RunTableRequest(limit: 1000)).runs.filter { $0.id != run }))
        case .configuration(let run):
            let detail = try service.run(run)
            return .runTab(.configuration(name: detail.summary.name, json: detail.configurationJSON))
        }
    }
}

enum RunTabAnswer: Equatable, Sendable {
    case evaluation(RunEvaluation?)
    case labels([LabelCount])
    case picture(PictureContent)
    case log([LogLine])
    case checkpoints([CheckpointDetail])
    case otherRuns([RunSummary])
    case configuration(name: String, json: String)
}
