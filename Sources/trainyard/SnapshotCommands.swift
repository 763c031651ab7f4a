import ArgumentParser
import Foundation
import Workbench

struct SnapshotCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots", abstract: "Views frozen at a time, which runs train on.",
        subcommands: [Create.self, List.self, Show.self], defaultSubcommand: List.self)

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Freeze a view.")
        @Option(help: "The view's id or name.") var view: String
        @Option(help: "The snapshot's name; the time by default.") var name: String?
        @Option(help: "Draw the splits at random: train, val and test in per cent, such as 80,20,0. Without it the given splits stay.")
        var draw: String?
        @Option(help: "The seed of the draw.") var seed: UInt64 = 0
        @OptionGroup var output: OutputOptions

        func run() throws {
            var splits = SplitAssignment.given
            if let draw {
                let shares = draw.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
                guard (2...3).contains(shares.count), let train = shares[0], let val = shares[1], shares.allSatisfy({ $0 != nil }) else {
                    throw ValidationError("--draw takes two or three whole numbers that sum to 100, such as 80,20 or 70,20,10.")
                }
                splits = .drawn(trainPercent: train, valPercent: val, testPercent: shares.count == 3 ? shares[2] ?? 0 : 0, seed: seed)
            }
            let snapshot = try Output.workbench().createSnapshot(view: view, name: name, splits: splits)
            if output.json { return try Output.json(snapshot) }
            print("Created snapshot \(snapshot.name): \(snapshot.trainCount) train, \(snapshot.valCount) val, \(snapshot.testCount) test (\(snapshot.id)).")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Snapshots of one view, or all.")
        @Option(help: "The view's id or name.") var view: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let snapshots = try view.map { try workbench.snapshots(view: $0) } ?? workbench.allSnapshots()
            if output.json { return try Output.json(snapshots) }
            SnapshotCommands.printTable(snapshots)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One snapshot with its labels.")
        @Argument(help: "Name or id.") var snapshot: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let snapshot = try Output.workbench().snapshot(snapshot)
            if output.json { return try Output.json(snapshot) }
            SnapshotCommands.printTable([snapshot])
            Output.table(
                ["LABEL", "TRAIN", "VAL"], snapshot.labelCounts.map { [$0.name, "\($0.trainCount)", "\($0.valCount)"] }, none: "No labels.")
        }
    }

    static func printTable(_ snapshots: [SnapshotSummary]) {
        Output.table(
            ["NAME", "TRAIN", "VAL", "TEST", "CREATED", "ID"],
            snapshots.map { [$0.name, "\($0.trainCount)", "\($0.valCount)", "\($0.testCount)", Output.time($0.createdAt), $0.id] },
            none: "No snapshots yet; `trainyard snapshots create --view ID` makes one.")
    }
}
