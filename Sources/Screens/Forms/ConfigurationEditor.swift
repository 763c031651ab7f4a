import TerminalKit
import Workbench

/// A configuration as text that is being edited, with what is wrong in it.
struct ConfigurationEditor: Equatable, Sendable {
    /// A mistake and the line that it stands on.
    struct Mistake: Equatable, Sendable {
        let line: Int
        let text: String
    }

    private(set) var editor: TextEditor
    private(set) var mistakes: [Mistake] = []
    /// The configuration that the text says, defaults filled in; nil while it has mistakes.
    private(set) var configuration: RunConfiguration?
    private let name: String
    private let version: String
    private let original: String

    init(_ configuration: RunConfiguration) {
        name = configuration.name
        version = configuration.version
        original = configuration.json
        editor = TextEditor(text: original)
        check()
    }

    var isChanged: Bool { editor.text != original }

    /// Takes a key; false when it is none of the editor's.
    mutating func handle(_ key: Key) -> Bool {
        let before = editor.lines
        guard editor.handle(key) else { return false }
        if editor.lines != before { check() }
        return true
    }

    /// Takes the text that another program edited.
    mutating func take(_ text: String) {
        editor.replace(with: text.hasSuffix("\n") ? String(text.dropLast()) : text)
        check()
    }

    /// Goes to the next line with a mistake.
    mutating func goToMistake() {
        guard let first = mistakes.first else { return }
        editor.go(to: (mistakes.first { $0.line > editor.row } ?? first).line)
    }

    /// The mistake to tell: one on the cursor's line, or the first.
    var shownMistake: (index: Int, mistake: Mistake)? {
        let index = mistakes.firstIndex { $0.line == editor.row } ?? 0
        return mistakes.indices.contains(index) ? (index, mistakes[index]) : nil
    }

    /// Where the cursor is in the document.
    var pointer: String { JSONPlaces(editor.text).pointer(at: editor.row) }

    private mutating func check() {
        let text = editor.text
        let places = JSONPlaces(text)
        configuration = nil
        if let mistake = places.mistake {
            mistakes = [Mistake(line: mistake.line, text: "Not JSON: \(mistake.message).")]
            return
        }
        let read = RunConfiguration.reading(text, name: name, version: version)
        configuration = read.configuration
        mistakes = read.problems.map { Mistake(line: places.line(of: $0.path), text: "\($0.path.isEmpty ? "/" : $0.path): \($0.message)") }
            .sorted { $0.line < $1.line }
    }
}
