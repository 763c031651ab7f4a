import Foundation
import Yams

/// base16 (and base24) schemes: sixteen colours from ground to text and the eight hues, by tables that the scheme's rules give a use.
enum Base16Theme {
    private static let places: [(role: ThemeRole, key: String)] = [
        (.background, "base00"), (.text, "base05"), (.muted, "base04"), (.accent, "base0D"), (.border, "base03"),
        (.selectionText, "base07"), (.selectionBackground, "base02"), (.success, "base0B"), (.warning, "base0A"), (.error, "base08"),
        (.information, "base0C"), (.seriesOne, "base0D"), (.seriesTwo, "base0A"), (.seriesThree, "base0B"), (.seriesFour, "base0E"),
        (.seriesFive, "base08"), (.seriesSix, "base0C"), (.seriesSeven, "base09"), (.seriesEight, "base0F"),
        (.gradientLow, "base01"), (.gradientMiddle, "base0D"), (.gradientHigh, "base0A"),
    ]

    /// Nil for a mapping that is no base16 scheme.
    static func parse(_ root: Node.Mapping, source: String) -> LoadedTheme? {
        func text(_ key: String, in mapping: Node.Mapping) -> String? { mapping.first { $0.key.string == key }?.value.string }
        let palette = root.first { $0.key.string == "palette" }?.value.mapping ?? root
        guard palette.contains(where: { $0.key.string?.lowercased() == "base00" }) else { return nil }
        var hues: [String: RGBColor] = [:]
        var doubts = ThemeDoubts()
        for (key, value) in palette {
            guard let name = key.string, name.lowercased().hasPrefix("base"), name.count == 6 else { continue }
            // A scheme's digits may look like a number to YAML; the scalar keeps them as they are written.
            if let color = RGBColor(hex: value.scalar?.string ?? "") {
                hues[name.lowercased()] = color
            } else {
                doubts.unreadable.append("\(name): \(value.scalar?.string ?? "?")")
            }
        }
        let ground = hues["base00"].map { PerceivedColor.luminance($0) > 0.2 } ?? false
        let base: ShippedThemes = ground ? .light : .dark
        var theme = ShippedThemes.theme(base)
        theme.name = text("scheme", in: root) ?? text("name", in: root) ?? ThemeLibrary.name(ofFile: source)
        for (role, key) in places {
            if let color = hues[key.lowercased()] { theme.colors[role] = .rgb(color) } else { doubts.missing.append(key) }
        }
        doubts.missing = Array(Set(doubts.missing)).sorted()
        return LoadedTheme(theme: theme, warning: doubts.sentence(source: source, base: base.rawValue))
    }
}

/// btop's themes: lines such as `theme[main_bg]="#15181d"`, also `"#15"` for a grey and `"21 24 29"`; empty means the terminal's own.
enum BtopTheme {
    /// The first key that a file has gives the role its colour.
    private static let places: [(role: ThemeRole, keys: [String])] = [
        (.background, ["main_bg"]), (.text, ["main_fg"]), (.muted, ["inactive_fg", "graph_text"]), (.accent, ["hi_fg"]),
        (.border, ["div_line", "cpu_box"]), (.selectionText, ["selected_fg"]), (.selectionBackground, ["selected_bg"]),
        (.success, ["temp_start", "cpu_start"]), (.warning, ["temp_mid", "cpu_mid"]), (.error, ["temp_end", "cpu_end"]),
        (.information, ["proc_misc", "title"]), (.seriesOne, ["cpu_box"]), (.seriesTwo, ["mem_box"]), (.seriesThree, ["net_box"]),
        (.seriesFour, ["proc_box"]), (.seriesFive, ["download_mid", "download_end"]), (.seriesSix, ["upload_mid", "upload_end"]),
        (.seriesSeven, ["used_mid", "used_end"]), (.seriesEight, ["cached_mid", "cached_end"]), (.gradientLow, ["cpu_start"]),
        (.gradientMiddle, ["cpu_mid"]), (.gradientHigh, ["cpu_end"]),
    ]

    static func looksLike(_ text: String) -> Bool {
        text.split(separator: "\n").contains { $0.drop { $0 == " " || $0 == "\t" }.hasPrefix("theme[") }
    }

    static func parse(_ text: String, source: String) -> LoadedTheme {
        var doubts = ThemeDoubts()
        var values: [String: TerminalColor?] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            guard trimmed.hasPrefix("theme["), let end = trimmed.firstIndex(of: "]"), let equals = trimmed.firstIndex(of: "="), end < equals
            else { continue }
            let key = String(trimmed[trimmed.index(trimmed.startIndex, offsetBy: 6)..<end])
            let value = trimmed[trimmed.index(after: equals)...].trimmingCharacters(in: CharacterSet(charactersIn: "\"' \t"))
            if let color = color(value) { values[key] = color } else { doubts.unreadable.append("\(key): \(value)") }
        }
        var base = ShippedThemes.dark
        if case .some(.some(let ground)) = values["main_bg"], PerceivedColor.luminance(ColorDepth.rgb(ground)) > 0.2 { base = .light }
        var theme = ShippedThemes.theme(base)
        theme.name = ThemeLibrary.name(ofFile: source)
        for (role, keys) in places {
            guard let key = keys.first(where: { values[$0] != nil }), let value = values[key] else {
                doubts.missing.append(keys[0])
                continue
            }
            // An empty gradient end repeats what is there; only text and ground may be the terminal's own.
            if value != nil || role == .background || role == .text { theme.colors[role] = value }
        }
        doubts.missing = Array(Set(doubts.missing)).sorted()
        return LoadedTheme(theme: theme, warning: doubts.sentence(source: source, base: base.rawValue))
    }

    private static func color(_ text: String) -> TerminalColor?? {
        if text.isEmpty { return .some(nil) }
        if let color = RGBColor(hex: text), text.hasPrefix("#") { return .some(.rgb(color)) }
        if text.hasPrefix("#"), text.count == 3, let grey = UInt8(text.dropFirst(), radix: 16) {
            return .some(.rgb(RGBColor(red: grey, green: grey, blue: grey)))
        }
        let channels = text.split(separator: " ").compactMap { UInt8($0) }
        guard channels.count == 3, text.split(separator: " ").count == 3 else { return nil }
        return .some(.rgb(RGBColor(red: channels[0], green: channels[1], blue: channels[2])))
    }
}
