import Foundation

/// Which theme the app wears.
package enum ThemeChoice: Equatable, Hashable, Sendable {
    /// Dark or light, as the terminal's background is.
    case automatic
    case shipped(ShippedThemes)
    /// A file of the user.
    case file(String)

    /// How the choice is written in settings and in `TRAINYARD_THEME`.
    package var text: String {
        switch self {
        case .automatic: "automatic"
        case .shipped(let theme): theme.rawValue
        case .file(let path): path
        }
    }
}

/// Where themes come from: those that the program carries, and the files of the user's theme folder.
package struct ThemeLibrary: Equatable, Sendable {
    /// The user's theme folder: `$XDG_CONFIG_HOME/trainyard/themes`.
    package let folder: String

    package init(environment: [String: String]) {
        let home = environment["HOME"] ?? "/"
        let configuration = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.config"
        folder = configuration + "/trainyard/themes"
    }

    package init(folder: String) {
        self.folder = folder
    }

    private static let endings = [".yaml", ".yml", ".theme"]

    /// A theme's name from its file's.
    static func name(ofFile path: String) -> String {
        (((path as NSString).lastPathComponent) as NSString).deletingPathExtension
    }

    /// All that can be chosen: automatic, the shipped ones, and the user's files in the order of their names.
    package func choices() -> [ThemeChoice] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let own = files.filter { file in Self.endings.contains { file.hasSuffix($0) } }.sorted()
        let shipped = ShippedThemes.allCases.map { ThemeChoice.shipped($0) }
        return [ThemeChoice.automatic] + shipped + own.map { ThemeChoice.file(folder + "/" + $0) }
    }

    /// The choice that a setting's text stands for: `automatic`, a shipped theme's name, a path, or a file's name in the folder.
    package func choice(_ text: String) -> ThemeChoice {
        if text.isEmpty || text == "automatic" { return .automatic }
        if let shipped = ShippedThemes(rawValue: text) { return .shipped(shipped) }
        if text.contains("/") { return .file((text as NSString).expandingTildeInPath) }
        let own = choices().first { choice in
            if case .file(let path) = choice { return Self.name(ofFile: path) == text || (path as NSString).lastPathComponent == text }
            return false
        }
        return own ?? .file(folder + "/" + text + ".yaml")
    }

    /// Reads the theme of a choice. `isLightTerminal` decides an automatic one.
    package func load(_ choice: ThemeChoice, isLightTerminal: Bool) throws(ThemeError) -> LoadedTheme {
        switch choice {
        case .automatic: return LoadedTheme(theme: isLightTerminal ? .light : .dark, warning: nil)
        case .shipped(let theme): return try theme.load()
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ThemeError(
                    description: "There is no theme file \(path). A theme can be "
                        + ShippedThemes.allCases.map(\.rawValue).joined(separator: ", ") + " or a file in \(folder).")
            }
            return try ThemeFile.parse(String(decoding: data, as: UTF8.self), source: path)
        }
    }

    /// Whether `COLORFGBG` tells of a light background; nil where it tells nothing.
    package static func isLight(environment: [String: String]) -> Bool? {
        environment["COLORFGBG"]?.split(separator: ";").last.flatMap { Int($0) }.map { $0 == 7 || $0 == 15 }
    }
}
