import Foundation
import Testing

/// Runs of the real program on a few scans of digits: what they print, leave, and survive.
@Suite(.serialized) struct TrainingCommandTests {
    /// A home with a data set of six training and two validation scans of each digit.
    private func prepared() throws -> (program: CommandLineProgram, snapshot: SnapshotRow) {
        let program = try CommandLineProgram()
        #expect(try program.run("samples", "create", "digits").code == 0)
        let files = FileManager.default
        for (split, count) in [("train", 6), ("val", 2)] {
            for digit in 0..<10 {
                let source = program.home.appendingPathComponent("samples/digits/\(split)/\(digit)")
                let target = program.folder.appendingPathComponent("few/\(split)/\(digit)")
                try files.createDirectory(at: target, withIntermediateDirectories: true)
                for name in try files.contentsOfDirectory(atPath: source.path).sorted().prefix(count) {
                    try files.copyItem(at: source.appendingPathComponent(name), to: target.appendingPathComponent(name))
                }
            }
        }
        let dataset = try program.json(ImportAnswer.self, "datasets", "import", "few").dataset
        #expect(dataset.image_count == 80 && dataset.problem_count == 0)
        let snapshot = try #require(
            try program.json([SnapshotRow].self, "snapshots", "list").first { $0.dataset_id == dataset.id })
        #expect(snapshot.train_count == 60 && snapshot.val_count == 20)
        return (program, snapshot)
    }

    @Test func aRunFromConfigurationToModel() throws {
        let (program, snapshot) = try prepared()
        let file = try program.write(configuration(dataset: snapshot.dataset_id, snapshot: snapshot.id, epochs: 2), to: "tiny.json")
        let run = try program.json(RunAnswer.self, "runs", "create", "--config", file)
        #expect(run.summary.name == "tiny" && run.summary.status == "success" && run.step == 12 && run.model_ids.count == 1)

        #expect(try program.json(RunAnswer.self, "runs", "show", "tiny").summary.id == run.summary.id)
        let series = try program.json([MetricSeries].self, "runs", "metrics", "tiny")
        let loss = try #require(series.first { $0.tag == "train/loss" })
        #expect(loss.points.map(\.step) == Array(1...12) && loss.points.allSatisfy { $0.value.isFinite && $0.value > 0 })
        #expect(series.contains { $0.tag == "metrics/accuracy_top1" && $0.points.map(\.step) == [6, 12] })
        let table = try program.run("runs", "metrics", "tiny", "--tag", "train/loss", "--csv")
        #expect(table.output.split(separator: "\n").count == 13)
        #expect(try program.run("runs", "logs", "tiny").output.contains("60 training images"))
        #expect(try program.run("runs", "list", "--status", "job_completed").output.contains("tiny"))
        #expect(try program.run("runs", "wait", "tiny").code == 0)

        // A finished run can be neither aborted nor resumed; more cores than there are can not be had.
        #expect(try program.run("runs", "abort", "tiny").code == 4)
        #expect(try program.run("runs", "resume", "tiny").code == 4)
        let greedy = try program.write(
            configuration(dataset: snapshot.dataset_id, snapshot: snapshot.id, epochs: 1, cores: 9999), to: "greedy.json")
        let refused = try program.run("runs", "create", "--config", greedy)
        #expect(refused.code == 5 && refused.errors.contains("Resources not available because this machine has"))

        let image = program.folder.appendingPathComponent("few/val/3").path
        let scan = try #require(try FileManager.default.contentsOfDirectory(atPath: image).sorted().first)
        let predictions = try program.json(
            [PredictionAnswer].self, "models", "predict", "--weights", run.model_ids[0], "--confidence", "0", "--pictures", "pictures",
            "\(image)/\(scan)")
        #expect(predictions.count == 1 && predictions[0].found.count == 5)
        let picture = try Data(contentsOf: URL(fileURLWithPath: try #require(predictions[0].picture), relativeTo: program.folder))
        #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))

        #expect(try program.run("models", "export", "tiny", "--file", "out.safetensors").code == 0)
        let weights = try Data(contentsOf: program.folder.appendingPathComponent("out.safetensors"))
        let length = weights.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = String(decoding: weights.dropFirst(8).prefix(length), as: UTF8.self)
        #expect(header.contains("\"features.0.0.weight\"") && header.contains("\"classifier.3.bias\""))
        let exported = try program.run("models", "predict", "--weights", "out.safetensors", "\(image)/\(scan)")
        #expect(exported.code == 0, "\(exported.errors)")

        // The export comes back as a model, with another number of labels it loses its head, and a run starts from it.
        let imported = try program.json(WeightsAnswer.self, "models", "import", "out.safetensors", "--name", "again", "--labels", "a,b,c")
        #expect(imported.architecture == "mobilenet_v3_small" && imported.format == "safetensors" && imported.taken_count == imported.tensor_count - 2)
        #expect(imported.rows.map(\.finding) == ["replaced", "replaced"] && imported.rows[0].network_shape == [3, 1024] && imported.rows[0].file_shape == [10, 1024])
        let next = try program.write(configuration(dataset: snapshot.dataset_id, snapshot: snapshot.id, epochs: 1), to: "next.json")
        #expect(try program.json(RunAnswer.self, "runs", "create", "--config", next, "--from-model", "again").summary.status == "success")
        let log = try program.run("runs", "logs", "next").output
        #expect(log.contains("started from again: ") && log.contains("the head for 3 classes was replaced with a fresh one for 10"))
        let direct = try program.run("runs", "create", "--config", next, "--name", "direct", "--from-model", "out.safetensors")
        #expect(direct.code == 0 && direct.output.contains("Imported as out 1.0, 10 labels"), "\(direct.errors)")
        #expect(try program.run("runs", "logs", "direct").output.contains(" 0 fresh"))
        #expect(try program.run("runs", "create", "--config", next, "--from-model", "nothing").code == 3)

        #expect(try program.run("runs", "remove", "tiny").code == 2)
        #expect(try program.run("runs", "remove", "tiny", "--yes").code == 0)
        #expect(try program.run("runs", "show", "tiny").code == 3)
        #expect(try program.run("models", "show", run.model_ids[0]).code == 0)
    }

    /// What was decoded once is read from the disk by the next run, which learns the same from it.
    @Test func decodedImagesAreKeptOnTheDisk() throws {
        let (program, snapshot) = try prepared()
        let file = try program.write(configuration(dataset: snapshot.dataset_id, snapshot: snapshot.id, epochs: 1), to: "kept.json")
        func losses(_ name: String, keeps: Bool = true) throws -> [Double] {
            let setting = "/runform/image_cache/apply=\(keeps)"
            #expect(try program.run("runs", "create", "--config", file, "--name", name, "--set", setting).code == 0)
            let series = try program.json([MetricSeries].self, "runs", "metrics", name)
            return try #require(series.first { $0.tag == "train/loss" }).points.map(\.value)
        }
        let folder = program.home.appendingPathComponent("cache/images")
        let decoded = try losses("decoded", keeps: false)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        #expect(try losses("filled") == decoded)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count == 80)
        #expect(try losses("again") == decoded)
        // Where the folder cannot be used, the run says so and goes on without.
        try Data("not a folder".utf8).write(to: program.home.appendingPathComponent("file"))
        try FileManager.default.removeItem(at: folder)
        try FileManager.default.moveItem(at: program.home.appendingPathComponent("file"), to: folder)
        #expect(try losses("refused") == decoded)
        #expect(try program.run("runs", "logs", "refused").output.contains("decoded images are not kept in"))
    }

    @Test func aKilledRunGoesOnToTheSameMetrics() throws {
        let (program, snapshot) = try prepared()
        let file = try program.write(configuration(dataset: snapshot.dataset_id, snapshot: snapshot.id, epochs: 12), to: "plan.json")
        let whole = try program.json(RunAnswer.self, "runs", "create", "--config", file, "--name", "whole")
        #expect(whole.summary.status == "success" && whole.step == 72)

        let (process, _, errors) = try program.process(["runs", "create", "--config", file, "--name", "killed", "--json"])
        try process.run()
        try waitForCheckpoint(of: process, in: program.home, beside: whole.summary.id)
        let said = try String(contentsOf: errors, encoding: .utf8)
        #expect(process.isRunning, "\(said)")
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()

        let killed = try #require(try program.json([RunRow].self, "runs", "list").first { $0.name == "killed" })
        #expect(killed.status == "aborted" && killed.message.contains("resume continues from step"), "\(killed.message)")
        #expect(try program.run("runs", "wait", "killed").code == 1)

        let resumed = try program.json(RunAnswer.self, "runs", "resume", "killed")
        #expect(resumed.summary.status == "success" && resumed.summary.attempt == 2 && resumed.step == 72)
        // What the machine did meanwhile differs from run to run.
        func trained(_ run: String) throws -> [MetricSeries] {
            try program.json([MetricSeries].self, "runs", "metrics", run).filter { !$0.tag.hasPrefix("system/") }
        }
        let expected = try trained("whole"), found = try trained("killed")
        #expect(Set(found.map(\.tag)) == Set(expected.map(\.tag)))
        for series in found {
            let steps = Dictionary(grouping: expected.first { $0.tag == series.tag }?.points ?? [], by: \.step)
            #expect(series.points.last == expected.first { $0.tag == series.tag }?.points.last, "\(series.tag) ends differently")
            for point in series.points { #expect(steps[point.step] == [point], "\(series.tag) at step \(point.step)") }
            #expect(Set(series.points.map(\.step)).count == series.points.count, "\(series.tag) has a step twice")
        }
    }

    /// Returns once a further run has written a checkpoint and a few more steps, or its process has ended.
    private func waitForCheckpoint(of process: Process, in home: URL, beside other: String) throws {
        let runs = home.appendingPathComponent("runs"), deadline = Date().addingTimeInterval(300)
        while process.isRunning, Date() < deadline {
            let folders = try FileManager.default.contentsOfDirectory(atPath: runs.path).filter { $0 != other }
            let files = folders.flatMap { FileManager.default.subpaths(atPath: runs.appendingPathComponent($0).path) ?? [] }
            if files.contains(where: { $0.hasSuffix("last.safetensors") }) { break }
            Thread.sleep(forTimeInterval: 0.005)
        }
        Thread.sleep(forTimeInterval: 0.6)
    }
}
