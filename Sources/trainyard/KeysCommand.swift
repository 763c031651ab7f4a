import ArgumentParser
import Foundation
import Screens

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "keys", abstract: "List the app's actions and their keys.")
    @Flag(help: "Print the tables of docs/terminal.md: settings and actions with the keys they come with.") var markdown = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        if markdown {
            print(SettingsReport.markdown, terminator: "")
            return
        }
        let rows = SettingsReport.actions(environment: ProcessInfo.processInfo.environment)
        if output.json {
            try Output.json(rows)
            return
        }
        let width = rows.map(\.action.count).max() ?? 0
        for row in rows {
            let keys = row.keys.isEmpty ? "none" : row.keys.joined(separator: " ")
            print(row.action.padding(toLength: width + 2, withPad: " ", startingAt: 0) + keys.padding(toLength: 22, withPad: " ", startingAt: 0) + row.title)
        }
    }
}
