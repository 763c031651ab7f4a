import ArgumentParser
import Foundation
import Workbench

struct ModelCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Trained models and architectures.",
        subcommands: [List.self, Show.self, Import.self, Export.self, Predict.self, Verify.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Models that runs left or files brought, or all architectures.")
        @Flag(help: "List the architectures that can be trained.") var architectures = false
        @OptionGroup var output: OutputOptions

        private struct Architecture: Encodable {
            let name, architecture, task, size: String
            let trainableParameters, memoryMB: Int
        }

        func run() throws {
            let workbench = try Output.workbench()
            if architectures {
                let rows = workbench.publishedArchitectures().map {
                    Architecture(
                        name: $0.name, architecture: $0.title, task: $0.task.rawValue, size: $0.size, trainableParameters: $0.parameters,
                        memoryMB: $0.memoryMB)
                }
                if output.json { return try Output.json(rows) }
                return Output.table(
                    ["NAME", "ARCHITECTURE", "TASK", "SIZE", "PARAMETERS", "MB"],
                    rows.map { [$0.name, $0.architecture, $0.task, $0.size, "\($0.trainableParameters)", "\($0.memoryMB)"] }, none: "")
            }
            let models = try workbench.models()
            if output.json { return try Output.json(models) }
            Output.table(
                ["NAME", "VERSION", "ARCHITECTURE", "STATUS", "LABELS", "CREATED", "ID"],
                models.map {
                    [$0.name, $0.version, $0.architecture, $0.status.rawValue, "\($0.labels.count)", Output.time($0.createdAt), $0.id]
                }, none: "No models yet; a finished run leaves one, and `trainyard models import` takes a file.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One model with its measures and lineage.")
        @Argument(help: "Name or id.") var model: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let model = try Output.workbench().model(model)
            if output.json { return try Output.json(model) }
            print("\(model.name) \(model.version)  \(model.architecture)  \(model.status.rawValue)  \(model.imageSize) px")
            print("labels: \(model.labels.joined(separator: ", "))")
            if let origin = model.origin {
                print("imported from: \(origin.file)   \(origin.format)   sha256 \(origin.hash)")
            } else {
                print("run: \(model.runID ?? "removed")   snapshot: \(model.snapshotID ?? "removed")")
            }
            if let parent = model.parentModelID { print("started from model: \(parent)") }
            print("weights: \(model.weightsPath)")
            for (tag, value) in model.metrics.sorted(by: { $0.key < $1.key }) { print("\(tag) \(Output.number(value, digits: 4))") }
        }
    }

    struct Export: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case safetensors }

        static let configuration = CommandConfiguration(abstract: "Copy a model's weights out, under torchvision's or Ultralytics' key names.")
        @Argument(help: "Name or id.") var model: String
        @Option(help: "The file's format.") var format = Format.safetensors
        @Option(name: .shortAndLong, help: "The file to write; the model's name by default.", completion: .file()) var file: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let summary = try workbench.model(model)
            let name = summary.name.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
            let target = URL(fileURLWithPath: file ?? "\(String(name)).\(format.rawValue)")
            try workbench.exportModel(summary.id, to: target)
            if output.json { return try Output.json(["file": target.path, "model": summary.id]) }
            print("Wrote \(target.path).")
        }
    }

    struct Predict: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Find objects in images, or classify them.")
        @Option(help: "A model's name or id, or a safetensors file of this program.") var weights: String
        @Argument(help: "JPEG, PNG or WebP files.", completion: .file()) var images: [String]
        @Option(help: "The least confidence to report, 0…1.") var confidence = 0.25
        @Option(help: "Write copies with boxes into this folder.", completion: .directory) var pictures: String?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0...1).contains(confidence) else { throw ValidationError("--confidence is a number from 0 to 1.") }
        }

        func run() throws {
            let predictions = try Output.workbench().predict(
                weights: weights, images: images.map { URL(fileURLWithPath: $0) }, confidence: confidence,
                pictures: pictures.map { URL(fileURLWithPath: $0) })
            if output.json { return try Output.json(predictions) }
            for prediction in predictions {
                print("\(prediction.image): \(prediction.found.count) found")
                for found in prediction.found {
                    let box = found.box.map { "  [" + $0.map { String(format: "%.1f", $0) }.joined(separator: ", ") + "]" } ?? ""
                    print("  \(found.label)  \(Output.number(found.confidence))\(box)")
                }
                if let picture = prediction.picture { print("  wrote \(picture)") }
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Compare an architecture with its reference's numbers.")
        @Argument(help: "A reference in the format trainyard-probe/1.", completion: .file(extensions: ["json", "gz"])) var references: [String]
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let reports = try references.map { try workbench.verify(probe: URL(fileURLWithPath: $0)) }
            if output.json {
                try Output.json(reports)
            } else {
                for report in reports {
                    print(
                        "\(report.passed ? "passed" : "FAILED")  \(report.architecture) \(report.mode): \(report.checks) checks, worst "
                            + String(format: "%.1e forward, %.1e gradients", report.worstForwardError, report.worstGradientError))
                    for failure in report.failures.prefix(10) { print("  \(failure)") }
                }
            }
            guard reports.allSatisfy(\.passed) else { throw ExitStatus.failed }
        }
    }
}
