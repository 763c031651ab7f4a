import ArgumentParser
import Foundation
import Workbench

/// Quick Start's defaults on the sample data, without the app.
struct QuickstartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart", abstract: "Train on the sample data with Quick Start's defaults.")

    enum Task: String, ExpressibleByArgument, CaseIterable { case detect, classify }

    @Flag(name: .shortAndLong, help: "Do not ask before training.") var yes = false
    @Option(help: "detect finds digits in pictures, classify tells digits apart.") var task = Task.detect
    @Option(help: "The run's name.") var name: String?
    @Option(help: "Train on this dataset (name or id) instead of the sample.") var dataset: String?
    @Option(help: "An architecture of `trainyard models list --architectures`.") var architecture: String?
    @Option(help: "Passes over the training data.") var epochs: Int?
    @Option(help: "Images in a step.") var batchSize: Int?
    @Option(help: "The side of the square that images are brought to, in pixels.") var imageSize: Int?
    @Option(help: "CPU cores.") var cores: Int?
    @Option(help: "The seed of weights, order and augmentation.") var seed: UInt64?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let workbench = try Output.workbench()
        var draft: RunDraft
        if let dataset {
            draft = try workbench.draft(on: workbench.dataset(dataset))
        } else {
            if !output.json { print("Preparing the sample data …") }
            draft = try workbench.defaultDraft(task: task == .detect ? .objectDetection : .imageClassification)
        }
        if let name { draft.name = name }
        if let architecture {
            let entry = workbench.publishedArchitectures().first { $0.name == architecture }
            draft.choose(architecture: architecture, imageSize: entry?.imageSize)
        }
        if let epochs { draft.epochs = epochs }
        if let batchSize { draft.batchSize = batchSize }
        if let imageSize { draft.imageSize = imageSize }
        if let cores { draft.cores = cores }
        if let seed { draft.seed = seed }
        let estimate = try workbench.estimate(draft: draft)
        draft.memoryBytes = max(draft.memoryBytes, estimate.peakMemoryBytes)
        if !output.json {
            let time = estimate.seconds.map { ", about \(Output.duration($0))" } ?? ""
            print("""
                \(draft.name): \(draft.architecture), \(draft.epochs) epochs × \(estimate.stepsPerEpoch) steps, \
                \(draft.imageSize) px, batch \(draft.batchSize), \(draft.cores) cores\(time), \(ByteCount.text(estimate.peakMemoryBytes)).
                """)
            print(workbench.availability(cores: draft.cores, memoryBytes: draft.memoryBytes, estimate: estimate).message)
        }
        if !yes, isatty(STDIN_FILENO) == 1 {
            print("Train now? [Y/n] ", terminator: "")
            fflush(nil)
            let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased() ?? "n"
            guard answer.isEmpty || answer == "y" || answer == "yes" else { return print("Nothing was started.") }
        }
        let run = try workbench.submit(draft)
        try RunFollower(workbench: workbench, run: run, isJSON: output.json).followOwnRun()
    }
}
