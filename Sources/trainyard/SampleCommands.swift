import ArgumentParser
import Foundation
import Workbench

struct SampleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samples", abstract: "Datasets that the program makes itself.", subcommands: [List.self, Create.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The samples, and which have been made.")
        @OptionGroup var output: OutputOptions

        private struct Row: Encodable {
            let name, task: String
            let datasetID: String?
        }

        func run() throws {
            let prepared = try Output.workbench().preparedSamples()
            let rows = SampleDataset.allCases.map { Row(name: $0.rawValue, task: $0.task.rawValue, datasetID: prepared[$0]) }
            if output.json { return try Output.json(rows) }
            Output.table(["NAME", "TASK", "DATASET"], rows.map { [$0.name, $0.task, $0.datasetID ?? "not made yet"] }, none: "")
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a sample and import it.")
        @Argument(help: "digits, digit-scenes or all.") var name = "all"
        @OptionGroup var output: OutputOptions

        func run() throws {
            let samples = name == "all" ? SampleDataset.allCases : SampleDataset(rawValue: name).map { [$0] } ?? []
            guard !samples.isEmpty else {
                throw ValidationError("There is no sample \"\(name)\"; choose digits, digit-scenes or all.")
            }
            let workbench = try Output.workbench()
            let datasets = try samples.map { try workbench.prepareSample($0) }
            if output.json { return try Output.json(datasets) }
            for dataset in datasets { print("\(dataset.name): \(dataset.imageCount) images in \(dataset.root)") }
        }
    }
}
