import ArgumentParser
import Foundation
import Workbench

struct ResourceCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resources", abstract: "What this machine offers.", subcommands: [Limits.self], defaultSubcommand: Limits.self)

    struct Limits: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cores, memory and disk: total, in use, and by which runs.")
        @OptionGroup var output: OutputOptions

        func run() throws {
            let limits = try Output.workbench().resourceLimits()
            if output.json { return try Output.json(limits) }
            Output.table(
                ["", "TOTAL", "IN USE", "SOURCE"],
                [
                    ["cores", "\(limits.coresTotal)", "\(limits.coresInUse)", limits.coresSource],
                    ["memory", ByteCount.text(limits.memoryTotalBytes), ByteCount.text(limits.memoryInUseBytes), limits.memorySource],
                    ["disk", ByteCount.text(limits.diskFreeBytes), "–", "free in the home folder"],
                    ["GPU", limits.gpuNames ?? "none", "–", limits.gpuReason],
                ], none: "")
            let held = limits.heldBy.map { "\($0.runName) (\($0.cores) cores, \(ByteCount.text($0.memoryBytes)))" }
            print("held by: \(held.isEmpty ? "nothing" : held.joined(separator: ", "))")
        }
    }
}
