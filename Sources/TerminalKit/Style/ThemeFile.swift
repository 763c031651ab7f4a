import Foundation
import Yams

/// Why a theme file was refused: what is wrong, where, what is allowed.
package struct ThemeError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

/// A theme that was read, and the one sentence about what in its file was not understood.
package struct LoadedTheme: Equatable, Sendable {
    package var theme: Theme
    package var warning: String?
}

/// Reads a theme's file: our YAML, base16 YAML or btop's `.theme`, told apart by what is in it.
///
/// Our own has `name`, `base` (the shipped theme that gives the roles which are left out; dark without it) and `colors`,
/// for each role a colour: `"#rrggbb"`, `ansi-0` to `ansi-15`, or `default`.
/// What is missing or unknown takes the base's value and is told in one warning: a theme is no reason not to start.
package enum ThemeFile {
    package static func parse(_ text: String, source: String) throws(ThemeError) -> LoadedTheme {
        try parse(text, source: source, base: nil)
    }

    /// `base` gives the roles that the file leaves out, before its own `base` is looked at.
    static func parse(_ text: String, source: String, base: [ThemeRole: TerminalColor]?) throws(ThemeError) -> LoadedTheme {
        if BtopTheme.looksLike(text) { return BtopTheme.parse(text, source: source) }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ThemeError(description: "\(source) is not YAML: \(error). Compare it with themes/dark.yaml.")
        }
        guard let mapping = root?.mapping else {
            throw ThemeError(description: "\(source) holds no mapping. A theme has the keys name, base and colors.")
        }
        if let imported = Base16Theme.parse(mapping, source: source) { return imported }
        return try own(mapping, source: source, base: base)
    }

    private static func own(
        _ mapping: Node.Mapping, source: String, base: [ThemeRole: TerminalColor]?
    ) throws(ThemeError) -> LoadedTheme {
        var doubts = ThemeDoubts()
        var name: String?
        var colors: Node.Mapping?
        var wantedBase = "dark"
        for (key, value) in mapping {
            switch key.string {
            case "name": name = value.string
            case "base": wantedBase = value.string ?? ""
            case "colors": colors = value.mapping
            default: doubts.unknown.append(key.string ?? "?")
            }
        }
        guard let colors else { throw ThemeError(description: "\(source) has no colors. Add colors: and a role below it.") }
        let parent = ShippedThemes(rawValue: wantedBase)
        if parent == nil { doubts.unreadable.append("base: \(wantedBase)") }
        var theme = Theme(
            name: name ?? ThemeLibrary.name(ofFile: source), colors: base ?? ShippedThemes.theme(parent ?? .dark).colors)
        for (key, value) in colors {
            guard let role = ThemeRole(rawValue: key.string ?? "") else {
                doubts.unknown.append(key.string ?? "?")
                continue
            }
            switch color(value.string ?? "") {
            case .some(let color): theme.colors[role] = color
            case .none: doubts.unreadable.append("\(role.rawValue): \(value.string ?? "?")")
            }
        }
        let given = Set(colors.compactMap { ThemeRole(rawValue: $0.key.string ?? "") })
        // A file that names its base leaves roles out on purpose.
        if !mapping.contains(where: { $0.key.string == "base" }) {
            doubts.missing = ThemeRole.allCases.filter { !given.contains($0) }.map(\.rawValue)
        }
        return LoadedTheme(theme: theme, warning: doubts.sentence(source: source, base: (parent ?? .dark).rawValue))
    }

    /// A colour as our files write it; the outer nil is one that cannot be read, the inner nil the terminal's own.
    private static func color(_ text: String) -> TerminalColor?? {
        if text == "default" { return .some(nil) }
        if let color = RGBColor(hex: text) { return .some(.rgb(color)) }
        if text.hasPrefix("ansi-"), let index = UInt8(text.dropFirst(5)), index < 16 { return .some(.palette(index)) }
        return nil
    }
}

/// What a theme's file left open, put into one sentence.
struct ThemeDoubts {
    var unknown: [String] = []
    var unreadable: [String] = []
    var missing: [String] = []

    func sentence(source: String, base: String) -> String? {
        var parts: [String] = []
        if !unknown.isEmpty { parts.append("does not know \(Self.list(unknown))") }
        if !unreadable.isEmpty { parts.append("cannot read \(Self.list(unreadable))") }
        if !missing.isEmpty { parts.append("misses \(Self.list(missing))") }
        guard !parts.isEmpty else { return nil }
        return "The theme \(source) " + parts.joined(separator: ", ") + ": the colours of \(base) stand there."
    }

    private static func list(_ names: [String]) -> String {
        names.count <= 4 ? names.joined(separator: ", ") : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }
}
