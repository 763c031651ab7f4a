import Foundation

/// One workload's measurements, ours and the peer's, a value a round.
struct Comparison: Codable {
    let workload: String
    let gigaOperations: Double
    let batch: Int
    var ours: [StepTimes] = []
    var peer: [StepTimes] = []

    /// The peer's median over ours of each round, so that a swing of the machine meets both.
    var ratios: [Double] { zip(ours, peer).map { $1.median / $0.median } }
    /// Our peak memory over the peer's.
    var memoryRatio: Double? {
        peer.isEmpty ? nil : ours.map(\.peakResidentMegabytes).median / peer.map(\.peakResidentMegabytes).median
    }
}

/// Why a measurement could not be taken.
struct MeasurementError: Error, CustomStringConvertible {
    let description: String
}

/// Runs measurements in processes of their own, ours and the peer's in turn, so that each has its own peak of memory.
struct Measurer {
    let steps, threads: Int
    /// A Python with torch, torchvision and ultralytics; nil measures ours alone.
    let peerPython: String?

    func measureOnce(_ workload: Workload, into comparison: inout Comparison) throws {
        let figures = [workload.architecture, "\(workload.batch)", "\(workload.size)", "\(steps)", "\(threads)"]
        let own = CommandLine.arguments[0]
        comparison.ours.append(try times(of: own, ["--measure"] + figures))
        guard let peerPython else { return }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("peer_step.py").path
        comparison.peer.append(try times(of: peerPython, [script] + figures))
    }

    private func times(of program: String, _ arguments: [String]) throws -> StepTimes {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        do { try process.run() } catch {
            throw MeasurementError(description: "\(program) cannot be started: \(error.localizedDescription)")
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // Libraries may greet on standard output; the figures are the last line.
        guard process.terminationStatus == 0, let line = data.split(separator: UInt8(ascii: "\n")).last else {
            throw MeasurementError(description: "\(program) \(arguments.joined(separator: " ")) ended with status \(process.terminationStatus).")
        }
        return try JSONDecoder().decode(StepTimes.self, from: line)
    }
}
