import ArgumentParser
import Foundation
import Workbench

struct ConfigCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Run configurations as JSON.", subcommands: [Validate.self])

    struct Validate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check a configuration and say where and how it is wrong.")
        @Argument(help: "The JSON file.", completion: .file(extensions: ["json"])) var file: String
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
            let data = try ConfigCommands.read(file)
            let issues = try Output.workbench().configurationProblems(json: data)
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

    static func read(_ file: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw WorkbenchError(.notFound, "The file \(file) cannot be read; check the path.")
        }
        return data
    }
}
