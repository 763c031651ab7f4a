import ArgumentParser
import Foundation
import Workbench

struct BlueprintCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blueprints", abstract: "Named parts of configurations to begin runs from.",
        subcommands: [List.self, Show.self, Save.self, Rename.self, Remove.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All blueprints: those that come with the program, then yours.")
        @OptionGroup var output: OutputOptions

        func run() throws {
            let blueprints = try Output.workbench().blueprints()
            if output.json { return try Output.json(blueprints) }
            Output.table(
                ["NAME", "VERSION", "TASK", "CREATED", "WHAT IT IS"],
                blueprints.map { [$0.name, $0.version, $0.task?.rawValue ?? "any", $0.createdAt.map(Output.time) ?? "–", $0.note] },
                none: "No blueprints.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What a blueprint sets, and its versions.")
        @Argument(help: ArgumentHelp("Name, name@version or id.", valueName: "blueprint")) var key: String
        @OptionGroup var output: OutputOptions

        private struct Answer: Encodable {
            let blueprint: BlueprintSummary
            let versions: [BlueprintSummary]
        }

        func run() throws {
            let workbench = try Output.workbench()
            let blueprint = try workbench.blueprint(key)
            if output.json {
                return try Output.json(Answer(blueprint: blueprint, versions: try workbench.blueprintVersions(blueprint.name)))
            }
            print("\(blueprint.name)  version \(blueprint.version)  \(blueprint.task?.rawValue ?? "any task")  \(blueprint.note)")
            guard !blueprint.isBuiltIn else { return }
            let versions = try workbench.blueprintVersions(blueprint.name)
            print("versions: \(versions.map(\.version).joined(separator: ", "))")
            print(try workbench.blueprintConfiguration(key))
        }
    }

    struct Save: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Save a part of a configuration under a name; a name that is there gets another version.",
            discussion: "From a run it keeps what differs from the defaults, but for data and resources; from a file all that the file says.")
        @Argument(help: "The blueprint's name.") var name: String
        @Option(name: .customLong("run"), help: "Take the configuration of this run: its name or id.") var runKey: String?
        @Option(help: "Take this JSON file, whole or in part.", completion: .file(extensions: ["json"])) var config: String?
        @OptionGroup(title: "Settings on top") var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if runKey != nil, config != nil { throw ValidationError("Give one of --run and --config.") }
        }

        func run() throws {
            let workbench = try Output.workbench(), settings = try settings.settings()
            if runKey == nil, config == nil, settings.isEmpty {
                throw ValidationError("There is nothing to save: give --run, --config, or settings such as --lr 0.01.")
            }
            var json = try config.map(ConfigCommands.read) ?? Data("{}".utf8)
            if let runKey { json = Data(try workbench.blueprintPart(of: workbench.configuration(run: runKey)).utf8) }
            let saved = try workbench.saveBlueprint(name, json: try workbench.configuration(json, with: settings))
            if output.json { return try Output.json(saved) }
            print("Saved blueprint \(saved.name), version \(saved.version).")
        }
    }

    struct Rename: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a blueprint another name.")
        @Argument(help: ArgumentHelp("Its name or id.", valueName: "blueprint")) var key: String
        @Argument(help: "The new name.") var name: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            try workbench.renameBlueprint(key, to: name)
            if output.json { return try Output.json(workbench.blueprint(name)) }
            print("The blueprint is called \(name) now.")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a blueprint with all its versions; runs stay as they are.")
        @Argument(help: ArgumentHelp("Its name or id.", valueName: "blueprint")) var key: String
        @OptionGroup var output: OutputOptions

        func run() throws {
            let workbench = try Output.workbench()
            let blueprint = try workbench.blueprint(key)
            try workbench.removeBlueprint(key)
            if output.json { return try Output.json(["removed": [blueprint.name]]) }
            print("Removed blueprint \(blueprint.name).")
        }
    }
}
