import ArgumentParser
import Foundation
import Screens
import Workbench

/// Opens the app; without a terminal it prints the help.
struct AppCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "app", abstract: "Open the app.", shouldDisplay: false)

    func run() async throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            print(Trainyard.helpMessage())
            return
        }
        try TrainyardApp.run(workbench: try Workbench(home: Workbench.defaultHome()))
    }
}
