import ArgumentParser
import Foundation
import Workbench

extension ModelCommands {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a file of weights into the catalogue: a .pth of torch.save, safetensors, or a run's checkpoint.",
            discussion: """
                Nothing in the file is run. Every tensor must fit the architecture, which is recognised by its tensors where it is not named. \
                With labels of another number than the file's classes the head starts fresh.
                """)
        @Argument(help: "The file.", completion: .file(extensions: ["pth", "pt", "safetensors"])) var file: String
        @Option(help: "The architecture's name; `trainyard models list --architectures` shows all.") var architecture: String?
        @Option(help: "The labels, with commas between them; numbers by default.") var labels: String?
        @Option(help: "A file with one label a line.", completion: .file()) var labelsFile: String?
        @Option(help: "The model's name; the file's name by default.") var name: String?
        @Option(help: "The model's version.") var version = "1.0"
        @Option(help: "The side in pixels of the images it takes; the architecture's usual one by default.") var imageSize: Int?
        @Flag(inversion: .prefixedNo, help: "Refuse a file that does not fit; otherwise take what fits and start the rest fresh.") var strict = true
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard labels == nil || labelsFile == nil else { throw ValidationError("Give --labels or --labels-file, not both.") }
            if let imageSize, !(16...4096).contains(imageSize) { throw ValidationError("--image-size is a number from 16 to 4096.") }
        }

        func run() throws {
            let report = try Output.workbench().importModel(ModelImportRequest(
                file: file, architecture: architecture, labels: try givenLabels(), name: name, version: version, imageSize: imageSize,
                isStrict: strict))
            if output.json { try Output.json(report) } else { Self.say(report) }
            guard let problem = report.problem else { return }
            Output.error(problem)
            throw ExitStatus.usage
        }

        private func givenLabels() throws -> [String]? {
            if let labels { return labels.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) } }
            guard let labelsFile else { return nil }
            guard let text = try? String(contentsOfFile: labelsFile, encoding: .utf8) else {
                throw WorkbenchError(.notFound, "The file \(labelsFile) cannot be read as text; check the path.")
            }
            return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }

        /// The report for people: what was recognised, a table of what does not simply fit, and the model.
        static func say(_ report: ModelImportReport) {
            let classes = report.fileClasses.map { ", \($0) classes" } ?? ""
            print("\(report.file): \(report.format), \(report.architecture)\(classes), \(report.takenCount) of \(report.tensorCount) tensors fit")
            for note in report.notes { print("  \(note)") }
            if !report.rows.isEmpty {
                let shown = report.rows.prefix(40)
                Output.table(
                    ["FINDING", "TENSOR", "NETWORK", "FILE"],
                    shown.map { [$0.finding.rawValue, $0.key, text($0.networkShape), text($0.fileShape)] }, none: "")
                if shown.count < report.rows.count { print("and \(report.rows.count - shown.count) more; --json lists all") }
            }
            if let model = report.model { print("Imported as \(model.name) \(model.version), \(model.labels.count) labels, model \(model.id).") }
        }

        private static func text(_ shape: [Int]?) -> String {
            shape.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" } ?? "–"
        }
    }
}
