import ArgumentParser
import Foundation
import Workbench

struct ConfigCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Run configurations as JSON.", subcommands: [Validate.self, Estimate.self, Reference.self])

    struct Validate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check a configuration and say where and how it is wrong.")
        @Argument(help: "The JSON file.", completion: .file(extensions: ["json"])) var file: String
        @OptionGroup(title: "Settings on top of the file") var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        private struct Issue: Encodable {
            let path, found, message: String
            let allowed: [String]
            let nearest: String?
        }

        private struct Verdict: Encodable {
            let valid: Bool
            let issues: [Issue]
        }

        func run() throws {
            let workbench = try Output.workbench()
            let issues = workbench.configurationProblems(
                json: try workbench.configuration(try ConfigCommands.read(file), with: try settings.settings()))
            if output.json {
                try Output.json(Verdict(
                    valid: issues.isEmpty,
                    issues: issues.map { Issue(path: $0.path, found: $0.found, message: $0.message, allowed: $0.allowed, nearest: $0.nearest) }))
            } else if issues.isEmpty {
                print("\(file) is a valid configuration.")
            } else {
                for issue in issues { Output.error("\(issue.path.isEmpty ? "/" : issue.path): \(issue.message)") }
            }
            if !issues.isEmpty { throw ExitStatus.usage }
        }
    }

    struct Estimate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a run of a configuration would take: time and memory, measured by a few of its steps.",
            discussion: "It trains on this machine as the run would, so leave it the cores that the run will have.")
        @Argument(help: "The JSON file.", completion: .file(extensions: ["json"])) var file: String
        @OptionGroup(title: "Settings on top of the file") var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let estimate = try workbench.measuredEstimate(
                configuration: try workbench.configuration(try ConfigCommands.read(file), with: try settings.settings()))
            if output.json { return try Output.json(estimate) }
            print("\(estimate.trainImages) training and \(estimate.validationImages) validation images, \(estimate.stepsPerEpoch) steps an epoch")
            if let seconds = estimate.secondsPerEpoch { print("an epoch takes about \(Output.duration(seconds))") }
            if let seconds = estimate.seconds { print("the run takes about \(Output.duration(seconds))") }
            print("it needs about \(ByteCount.text(estimate.peakMemoryBytes)) of memory")
        }
    }

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every setting of a configuration with default, range and meaning, in Markdown.")

        func run() { print(Workbench.configurationReference) }
    }

    static func read(_ file: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw WorkbenchError(.notFound, "The file \(file) cannot be read; check the path.")
        }
        return data
    }
}
