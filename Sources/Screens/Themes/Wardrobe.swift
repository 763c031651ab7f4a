import Foundation
import TerminalKit

/// The theme that the app wears, and where others come from.
struct Wardrobe: Equatable, Sendable {
    let library: ThemeLibrary
    private(set) var choice: ThemeChoice
    private(set) var theme: Theme
    private(set) var isLightTerminal: Bool

    init(library: ThemeLibrary, choice: ThemeChoice, theme: Theme, isLightTerminal: Bool) {
        self.library = library
        self.choice = choice
        self.theme = theme
        self.isLightTerminal = isLightTerminal
    }

    /// A theme that is worn for good, for screens without themes of a user.
    init(theme: Theme) {
        self.init(library: ThemeLibrary(folder: ""), choice: .shipped(.dark), theme: theme, isLightTerminal: false)
    }

    /// Opens with the theme that is asked for.
    init(library: ThemeLibrary, choice: ThemeChoice, isLightTerminal: Bool) throws(ThemeError) {
        let loaded = try library.load(choice, isLightTerminal: isLightTerminal)
        self.init(library: library, choice: choice, theme: loaded.theme, isLightTerminal: isLightTerminal)
    }

    /// Where files lie whose change may concern what is worn.
    var folders: Set<String> {
        guard case .file(let path) = choice else { return [library.folder] }
        return [library.folder, URL(fileURLWithPath: path).deletingLastPathComponent().path]
    }

    /// Puts a theme on and gives the sentence about what in its file was not understood.
    /// When it cannot be read, the old one stays on.
    mutating func wear(_ choice: ThemeChoice) throws(ThemeError) -> String? {
        let loaded = try library.load(choice, isLightTerminal: isLightTerminal)
        self.choice = choice
        theme = loaded.theme
        return loaded.warning
    }

    /// Reads a theme of the user's again.
    mutating func reload() throws(ThemeError) -> String? {
        guard case .file = choice else { return nil }
        return try wear(choice)
    }

    /// The terminal told its background: an automatic theme follows it.
    mutating func note(isLightTerminal isLight: Bool) {
        guard isLight != isLightTerminal else { return }
        isLightTerminal = isLight
        if choice == .automatic { theme = isLight ? .light : .dark }
    }
}
