/// The themes that the program carries: the files in `themes/`, embedded.
package enum ShippedThemes: String, CaseIterable, Sendable {
    case dark, light
    case highContrast = "high-contrast"
    case deuteranopia, tritanopia, mono, terminal

    private var yaml: [UInt8] {
        switch self {
        case .dark: PackageResources.dark_yaml
        case .light: PackageResources.light_yaml
        case .highContrast: PackageResources.high_contrast_yaml
        case .deuteranopia: PackageResources.deuteranopia_yaml
        case .tritanopia: PackageResources.tritanopia_yaml
        case .mono: PackageResources.mono_yaml
        case .terminal: PackageResources.terminal_yaml
        }
    }

    package func load() throws(ThemeError) -> LoadedTheme {
        try ThemeFile.parse(String(decoding: yaml, as: UTF8.self), source: "themes/\(rawValue).yaml", base: [:])
    }

    /// The theme; tests hold that each file is whole, so the colourless stand-in is never seen.
    package static func theme(_ choice: ShippedThemes) -> Theme {
        (try? choice.load().theme) ?? Theme(name: choice.rawValue, colors: [:])
    }

    /// What it is for, in a line.
    package var summary: String {
        switch self {
        case .dark: "light text on a dark ground"
        case .light: "dark text on a light ground"
        case .highContrast: "white and saturated colours on black"
        case .deuteranopia: "for red-green colour blindness"
        case .tritanopia: "for blue-yellow colour blindness"
        case .mono: "no colours: weight and inversion only"
        case .terminal: "the terminal's own sixteen colours"
        }
    }
}
