import ArgumentParser
import Foundation
import Workbench

struct ViewCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "views", abstract: "Saved filters over datasets.", subcommands: [Create.self, List.self, Show.self],
        defaultSubcommand: List.self)

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Save a filter over a dataset.")
        @Argument(help: "The view's name.") var name: String
        @Option(help: "The dataset's name or id.") var dataset: String
        @Option(help: "Keep images with this label; repeat for more.") var label: [String] = []
        @Option(help: "Keep one split: train, val or test.") var split: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let view = try Output.workbench().createView(dataset: dataset, name: name, labels: label, split: split)
            if output.json { return try Output.json(view) }
            print("Created view \(view.name) with \(view.imageCount) images (\(view.id)).")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Views of one dataset, or all.")
        @Option(help: "The dataset's name or id.") var dataset: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let views = try dataset.map { try workbench.views(dataset: $0) } ?? workbench.allViews()
            if output.json { return try Output.json(views) }
            let names = Dictionary(try workbench.datasets().map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
            Output.table(
                ["NAME", "DATASET", "IMAGES", "LABELS", "SPLIT", "ID"],
                views.map {
                    [$0.name, names[$0.datasetID] ?? "", "\($0.imageCount)", $0.labels.isEmpty ? "all" : $0.labels.joined(separator: ","), $0.split ?? "all", $0.id]
                }, none: "No views yet; importing a dataset makes one.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One view with its snapshots.")
        @Argument(help: "Name or id.") var view: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let view = try workbench.view(view)
            if output.json { return try Output.json(view) }
            print("\(view.name)  \(view.imageCount) images  labels \(view.labels.isEmpty ? "all" : view.labels.joined(separator: ", "))  split \(view.split ?? "all")")
            SnapshotCommands.printTable(try workbench.snapshots(view: view.id))
        }
    }
}
