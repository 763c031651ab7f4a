import Datasets
import Foundation
import Testing
@testable import Workbench

/// A home in a folder of its own, with writers for small data sets; all of it goes with the last reference.
final class TemporaryHome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("workbench-\(UUID().uuidString)")
    var home: URL { folder.appendingPathComponent("home") }
    let workbench: Workbench

    init(machine: MachineResources = MachineResources()) throws {
        workbench = try Workbench(home: folder.appendingPathComponent("home"), executor: LocalTrainer(), machine: machine)
    }

    deinit {
        workbench.close()
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: Files

    func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

    func write(_ data: Data, to path: String) throws { try data.write(to: place(path)) }

    /// A square of one brightness with a brighter stripe, so that labels can be told apart and no two files are equal.
    func writeImage(to path: String, brightness: UInt8, stripe: Int, side: Int = 32) throws {
        var pixels = [UInt8](repeating: brightness, count: side * side * 3)
        for column in 0..<side * 3 { pixels[(stripe % side) * side * 3 + column] = brightness &+ 60 }
        try ImageWriter.writePNG(RGBImage(width: side, height: side, pixels: pixels), to: place(path))
    }

    private func place(_ path: String) throws -> URL {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return url
    }

    // MARK: Data sets

    /// Folders `dark` and `light` below train and val, or right below the root when `validation` is 0.
    func writeClassFolders(_ name: String, train: Int = 6, validation: Int = 2) throws -> URL {
        for (label, brightness) in [("dark", UInt8(20)), ("light", UInt8(180))] {
            let folder = validation == 0 ? "\(name)/\(label)" : "\(name)/train/\(label)"
            for index in 0..<train { try writeImage(to: "\(folder)/\(index).png", brightness: brightness, stripe: index) }
            for index in 0..<validation {
                try writeImage(to: "\(name)/val/\(label)/\(index).png", brightness: brightness, stripe: 20 + index)
            }
        }
        return folder.appendingPathComponent(name)
    }

    /// A YOLO folder of cats, dogs and empty pictures in turn: image i bears label i % 3, and none where that is 2.
    func writeYOLOFolder(_ name: String, train: Int = 9, validation: Int = 3) throws -> URL {
        try write("train: images/train\nval: images/val\nnames: [cat, dog]\n", to: "\(name)/data.yaml")
        for (split, count) in [("train", train), ("val", validation)] {
            for index in 0..<count {
                try writeImage(to: "\(name)/images/\(split)/\(index).png", brightness: 40, stripe: index, side: 64)
                if index % 3 < 2 { try write("\(index % 3) 0.5 0.5 0.5 0.25\n", to: "\(name)/labels/\(split)/\(index).txt") }
            }
        }
        return folder.appendingPathComponent(name)
    }

    /// A run of seconds on two classes of 32-pixel images: three steps an epoch.
    func tinyDraft(named name: String, on dataset: DatasetSummary, epochs: Int) throws -> RunDraft {
        var draft = try workbench.draft(on: dataset)
        draft.name = name
        draft.epochs = epochs
        draft.batchSize = 4
        draft.imageSize = 32
        draft.seed = 3
        return draft
    }

    /// Looks until `isReached` holds; records an issue after five minutes.
    @discardableResult
    func wait(for run: String, _ isReached: (RunDetail) -> Bool) throws -> RunDetail {
        let deadline = Date().addingTimeInterval(300)
        while true {
            let detail = try workbench.run(run)
            if isReached(detail) { return detail }
            if Date() > deadline {
                Issue.record("the run is still \(detail.summary.status.rawValue) at step \(detail.step): \(detail.summary.message)")
                return detail
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    func waitForEnd(of run: String) throws -> RunDetail { try wait(for: run) { $0.summary.status.isTerminal } }
}

/// The kind of the workbench's refusal, and its sentence; nil when nothing was thrown.
func refusal(_ body: () throws -> Void) -> (kind: WorkbenchError.Kind, text: String)? {
    do { try body() } catch let error as WorkbenchError { return (error.kind, error.description) } catch {
        Issue.record("not the workbench's error: \(error)")
    }
    return nil
}
