import Foundation
import Testing

/// What a command left.
struct CommandResult {
    let code: Int32
    let output: String
    let errors: String

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONDecoder().decode(type, from: Data(output.utf8)) }
}

/// The built program with a home of its own, which goes with the last reference.
final class CommandLineProgram: Sendable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-tests-\(UUID().uuidString)")
    var home: URL { folder.appendingPathComponent("home") }

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The executable stands beside the test bundle.
    static func executable() throws -> URL {
        var folder = Bundle.main.bundleURL
        for _ in 0..<3 {
            let candidate = folder.appendingPathComponent("trainyard")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: Bundle.main.bundleURL.appendingPathComponent("trainyard").path])
    }

    /// A process that has not been started, without a terminal; its output goes to files, which never fill up.
    func process(_ arguments: [String], home: String? = nil) throws -> (process: Process, output: URL, errors: URL) {
        let process = Process()
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["TRAINYARD_HOME": home ?? self.home.path]) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let name = UUID().uuidString
        let output = folder.appendingPathComponent(name + ".out"), errors = folder.appendingPathComponent(name + ".err")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        return (process, output, errors)
    }

    func run(_ arguments: String..., home: String? = nil) throws -> CommandResult {
        let (process, output, errors) = try process(arguments, home: home)
        try process.run()
        process.waitUntilExit()
        return CommandResult(
            code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Runs a command that reads lines.
    func run(_ arguments: [String], input lines: [String]) throws -> CommandResult {
        let (process, output, errors) = try process(arguments)
        let file = folder.appendingPathComponent(UUID().uuidString + ".in")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        process.standardInput = try FileHandle(forReadingFrom: file)
        try process.run()
        process.waitUntilExit()
        return CommandResult(
            code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Runs a command that must succeed, and decodes its JSON.
    func json<Value: Decodable>(_ type: Value.Type, _ arguments: String...) throws -> Value {
        let (process, output, errors) = try process(arguments + ["--json"])
        try process.run()
        process.waitUntilExit()
        let said = try String(contentsOf: errors, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(arguments): \(said)")
        return try JSONDecoder().decode(type, from: Data(contentsOf: output))
    }

    func write(_ text: String, to path: String) throws -> String {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url.path
    }
}

// MARK: What the program's JSON says, as far as tests look at it

struct ArchitectureRow: Decodable, Equatable {
    let name, architecture, task, size: String
    let trainable_parameters, memory_mb: Int
}

struct ImportAnswer: Decodable {
    struct Dataset: Decodable {
        let id, name, task: String
        let image_count, problem_count: Int
    }
    struct Problem: Decodable {
        let file, reason: String
    }
    let dataset: Dataset
    let problems: [Problem]
}

struct SnapshotRow: Decodable {
    let id, dataset_id: String
    let train_count, val_count: Int
}

struct RunRow: Decodable {
    let id, name, status, message: String
    let attempt: Int
}

struct RunAnswer: Decodable {
    let summary: RunRow
    let step, total_steps: Int
    let model_ids: [String]
}

struct MetricSeries: Decodable, Equatable {
    struct Point: Decodable, Equatable {
        let step: Int
        let value: Double
    }
    let tag: String
    let points: [Point]
}

struct WeightsAnswer: Decodable {
    struct Model: Decodable { let id, name, architecture: String }
    struct Row: Decodable {
        let finding, key: String
        let network_shape, file_shape: [Int]?
    }
    let architecture, format: String
    let taken_count, tensor_count: Int
    let rows: [Row]
    let model: Model?
    let problem: String?
}

struct PredictionAnswer: Decodable {
    struct Found: Decodable {
        let label: String
        let confidence: Double
    }
    let found: [Found]
    let picture: String?
}
