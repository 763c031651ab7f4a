import Compression
import Foundation
import Testing

@Suite(.serialized) struct CommandTests {
    private let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("VisionModelsTests/Goldens")

    @Test func withoutATerminalThereIsHelp() throws {
        let program = try CommandLineProgram()
        let result = try program.run()
        #expect(result.code == 0 && result.errors.isEmpty)
        for word in ["USAGE", "quickstart", "datasets", "runs", "models", "Exit codes"] { #expect(result.output.contains(word), "\(word)") }
    }

    @Test func architecturesAreThePublishedTable() throws {
        let lines = try String(contentsOf: goldens.appendingPathComponent("architectures.tsv"), encoding: .utf8).split(separator: "\n")
        let published = lines.dropFirst().map { $0.split(separator: "\t").map(String.init) }.map {
            ArchitectureRow(
                name: $0[1], architecture: $0[2], task: $0[0], size: $0[3], trainable_parameters: Int($0[4]) ?? 0, memory_mb: Int($0[5]) ?? 0)
        }
        let listed = try CommandLineProgram().json([ArchitectureRow].self, "models", "list", "--architectures")
        #expect(published.count == 78)
        #expect(listed.sorted { $0.name < $1.name } == published.sorted { $0.name < $1.name })
    }

    @Test func exitCodesAreAsPromised() throws {
        let program = try CommandLineProgram()
        func expect(_ code: Int32, _ result: CommandResult, saying words: String, line: SourceLocation = #_sourceLocation) {
            #expect(result.code == code && result.errors.contains(words), "\(result.code): \(result.errors)", sourceLocation: line)
        }
        #expect(try program.run("runs", "list").code == 0)
        #expect(try program.run("--version").output.hasPrefix("0.1"))
        expect(1, try program.run("runs", "list", home: "/dev/null/home"), saying: "TRAINYARD_HOME")
        expect(2, try program.run("runs", "list", "--colour"), saying: "--colour")
        expect(2, try program.run("samples", "create", "letters"), saying: "digit-scenes")
        expect(2, try program.run("runs", "list", "--status", "lost"), saying: "terminated")
        expect(3, try program.run("runs", "show", "nothing"), saying: "There is no run \"nothing\"")
        expect(3, try program.run("datasets", "import", "/nowhere/at/all"), saying: "/nowhere/at/all")
        expect(3, try program.run("config", "validate", "missing.json"), saying: "missing.json")
        #expect(try program.run("doctor").output.contains("catalogue: sound"))
    }

    @Test func aBrokenFolderIsImportedWithAReport() throws {
        let program = try CommandLineProgram()
        // A greyscale PNG of one pixel, whole; then half of it, and a text.
        let pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
        let data = try #require(Data(base64Encoded: pixel))
        let text = try program.write("not a picture", to: "broken/cat/text.jpg")
        let folder = URL(fileURLWithPath: text).deletingLastPathComponent()
        try data.write(to: folder.appendingPathComponent("whole.png"))
        try data.prefix(40).write(to: folder.appendingPathComponent("half.png"))
        let answer = try program.json(ImportAnswer.self, "datasets", "import", "broken")
        #expect(answer.dataset.image_count == 1 && answer.dataset.problem_count == answer.problems.count)
        let reasons = Dictionary(answer.problems.map { (URL(fileURLWithPath: $0.file).lastPathComponent, $0.reason) }, uniquingKeysWith: { $1 })
        #expect(reasons["whole.png"] == "greyscaleConverted" && reasons["text.jpg"] == "unreadableImage")
        #expect(reasons["half.png"] == "truncatedImage" || reasons["half.png"] == "unreadableImage")
        let shown = try program.run("datasets", "show", "broken")
        #expect(shown.code == 0 && shown.output.contains("text.jpg"))
        try FileManager.default.removeItem(at: folder.appendingPathComponent("whole.png"))
        #expect(try program.run("datasets", "import", "broken").code == 2)
    }

    @Test func configurationsAreValidated() throws {
        let program = try CommandLineProgram()
        let wrong = try program.write(configuration(dataset: "d", snapshot: "s", architecture: "resnet81", epochs: 1), to: "wrong.json")
        let result = try program.run("config", "validate", wrong)
        #expect(result.code == 2 && result.errors.contains("/runform/model/architecture"))
        #expect(result.errors.contains("did you mean \"resnet18\""))
        let right = try program.write(configuration(dataset: "d", snapshot: "s", epochs: 1), to: "right.json")
        #expect(try program.run("config", "validate", right).code == 0)
        #expect(try program.run("config", "validate", try program.write("{", to: "half.json")).code == 2)
        // Right in itself, but its snapshot is not there.
        #expect(try program.run("runs", "create", "--config", right).code == 3)
    }

    @Test func weightsThatDoNotFitAreRefusedWithATable() throws {
        let program = try CommandLineProgram()
        let fixtures = goldens.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("ModelFilesTests/Fixtures")
        #expect(try program.run("models", "import", "missing.pth").code == 3)
        #expect(try program.run("models", "import", try program.write("no weights", to: "text.pth")).code == 2)
        let unsafe = try program.run("models", "import", fixtures.appendingPathComponent("calls.pth").path)
        #expect(unsafe.code == 2 && unsafe.errors.contains("posix.system") && unsafe.errors.contains("state_dict"))
        let other = fixtures.appendingPathComponent("checkpoint.pth").path
        #expect(try program.run("models", "import", other).errors.contains("fits no architecture"))
        let refused = try program.run("models", "import", other, "--architecture", "resnet18", "--json")
        let answer = try refused.decode(WeightsAnswer.self)
        #expect(refused.code == 2 && answer.model == nil && answer.problem.map(refused.errors.contains) == true)
        #expect(answer.rows.filter { $0.finding == "missing" }.count == answer.tensor_count - 20 && answer.rows.contains { $0.finding == "unused" && $0.file_shape == [2, 3] })
        let table = try program.run("models", "import", other, "--architecture", "resnet18")
        #expect(table.output.contains("missing  conv1.weight") && table.output.contains("took \"model\" of a whole checkpoint"))
        #expect(try program.run("models", "import", other, "--architecture", "resnet81").errors.contains("resnet18"))
        #expect(try program.json([WeightsAnswer.Model].self, "models", "list").isEmpty)
    }

    @Test func aProbeIsVerified() throws {
        let program = try CommandLineProgram()
        let result = try program.run("models", "verify", goldens.appendingPathComponent("mobilenet_v3_small.eval.json.gz").path)
        #expect(result.code == 0 && result.output.hasPrefix("passed"), "\(result.output) \(result.errors)")
        // The same reference with another loss is a failed check.
        let packed = try Data(contentsOf: goldens.appendingPathComponent("mobilenet_v3_small.eval.json.gz"))
        let text = String(decoding: try gunzip([UInt8](packed)), as: UTF8.self)
        let changed = text.replacing(try Regex(#""loss": *-?[0-9.e-]+"#), with: "\"loss\": 123.5")
        #expect(changed != text)
        #expect(try program.run("models", "verify", try program.write(changed, to: "changed.json")).code == 1)
        #expect(try program.run("models", "verify", "missing.json").code == 3)
    }
}

/// A run on one snapshot for both sides: 32-pixel images in batches of ten.
func configuration(
    dataset: String, snapshot: String, architecture: String = "mobilenet_v3_small", epochs: Int, cores: Int = 1
) -> String {
    let data = #"{"datasets": [{"id": "\#(dataset)", "version_id": "\#(snapshot)"}], "batch_size": 10}"#
    return """
        {"runform": {"train_data": \(data), "val_data": \(data), "task_type": "Image Classification", "labels": [],
         "optimizer": {"name": "AdamW", "kwargs": {"learningRate": 0.002}},
         "model": {"architecture": "\(architecture)", "input_size": {"height": 32, "width": 32, "apply": true}}},
         "train_kwargs": {"n_epochs": \(epochs)}, "resources": {"cpu": "\(cores)"}, "seed": 11}
        """
}
