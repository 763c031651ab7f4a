import Foundation
import TerminalKit
import Testing

@testable import Screens

/// How a golden's screen is shown: its size, the characters and the colours of the terminal.
///
/// A model knows neither, so one journey is held in every variant: the screen is only drawn again.
struct GoldenVariant: Sendable {
    let size: TerminalSize
    let isUnicode: Bool
    let isColored: Bool

    static let sizes = [TerminalSize(width: 40, height: 12), TerminalSize(width: 80, height: 24), TerminalSize(width: 160, height: 50)]

    /// The four ways to show a size, in the order in which a golden holds them.
    static func all(of size: TerminalSize) -> [GoldenVariant] {
        [true, false].flatMap { isUnicode in [true, false].map { GoldenVariant(size: size, isUnicode: isUnicode, isColored: $0) } }
    }

    var capabilities: TerminalCapabilities { TerminalCapabilities(colors: isColored ? .palette256 : .none, unicode: isUnicode) }
    var name: String { (isUnicode ? "Unicode" : "ASCII") + (isColored ? ", 256 colours" : ", no colours") }
}

/// Screens as whole buffers: text, styles and cursor, a file for each screen and size.
///
/// A golden that should change is written anew with TRAINYARD_RECORD_GOLDENS=1.
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
    static var isRecording: Bool { ProcessInfo.processInfo.environment["TRAINYARD_RECORD_GOLDENS"] == "1" }

    /// Holds the open screen in every variant against its goldens. Only one that `usesSigns` in place of colours may have
    /// another text without them.
    static func check(
        _ journey: Journey, _ name: String, sizes: [TerminalSize] = GoldenVariant.sizes, usesSigns: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for size in sizes {
            let file = "\(name)-\(size.width)x\(size.height).txt"
            var text = GoldenText(title: "\(name) at \(size.width)x\(size.height)")
            var colored: String?
            for variant in GoldenVariant.all(of: size) {
                let frame = try #require(journey.frame(size: size, capabilities: variant.capabilities))
                #expect(frame.size == size, sourceLocation: sourceLocation)
                if !variant.isUnicode {
                    #expect(frame.cells.allSatisfy { $0.character.isASCII }, "\(file), \(variant.name): only ASCII", sourceLocation: sourceLocation)
                }
                if !variant.isColored {
                    let isPlain = frame.cells.allSatisfy { $0.style.foreground == nil && $0.style.background == nil }
                    #expect(isPlain, "\(file), \(variant.name): no cell has a colour", sourceLocation: sourceLocation)
                }
                let isSame = variant.isColored || usesSigns || frame.text == colored
                #expect(isSame, "\(file), \(variant.name): the text is that with colours", sourceLocation: sourceLocation)
                colored = frame.text
                text.add(frame, of: variant)
            }
            let place = folder.appendingPathComponent(file)
            if isRecording {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try text.whole.write(to: place, atomically: true, encoding: .utf8)
            }
            let golden = try String(contentsOf: place, encoding: .utf8)
            if let difference = difference(of: text.whole, from: golden) {
                Issue.record("\(file) \(difference)", sourceLocation: sourceLocation)
            }
        }
    }

    /// The first line that differs, under its heading; nil for equal texts.
    static func difference(of text: String, from golden: String) -> String? {
        let new = text.components(separatedBy: "\n"), old = golden.components(separatedBy: "\n")
        guard let index = (0..<max(new.count, old.count)).first(where: { $0 >= new.count || $0 >= old.count || new[$0] != old[$0] }) else { return nil }
        let heading = old.prefix(index + 1).last { $0.hasPrefix("## ") } ?? "its title"
        let was = index < old.count ? old[index] : "(ends)", now = index < new.count ? new[index] : "(ends)"
        return "differs at line \(index + 1), \(heading)\nwas: \(was)\nnow: \(now)"
    }
}

/// The text of a golden: the frames of one screen and size, with what they share written once.
struct GoldenText {
    private var sections: [(heading: String, lines: [String])] = []
    private var names: [Style: String] = [:]
    private var legend: [String] = []
    private let title: String

    init(title: String) { self.title = title }

    mutating func add(_ frame: CellBuffer, of variant: GoldenVariant) {
        let cursor = frame.cursor.map { ["cursor in column \($0.x), row \($0.y)"] } ?? []
        add("text: \(variant.name)", frame.lines + cursor)
        add("styles: \(variant.name)", plane(of: frame))
    }

    /// Adds a section, or says which one before it has the same lines.
    private mutating func add(_ heading: String, _ lines: [String]) {
        let same = sections.first { $0.lines == lines }
        sections.append((heading, same.map { ["(as \($0.heading))"] } ?? lines))
    }

    /// The styles of each row, such as `a3 b20 a57`: so many cells of each; `=12` for twelve rows as the one above.
    private mutating func plane(of frame: CellBuffer) -> [String] {
        var rows: [String] = [], above = "", repeats = 0
        func closing(_ rows: [String]) -> [String] { repeats == 0 ? rows : rows + ["=\(repeats)"] }
        for y in 0..<frame.size.height {
            var runs: [(name: String, count: Int)] = []
            for x in 0..<frame.size.width {
                let name = name(of: frame[x: x, y: y].style)
                if let last = runs.last, last.name == name { runs[runs.count - 1].count += 1 } else { runs.append((name, 1)) }
            }
            let row = runs.map { $0.name + ($0.count == 1 ? "" : "\($0.count)") }.joined(separator: " ")
            if row == above {
                repeats += 1
            } else {
                rows = closing(rows) + [row]
                repeats = 0
            }
            above = row
        }
        return closing(rows)
    }

    private mutating func name(of style: Style) -> String {
        if let name = names[style] { return name }
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var name = "", rest = names.count
        repeat {
            name = String(letters[rest % letters.count]) + name
            rest = rest / letters.count - 1
        } while rest >= 0
        names[style] = name
        legend.append("\(name) \(Self.words(style))")
        return name
    }

    private static func words(_ style: Style) -> String {
        func color(_ color: TerminalColor) -> String {
            switch color {
            case .palette(let index): "\(index)"
            case .rgb(let color): "#" + [color.red, color.green, color.blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
        }
        let attributes: [(TextAttributes, String)] = [(.bold, "bold"), (.dim, "dim"), (.underline, "underline"), (.reverse, "reverse")]
        var words: [String] = []
        if let foreground = style.foreground { words.append("fg \(color(foreground))") }
        if let background = style.background { words.append("bg \(color(background))") }
        words += attributes.filter { style.attributes.contains($0.0) }.map(\.1)
        return words.isEmpty ? "plain" : words.joined(separator: " ")
    }

    var whole: String {
        var lines = ["# \(title)"]
        for section in sections { lines += ["", "## \(section.heading)"] + section.lines }
        return (lines + ["", "## legend"] + legend).joined(separator: "\n") + "\n"
    }
}
