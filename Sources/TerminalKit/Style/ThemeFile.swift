import Foundation
import Yams

/// Why a theme file was refused: what is wrong, where, what is allowed.
package struct ThemeError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

/// Reads themes from YAML: `name`, and `colors`, a colour `"#rrggbb"` or `default` for each role.
/// A role that the file leaves out takes the value of the theme named by `base` (`dark` unless it says `light`).
package enum ThemeFile {
    package static func parse(_ yaml: String, source: String) throws(ThemeError) -> Theme {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw ThemeError(description: "\(source) is not YAML: \(error). Compare it with themes/dark.yaml.")
        }
        guard let mapping = root?.mapping else {
            throw ThemeError(description: "\(source) holds no mapping. A theme has the keys name, base and colors.")
        }
        var name: String?
        var base = Theme.dark
        var colors: Node.Mapping?
        for (key, value) in mapping {
            switch key.string {
            case "name": name = value.string
            case "base":
                switch value.string {
                case "dark": base = .dark
                case "light": base = .light
                default: throw ThemeError(description: "\(source): base is \"\(value.string ?? "?")\"; it can be dark or light.")
                }
            case "colors": colors = value.mapping
            default:
                throw ThemeError(
                    description: "\(source) has an unknown key \"\(key.string ?? "?")\". A theme has the keys name, base and colors.")
            }
        }
        guard let name, !name.isEmpty else { throw ThemeError(description: "\(source) has no name. Add a line such as name: mine.") }
        guard let colors else { throw ThemeError(description: "\(source) has no colors. Add colors: and a role below it.") }
        var theme = Theme(name: name, colors: base.colors)
        for (key, value) in colors {
            guard let role = ThemeRole(rawValue: key.string ?? "") else {
                throw ThemeError(
                    description: "\(source): colors has no role \"\(key.string ?? "?")\". The roles are "
                        + ThemeRole.allCases.map(\.rawValue).joined(separator: ", ") + ".")
            }
            if value.string == "default" {
                theme.colors[role] = nil
            } else if let color = RGBColor(hex: value.string ?? "") {
                theme.colors[role] = color
            } else {
                throw ThemeError(
                    description: "\(source): \(role.rawValue) is \"\(value.string ?? "?")\". Write a colour as \"#5fb3f5\", or default.")
            }
        }
        return theme
    }

    /// The theme that the environment asks for: `TRAINYARD_THEME` is dark, light, a file, or a file's name in the user's
    /// theme folder; without it `COLORFGBG` tells a light terminal from a dark one.
    package static func chosen(environment: [String: String]) throws(ThemeError) -> Theme {
        guard let wanted = environment["TRAINYARD_THEME"], !wanted.isEmpty else {
            let background = environment["COLORFGBG"]?.split(separator: ";").last.flatMap { Int($0) }
            return background == 7 || background == 15 ? .light : .dark
        }
        if wanted == "dark" { return .dark }
        if wanted == "light" { return .light }
        let home = environment["HOME"] ?? "/"
        let configuration = environment["XDG_CONFIG_HOME"] ?? home + "/.config"
        let path = wanted.contains("/") ? wanted : configuration + "/trainyard/themes/" + wanted + ".yaml"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ThemeError(description: "There is no theme file \(path). TRAINYARD_THEME can be dark, light or a YAML file.")
        }
        return try parse(String(decoding: data, as: UTF8.self), source: path)
    }
}
