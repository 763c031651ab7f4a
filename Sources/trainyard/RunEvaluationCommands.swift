import ArgumentParser
import Foundation
import Workbench

extension EvaluationChoice: ExpressibleByArgument {}

extension RunCommands {
    /// What both commands below ask for.
    struct EvaluationOptions: ParsableArguments {
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @Option(help: "Which evaluation: best or newest.") var which = EvaluationChoice.best
        @OptionGroup var output: OutputOptions

        func evaluation() throws -> RunEvaluation {
            let workbench = try Output.workbench()
            guard let found = try workbench.evaluation(run: key, which) else {
                throw WorkbenchError(
                    .notFound, "The run \"\(try workbench.run(key).summary.name)\" has no evaluation yet; its first one ends the first epoch.")
            }
            return found
        }
    }

    struct Evaluation: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What an evaluation found, class by class.",
            discussion: "With --json also the curves, the confusion matrix and the predictions on a sample of the validation images.")
        @OptionGroup var options: EvaluationOptions

        func run() throws {
            let found = try options.evaluation()
            if options.output.json { return try Output.json(found) }
            let findings = found.findings
            print("evaluation at step \(found.step), epoch \(found.epoch), of \(findings.imageCount) images\(found.isBest ? ", the best so far" : "")")
            for value in found.values { print("\(value.tag) \(Output.number(value.value, digits: 5))") }
            print("best mean F1 at confidence \(Output.number(findings.confidence))\n")
            let isDetection = findings.classes.contains { $0.ap50To95 != nil }
            Output.table(
                ["LABEL", isDetection ? "OBJECTS" : "IMAGES", "PRECISION", "RECALL", "F1"] + (isDetection ? ["AP50", "AP50-95"] : ["AP"]),
                findings.classes.map { result in
                    [findings.name(result.label), "\(result.truthCount)"]
                        + [result.precision, result.recall, result.f1, result.ap50].map { Output.number($0) }
                        + (isDetection ? [Output.number(result.ap50To95)] : [])
                }, none: "No validation image bears one of the run's labels.")
        }
    }

    struct Predictions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Predictions and truth on the sample of validation images that an evaluation keeps.")
        @OptionGroup var options: EvaluationOptions
        @Option(help: "The least confidence to list.") var confidence = 0.25

        func validate() throws {
            guard (0...1).contains(confidence) else { throw ValidationError("--confidence is a number from 0 to 1.") }
        }

        func run() throws {
            let found = try options.evaluation()
            let images = found.findings.images.map { image in
                var shown = image
                shown.predictions.removeAll { Double($0.confidence) < confidence }
                return shown
            }
            if options.output.json { return try Output.json(images) }
            for image in images {
                print(image.path)
                for truth in image.truths { print("  truth       \(found.findings.name(truth.label)) \(Self.text(truth.box))") }
                for one in image.predictions {
                    print("  prediction  \(found.findings.name(one.label)) \(Output.number(Double(one.confidence))) \(Self.text(one.box))")
                }
            }
            if images.isEmpty { print("The evaluation kept no image.") }
        }

        private static func text(_ box: [Float]?) -> String {
            box.map { $0.map { String(Int($0.rounded())) }.joined(separator: " ") } ?? ""
        }
    }
}
