import Foundation
import TerminalKit
import Workbench

/// What the theme screen asks for: the themes there are.
enum ThemesEffect: ServiceEffect {
    case load(ThemeLibrary, isLightTerminal: Bool)

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .load(let library, let isLight):
            return .themes(.loaded(library.choices().map { Self.entry($0, library: library, isLight: isLight) }))
        }
    }

    private static func entry(_ choice: ThemeChoice, library: ThemeLibrary, isLight: Bool) -> ThemeEntry {
        do {
            let loaded = try library.load(choice, isLightTerminal: isLight)
            return ThemeEntry(choice: choice, theme: loaded.theme, problem: loaded.warning)
        } catch {
            return ThemeEntry(choice: choice, theme: nil, problem: error.description)
        }
    }
}

enum ThemesAnswer: Equatable, Sendable {
    case loaded([ThemeEntry])
}

/// A theme as the list shows it; without a theme where its file cannot be read.
struct ThemeEntry: Equatable, Sendable {
    let choice: ThemeChoice
    let theme: Theme?
    let problem: String?

    var title: String { Self.title(of: choice) }

    static func title(of choice: ThemeChoice) -> String {
        switch choice {
        case .automatic: "automatic"
        case .shipped(let theme): theme.rawValue
        case .file(let path): (path as NSString).lastPathComponent
        }
    }

    var summary: String {
        switch choice {
        case .automatic: "dark or light, as the terminal is"
        case .shipped(let theme): theme.summary
        case .file: problem == nil ? "yours" : theme == nil ? "cannot be read" : "yours, not all of it understood"
        }
    }
}
