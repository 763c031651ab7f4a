import Foundation
import Testing

/// Forms and blueprints of the real program, without a screen.
@Suite(.serialized) struct FormCommandTests {
    private struct Blueprint: Decodable {
        let name, version: String
        let is_built_in: Bool
    }

    /// A home with the sample digits as a data set.
    private func prepared() throws -> CommandLineProgram {
        let program = try CommandLineProgram()
        #expect(try program.run("samples", "create", "digits").code == 0)
        #expect(try program.run("datasets", "import", program.home.appendingPathComponent("samples/digits").path, "--name", "scans").code == 0)
        return program
    }

    @Test func blueprintsAreKeptByCommands() throws {
        let program = try CommandLineProgram()
        let file = try program.write(#"{"runform": {"label_smoothing": 0.1, "task_type": "Image Classification"}}"#, to: "part.json")
        #expect(try program.run("blueprints", "save", "soft", "--config", file, "--lr", "0.01").code == 0)
        #expect(try program.json(Blueprint.self, "blueprints", "save", "soft", "--mixup", "0.2").version == "2")
        let shown = try program.run("blueprints", "show", "soft@1")
        #expect(shown.output.contains("label_smoothing") && shown.output.contains("\"lr\": 0.01") && shown.output.contains("versions: 2, 1"))
        #expect(try program.run("blueprints", "rename", "soft", "softer").code == 0)
        let all = try program.json([Blueprint].self, "blueprints", "list")
        #expect(all.map(\.name) == ["quick-start", "full-configuration", "advanced-json", "softer"] && all.filter(\.is_built_in).count == 3)
        #expect(try program.run("blueprints", "show", "teddy_wizard").output.hasPrefix("quick-start"))
        #expect(try program.run("blueprints", "save", "bad", "--set", "/runform/ema/decoy=1").errors.contains("did you mean \"decay\""))
        #expect(try program.run("blueprints", "remove", "quick-start").code == 4)
        #expect(try program.run("blueprints", "remove", "softer").code == 0)
        #expect(try program.run("blueprints", "show", "softer").code == 3)
        #expect(try program.run("runs", "create", "--blueprint", "quick-start").code == 2)
    }

    @Test func aFormIsFilledInLineByLine() throws {
        let program = try prepared()
        // Name, version, task, the data as it is, then a question explained, two labels, a step back, and the rest as it is.
        let answers = ["night", "?", "2.0", "", "", "", "", "", "", "", "1, 3", "", "", "", "none of these", "<", "=", "", "2k", ""]
        let result = try program.run(["new", "--plain", "--dataset", "scans", "--configuration-only"], input: answers + Array(repeating: "", count: 12))
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("Page 7 of 7: Review") && result.output.contains("none of these: a whole number, 1 to 1000000."))
        #expect(result.output.contains("Changed: Name: night; it was scans-mobilenet."))
        #expect(result.output.contains("\"n_epochs\": 2000"), "\(result.output)")
        #expect(result.output.contains("trainyard runs create --blueprint quick-start --dataset scans --name night --version 2.0"))
        let cut = try program.run(["new", "--plain", "--dataset", "scans"], input: ["only a name"])
        #expect(cut.code == 1 && cut.output.contains("Nothing was started."))
    }
}
