import ArgumentParser
import Foundation
import Workbench

/// The root of the command line; without a verb it opens the app.
struct Trainyard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trainyard",
        abstract: "Trains vision models on this machine, from a folder of labelled images.",
        discussion: """
            Without arguments on a terminal it opens the app. Data and runs live in $TRAINYARD_HOME.
            Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not found, 4 conflict, 5 out of resources.
            """,
        version: "0.1.0",
        subcommands: [
            AppCommand.self, QuickstartCommand.self, DatasetCommands.self, ViewCommands.self, SnapshotCommands.self,
            SampleCommands.self, BlueprintCommands.self, ConfigCommands.self, NewCommand.self, RunCommands.self, ModelCommands.self,
            ResourceCommands.self, KeysCommand.self, DoctorCommand.self,
        ],
        defaultSubcommand: AppCommand.self)
}

@main
enum Program {
    static func main() async {
        ProcessStart.prepare()
        do {
            var command = try Trainyard.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(after: error)
        }
    }

    /// Says what went wrong on standard error and ends with the code that the help promises.
    private static func leave(after error: any Error) -> Never {
        if let error = error as? WorkbenchError {
            Output.error(error.description)
            exit(ExitStatus(error.kind).rawValue)
        }
        if let status = error as? ExitStatus { exit(status.rawValue) }
        switch Trainyard.exitCode(for: error) {
        case .success: Trainyard.exit(withError: error)
        case .validationFailure:
            Output.error(Trainyard.fullMessage(for: error))
            exit(ExitStatus.usage.rawValue)
        default:
            Output.error(Trainyard.message(for: error))
            exit(ExitStatus.failed.rawValue)
        }
    }
}

/// How the program ends. Thrown by a command that has already said why.
enum ExitStatus: Int32, Error {
    case failed = 1, usage, notFound, conflict, outOfResources

    init(_ kind: WorkbenchError.Kind) {
        switch kind {
        case .failed: self = .failed
        case .invalid: self = .usage
        case .notFound: self = .notFound
        case .conflict: self = .conflict
        case .outOfResources: self = .outOfResources
        }
    }
}
