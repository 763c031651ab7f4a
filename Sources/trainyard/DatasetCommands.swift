import ArgumentParser
import Foundation
import Workbench

struct DatasetCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasets", abstract: "Import and look at datasets.",
        subcommands: [Import.self, List.self, Show.self, Remove.self], defaultSubcommand: List.self)

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Read a folder into the catalogue; its files stay where they are.")
        @Argument(help: "The dataset's folder.", completion: .directory) var path: String
        @Option(help: "auto, coco, yolo or folders.") var format = "auto"
        @Option(help: "Its name in the catalogue; the folder's name by default.") var name: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let dataset = try workbench.importDataset(at: URL(fileURLWithPath: path), format: format, name: name)
            if output.json { return try Output.json(DatasetReport(workbench, dataset)) }
            print("Imported \(dataset.name): \(dataset.imageCount) images, \(dataset.labels.count) labels, \(dataset.task.rawValue).")
            try DatasetReport(workbench, dataset).printProblems(limit: 10)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All datasets, newest first.")
        @OptionGroup var output: OutputOptions

        func run() throws {
            let datasets = try Output.workbench().datasets()
            if output.json { return try Output.json(datasets) }
            Output.table(
                ["NAME", "TASK", "IMAGES", "LABELS", "PROBLEMS", "ID"],
                datasets.map {
                    [$0.name, $0.task.rawValue, "\($0.imageCount)", "\($0.labels.count)", "\($0.problemCount)", $0.id]
                },
                none: "No datasets yet; `trainyard datasets import PATH` or `trainyard samples create digit-scenes` adds one.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One dataset with its labels and its import report.")
        @Argument(help: "Name or id.") var dataset: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let dataset = try workbench.dataset(dataset)
            let report = try DatasetReport(workbench, dataset)
            if output.json { return try Output.json(report) }
            print("\(dataset.name)  \(dataset.task.rawValue)  \(dataset.format)  \(dataset.root)")
            print("\(dataset.imageCount) images: \(dataset.trainCount) train, \(dataset.valCount) val, \(dataset.testCount) test")
            Output.table(["LABEL", "TRAIN", "VAL"], dataset.labels.map { [$0.name, "\($0.trainCount)", "\($0.valCount)"] }, none: "No labels.")
            report.printProblems(limit: 100)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget a dataset; its files stay.")
        @Argument(help: "Name or id.") var dataset: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let summary = try workbench.dataset(dataset)
            try workbench.removeDataset(summary.id)
            if output.json { return try Output.json(["removed": summary.id]) }
            print("Removed \(summary.name) from the catalogue; its files are where they were.")
        }
    }
}

/// A dataset with what its import found wrong.
private struct DatasetReport: Encodable {
    let dataset: DatasetSummary
    let problems: [ImportProblemSummary]

    init(_ workbench: Workbench, _ dataset: DatasetSummary) throws {
        self.dataset = dataset
        problems = try workbench.importProblems(dataset: dataset.id)
    }

    func printProblems(limit: Int) {
        guard !problems.isEmpty else { return print("No problems found.") }
        print("\(problems.count) \(problems.count == 1 ? "problem" : "problems"):")
        for problem in problems.prefix(limit) {
            print("  \(problem.file)\(problem.line.map { ":\($0)" } ?? ""): \(problem.reason): \(problem.detail)")
        }
        if problems.count > limit { print("  … and \(problems.count - limit) more; `trainyard datasets show \(dataset.name) --json` lists all.") }
    }
}
