import ArgumentParser
import Foundation
import Workbench

struct RunCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Start, watch and end training runs.",
        subcommands: [
            Create.self, List.self, Show.self, Logs.self, Metrics.self, Compare.self, Evaluation.self, Predictions.self, Wait.self, Watch.self,
            Abort.self, Remove.self, Rerun.self,
            Resume.self,
        ], defaultSubcommand: List.self)

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Train what a configuration says, in this process, until it is done.",
            discussion: "Put `&` behind it to train in the background; any other `trainyard` sees and can abort the run.")
        @Option(help: "The configuration as a JSON file; on top of a blueprint it may be a part.", completion: .file(extensions: ["json"]))
        var config: String?
        @Option(help: "Begin from a blueprint: its name, name@version or id.") var blueprint: String?
        @Option(help: "Train on this dataset (name or id), where a blueprint is given.") var dataset: String?
        @Option(help: "The run's name; the file's name or the blueprint's by default.") var name: String?
        @Option(help: "The run's version.") var version = "0.1"
        @Option(help: "Start from this model's weights: its name or id, or a file of weights, which is imported first.") var fromModel: String?
        @OptionGroup(title: "Settings on top of the file") var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if config == nil, blueprint == nil { throw ValidationError("Give --config FILE, or --blueprint NAME with --dataset NAME.") }
            if blueprint == nil, dataset != nil { throw ValidationError("--dataset goes with --blueprint; a file names its data itself.") }
            if blueprint != nil, dataset == nil, config == nil { throw ValidationError("A blueprint names no data: give --dataset NAME.") }
        }

        func run() throws {
            let workbench = try Output.workbench()
            let file = try config.map(ConfigCommands.read)
            var document = file ?? Data("{}".utf8)
            var fallback = config.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent } ?? ""
            if let blueprint {
                let begun = try workbench.configuration(blueprint: blueprint, dataset: dataset, part: file)
                document = Data(begun.json.utf8)
                if config == nil { fallback = begun.name }
            }
            let json = try workbench.configuration(document, with: try settings.settings())
            let start = try fromModel.map { try workbench.startingModel($0, task: nil) }
            if let report = start?.report, !output.json { ModelCommands.Import.say(report) }
            let run = try workbench.submit(configuration: json, name: name ?? fallback, version: version, startFrom: start?.model.id)
            try RunFollower(workbench: workbench, run: run, isJSON: output.json).followOwnRun()
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs, newest first.",
            discussion: """
                A query is what the table of the app takes: words that stand in a name or id, and fields.
                trainyard runs list --query "digits status:failed lr>0.001 label:3"
                trainyard runs list --query "(model:yolov8n OR epochs>=50) -status:live created:7d" --sort best
                """)
        @Option(help: "Only runs that match, such as \"status:failed lr>0.001 label:3\".") var query = ""
        @Option(help: "Only runs with this status, in any vendor's word.") var status: String?
        @Option(help: "The order: \(RunTableSort.allCases.map(\.rawValue).joined(separator: ", ")).") var sort = RunTableSort.created
        @Flag(help: "Least or oldest first.") var ascending = false
        @Option(help: "At most this many.") var limit: Int?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let limit, limit < 1 { throw ValidationError("--limit is a number from 1.") }
        }

        func run() throws {
            let workbench = try Output.workbench()
            let page = try workbench.runTable(
                RunTableRequest(query: query, status: status, sort: sort, isDescending: !ascending, limit: limit ?? .max))
            if output.json { return try Output.json(page.runs) }
            Output.table(
                ["NAME", "VERSION", "CREATED", "STATUS", "PROGRESS", "TIME", "BEST", "ID"],
                page.runs.map {
                    [
                        $0.name, $0.version, Output.time($0.createdAt), $0.status.rawValue, "\(Int($0.progress * 100)) %",
                        Output.duration($0.durationSeconds), Output.number($0.bestMetric), $0.id,
                    ]
                }, none: page.total == 0 ? "No runs yet; `trainyard quickstart` starts one." : "None of \(page.total) runs matches.")
            if page.runs.count < page.count { print("\(page.runs.count) of \(page.count) that match; --limit shows more.") }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything about one run.")
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @Flag(help: "Print the run's configuration only.") var config = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let detail = try Output.workbench().run(key)
            if config { return print(detail.configurationJSON) }
            if output.json { return try Output.json(detail) }
            let summary = detail.summary
            print("\(summary.name) \(summary.version)  \(summary.status.rawValue)  \(summary.architecture)  attempt \(summary.attempt)  \(summary.id)")
            if !summary.message.isEmpty { print(summary.message) }
            print("step \(detail.step)/\(detail.totalSteps)  epoch \(detail.epoch)/\(detail.totalEpochs)  \(Output.duration(summary.durationSeconds))")
            print("cores \(detail.cores)  memory \(ByteCount.text(detail.memoryBytes))  peak \(detail.peakMemoryBytes.map(ByteCount.text) ?? "–")")
            for (tag, value) in detail.latestMetrics.sorted(by: { $0.key < $1.key }) { print("\(tag) \(Output.number(value, digits: 5))") }
            for point in detail.checkpoints { print("checkpoint \(point.kind) at step \(point.step): \(point.path)") }
            for model in detail.modelIDs { print("model \(model)") }
        }
    }

    struct Logs: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A run's log.")
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @Option(name: .shortAndLong, help: "The number of last lines.") var lines = 100
        @Flag(name: .shortAndLong, help: "Go on until the run ends.") var follow = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            var batch = try workbench.logTail(run: key, count: max(1, lines))
            if output.json, !follow { return try Output.json(batch) }
            var last: Int64 = 0
            while true {
                for line in batch {
                    print("\(Output.time(line.time)) \(line.level) \(line.text)")
                    last = line.id
                }
                fflush(nil)
                guard follow, try !workbench.run(key).summary.status.isTerminal else { return }
                Thread.sleep(forTimeInterval: 0.5)
                batch = try workbench.log(run: key, after: last)
            }
        }
    }

    struct Wait: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Return when runs have ended; code 1 unless all succeeded.")
        @Argument(help: "Names or ids.") var runs: [String]
        @Option(help: "Give up after this many seconds; the runs go on.") var timeout: Double?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if let timeout, timeout <= 0 { throw ValidationError("--timeout is a number of seconds above 0.") }
        }

        func run() throws {
            let workbench = try Output.workbench()
            let deadline = timeout.map { Date().timeIntervalSince1970 + $0 }
            var summaries = try runs.map { try workbench.run($0).summary }
            while !summaries.allSatisfy(\.status.isTerminal) {
                if let deadline, Date().timeIntervalSince1970 > deadline {
                    throw WorkbenchError(.failed, "Not all runs ended within \(Output.duration(timeout ?? 0)); they go on.")
                }
                Thread.sleep(forTimeInterval: 0.5)
                summaries = try summaries.map { try workbench.run($0.id).summary }
            }
            if output.json { try Output.json(summaries) } else {
                for summary in summaries { print("\(summary.name) \(summary.status.rawValue). \(summary.message)") }
            }
            guard summaries.allSatisfy({ $0.status == .success }) else { throw ExitStatus.failed }
        }
    }

    struct Watch: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Follow a run of any process until it ends.")
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let identifier = try workbench.run(key).id
            try RunFollower(workbench: workbench, run: identifier, isJSON: output.json).follow()
        }
    }

    struct Abort: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let runs finish their step, save, and end as terminated.")
        @Argument(help: "Names or ids.") var runs: [String]
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            for run in runs { try workbench.abort(run: run) }
            try RunCommands.report(runs, workbench, output)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete finished runs; datasets and models stay.")
        @Argument(help: "Names or ids.") var runs: [String]
        @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let summaries = try runs.map { try workbench.run($0).summary }
            if !yes {
                guard isatty(STDIN_FILENO) == 1 else { throw ValidationError("Without a terminal, removing needs --yes.") }
                print("Remove \(summaries.map(\.name).joined(separator: ", ")) with log and checkpoints? [y/N] ", terminator: "")
                fflush(nil)
                guard ["y", "yes"].contains((readLine() ?? "").lowercased()) else { return print("Nothing was removed.") }
            }
            for summary in summaries { try workbench.remove(run: summary.id) }
            if output.json { return try Output.json(["removed": summaries.map(\.id)]) }
            for summary in summaries { print("Removed \(summary.name).") }
        }
    }

    struct Rerun: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start a finished run again from its beginning.")
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let identifier = try workbench.run(key).id
            try workbench.rerun(run: identifier)
            try RunFollower(workbench: workbench, run: identifier, isJSON: output.json).followOwnRun()
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Continue an ended run from its last checkpoint.")
        @Argument(help: ArgumentHelp("Name or id.", valueName: "run")) var key: String
        @Option(help: "A checkpoint's path or name, or last or best.") var checkpoint: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let identifier = try workbench.run(key).id
            try workbench.resume(run: identifier, checkpoint: checkpoint)
            try RunFollower(workbench: workbench, run: identifier, isJSON: output.json).followOwnRun()
        }
    }

    private static func report(_ runs: [String], _ workbench: Workbench, _ output: OutputOptions) throws {
        let summaries = try runs.map { try workbench.run($0).summary }
        if output.json { return try Output.json(summaries) }
        for summary in summaries { print("\(summary.name) \(summary.status.rawValue). \(summary.message)") }
    }
}

extension RunTableSort: ExpressibleByArgument {}
