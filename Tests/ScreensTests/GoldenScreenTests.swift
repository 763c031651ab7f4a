import Foundation
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// Screens as text. A golden that should change is written anew with TRAINYARD_RECORD_GOLDENS=1.
@Suite struct GoldenScreenTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")

    static func check(_ journey: Journey, _ name: String) throws {
        let size = journey.driver.size
        let file = folder.appendingPathComponent("\(name)-\(size.width)x\(size.height).txt")
        if ProcessInfo.processInfo.environment["TRAINYARD_RECORD_GOLDENS"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try (journey.text + "\n").write(to: file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(journey.text + "\n" == golden, "\(file.lastPathComponent) differs")
    }

    @Test(arguments: [(40, 12), (80, 24), (160, 50)]) func mainScreens(width: Int, height: Int) throws {
        let table = try Journey(width: width, height: height, runs: MemoryWorkbench.someRuns)
        table.press(.down, .down)
        try Self.check(table, "runs")
        table.type("?")
        try Self.check(table, "help")
        table.press(.escape)
        table.type("R")
        try Self.check(table, "remove")

        try Self.check(Journey(width: width, height: height), "empty")

        let live = try Journey(width: width, height: height, runs: MemoryWorkbench.someRuns)
        live.workbench.addCurves()
        live.press(.enter)
        try Self.check(live, "live")
        live.type("1")
        try Self.check(live, "live-loss")
    }

    @Test func asciiAndTooSmall() throws {
        let ascii = try Journey(unicode: false, colors: .none, runs: MemoryWorkbench.someRuns)
        ascii.workbench.addCurves()
        ascii.press(.enter)
        try Self.check(ascii, "live-ascii")
        #expect(ascii.text.allSatisfy { $0.isASCII })
        let small = try Journey(width: 39, height: 12)
        #expect(small.text.contains("✗ 39 columns, needs 40"))
        small.type("n")
        #expect(small.model.top.kind == .runs)
    }
}
