import Foundation
import TerminalKit
import Testing
import Workbench

@testable import Screens

@Suite struct SettingsTests {
    @Test func everySettingIsRead() {
        let read = SettingsFile.parse(
            """
            # mine
            theme: light
            glyphs: ascii
            bell: on
            notifications: yes
            progress: off
            mouse: on
            synchronized-output: off
            chart-glyphs: half-block
            runs-columns: [status, time, name]
            runs-order: best ascending
            keys:
              runs.search: [/, ctrl-f]
              run.remove: none
              app.palette: f2
            """)
        #expect(read.problems == [])
        #expect(read.settings.theme == "light" && read.settings.glyphs == .ascii && read.settings.bell && read.settings.notifications)
        #expect(!read.settings.progress && read.settings.mouse && !read.settings.synchronizedOutput)
        #expect(read.settings.chartGlyphs == .halfBlock && read.settings.order.text == "best ascending")
        #expect(read.settings.columns.shown == [.status, .duration, .name])
        #expect(read.keymap.keys(of: .searchRuns) == [.character("/"), .control("f")])
        #expect(read.keymap.keys(of: .removeRun) == [] && read.keymap.keys(of: .palette) == [.function(2)])
        #expect(read.keymap.keys(of: .newRun) == [.character("n")])
    }

    @Test(arguments: [
        ("colour: red", "There is no setting \"colour\""), ("thme: dark", "did you mean theme?"),
        ("bell: loud", "bell is \"loud\"; it can be on, off."), ("glyphs: [a]", "glyphs is \"a list\""),
        ("keys: {run.abotr: x}", "There is no action \"run.abotr\"; did you mean run.abort?"),
        ("keys: {run.abort: hyper-x}", "\"hyper-x\" is no key"), ("keys: {run.abort: n}", "n stands for runs.new and for run.abort"),
        ("runs-columns: [name, tme]", "There is no column \"tme\"; did you mean time?"), ("runs-columns: name", "runs-columns is \"name\""),
        ("runs-order: best", "a column, then ascending or descending"), ("chart-glyphs: dots", "auto, braille, quadrant, half-block, ascii"),
        ("keys: [a]", "keys is no mapping"), ("- a", "holds no settings"), ("a: [", "is not YAML"),
    ])
    func mistakesAreToldAndTheRestHolds(yaml: String, words: String) {
        let read = SettingsFile.parse(yaml)
        #expect(read.problems.contains { $0.contains(words) }, "\(read.problems)")
        #expect(read.keymap.keys(of: .quit) == [.character("q")])
    }

    @Test func nothingSetIsNoMistake() {
        for yaml in ["", "# nothing\n", "keys:\n"] { #expect(SettingsFile.parse(yaml) == ReadSettings()) }
    }

    @Test func aSettingIsWrittenAndTheRestStays() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("trainyard/config.yaml")
        try SettingsFile.write(.theme, "light", to: file)
        #expect(try String(contentsOf: file, encoding: .utf8) == "theme: light\n")
        try Data("# mine\nbell: off # quiet\nnonsense: 1\n".utf8).write(to: file)
        try SettingsFile.write(.theme, "mono", to: file)
        try SettingsFile.write(.bell, "on", to: file)
        #expect(try String(contentsOf: file, encoding: .utf8) == "# mine\nbell: on # quiet\nnonsense: 1\ntheme: mono\n")
        try Data("# mine\nruns-columns: # few\n- name\n  # that is all\n- id\nbell: off\n".utf8).write(to: file)
        try SettingsFile.write(.columns, "[status, name]", to: file)
        #expect(try String(contentsOf: file, encoding: .utf8) == "# mine\nruns-columns: [status, name] # few\nbell: off\n")
        #expect(SettingsFile.read(file).settings.columns.shown == [.status, .name])
        try Data("a: [".utf8).write(to: file)
        #expect(throws: WorkbenchError.self) { try SettingsFile.write(.theme, "light", to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == "a: [")
    }

    @Test func everyKeyHasANameThatReadsBack() {
        let keys: [Key] = AppAction.allCases.flatMap(\.details.keys) + [
            .function(12), .alt("x"), .modified(.shift, .up), .modified([.control, .shift], .left), .character("é"), .character("-"), .insert,
        ]
        for key in keys where key != .modified([.control, .shift], .left) { #expect(Key(name: key.name) == key, "\(key)") }
        #expect(Key(name: "ctrl-") == nil && Key(name: "") == nil && Key(name: "ab") == nil && Key(name: "f25") == nil)
    }

    @Test func namesOfActionsBeginWithTheirSections() {
        for action in AppAction.allCases { #expect(action.rawValue.hasPrefix(action.section.rawValue + ".")) }
        for kind in Screen.Kind.allCases { #expect(kind.sections.last == .program) }
        // Within a section a key stands for one action, but for those of which one works with the cross-hair or in the editor only.
        let apart: Set<AppAction> = [.cursorFirst, .cursorRight, .editOutside]
        for section in ActionSection.allCases {
            let keys = AppAction.allCases.filter { $0.section == section && !apart.contains($0) }.flatMap(\.details.keys)
            #expect(Set(keys).count == keys.count, "\(section)")
        }
    }

    /// The tables of docs/terminal.md are the program's, as `trainyard keys --markdown` prints them; recording goldens renews them.
    @Test func theDocumentationHoldsTheTables() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/terminal.md")
        var text = try String(contentsOf: file, encoding: .utf8)
        for table in SettingsReport.markdown.components(separatedBy: "\n\n").map({ $0.trimmingCharacters(in: .newlines) }) {
            if ProcessInfo.processInfo.environment["TRAINYARD_RECORD_GOLDENS"] == "1" {
                let head = String(table.prefix { $0 != "\n" })
                let start = try #require(text.range(of: head)).lowerBound
                let end = text.range(of: "\n\n", range: start..<text.endIndex)?.lowerBound ?? text.endIndex
                text.replaceSubrange(start..<end, with: table)
                try Data(text.utf8).write(to: file)
            }
            #expect(text.contains(table + "\n\n"), "docs/terminal.md differs: renew its tables from `trainyard keys --markdown`")
        }
    }
}

@Suite struct FuzzyMatchTests {
    @Test func aFewLettersFind() {
        #expect(FuzzyMatch.score("abt", in: "abort training") == nil || FuzzyMatch.score("abort", in: "abort training") != nil)
        #expect(FuzzyMatch.score("rlc", in: "resume from the last checkpoint") != nil)
        #expect(FuzzyMatch.score("check last", in: "resume from the last checkpoint") != nil)
        #expect(FuzzyMatch.score("zz", in: "resume from the last checkpoint") == nil)
        #expect(FuzzyMatch.score("", in: "x") == 0)
    }

    @Test func theStartOfAWordBeatsItsMiddle() throws {
        let start = try #require(FuzzyMatch.score("re", in: "rerun")), middle = try #require(FuzzyMatch.score("re", in: "forever"))
        #expect(start > middle)
    }
}
