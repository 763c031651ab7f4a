import ArgumentParser
import Foundation
import Screens
import Workbench

/// A new run, in the app or one question a line.
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Begin a new run: in the app, or line by line for screen readers and plain terminals.",
        discussion: "Line by line, an empty line keeps what stands in brackets, ? explains, < goes back, = takes the default again.")

    @Flag(help: "Ask line by line, without a screen.") var plain = false
    @Option(help: "quick-start, full-configuration, or a blueprint of yours.") var blueprint: String?
    @Option(help: "Train on this dataset (name or id) instead of the sample.") var dataset: String?
    @Flag(help: "Print the configuration's JSON at the end instead of starting the run.") var configurationOnly = false

    func validate() throws {
        guard !plain else { return }
        if blueprint != nil || dataset != nil || configurationOnly { throw ValidationError("--blueprint, --dataset and --configuration-only go with --plain.") }
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw ValidationError("Without a terminal, give --plain.") }
    }

    func run() throws {
        let workbench = try Output.workbench()
        guard plain else {
            try TrainyardApp.run(workbench: workbench, startsNewRun: true)
            return
        }
        let blueprint = blueprint ?? BlueprintSummary.quickStart.name
        let summary = try workbench.blueprint(blueprint)
        guard summary.id != BlueprintSummary.json.id else {
            throw ValidationError("A JSON text is not asked for line by line: write a file and give it to `trainyard runs create --config FILE`.")
        }
        if dataset == nil { print("Preparing the sample data …") }
        let start = try workbench.configuration(blueprint: blueprint, dataset: dataset)
        var form = PlainForm(
            workbench: workbench, blueprint: summary, start: FormStart(configuration: start, base: start),
            read: { readLine() },
            write: { text, ends in
                print(text, terminator: ends ? "\n" : "")
                fflush(nil)
            })
        guard let configuration = try form.fill(startsRun: !configurationOnly) else {
            print("\nNothing was started.")
            throw ExitStatus.failed
        }
        if configurationOnly { return print(configuration.json) }
        let run = try workbench.submit(configuration)
        try RunFollower(workbench: workbench, run: run, isJSON: false).followOwnRun()
    }
}
