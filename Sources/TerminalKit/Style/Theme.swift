/// What a colour is for. Screens name roles, never colours.
package enum ThemeRole: String, CaseIterable, Sendable {
    case background, text, muted, accent, border
    case selectionText = "selection-text"
    case selectionBackground = "selection-background"
    case success, warning, error, information
    case seriesOne = "series-1"
    case seriesTwo = "series-2"
    case seriesThree = "series-3"
    case seriesFour = "series-4"
}

/// A colour for every role. A role without one shows the terminal's own colour.
package struct Theme: Equatable, Sendable {
    package var name: String
    package var colors: [ThemeRole: RGBColor]

    package init(name: String, colors: [ThemeRole: RGBColor]) {
        self.name = name
        self.colors = colors
    }

    package static let dark = Theme(
        name: "dark",
        hex: [
            .background: 0x15181D, .text: 0xD8DEE6, .muted: 0x7D8896, .accent: 0x5FB3F5, .border: 0x3D4652,
            .selectionText: 0xFFFFFF, .selectionBackground: 0x28394B, .success: 0x7CC67C, .warning: 0xE3B455,
            .error: 0xEF7272, .information: 0x5FB3F5, .seriesOne: 0x5FB3F5, .seriesTwo: 0xE3B455, .seriesThree: 0x7CC67C,
            .seriesFour: 0xC792EA,
        ])

    package static let light = Theme(
        name: "light",
        hex: [
            .background: 0xFAFAF7, .text: 0x23282F, .muted: 0x6B7480, .accent: 0x0B66B8, .border: 0xC3C9D0,
            .selectionText: 0x10151B, .selectionBackground: 0xD6E6F5, .success: 0x2B7A2B, .warning: 0x8F6400,
            .error: 0xB42323, .information: 0x0B66B8, .seriesOne: 0x0B66B8, .seriesTwo: 0xA65E00, .seriesThree: 0x2B7A2B,
            .seriesFour: 0x7A3EA8,
        ])

    private init(name: String, hex: [ThemeRole: UInt32]) {
        self.init(
            name: name,
            colors: hex.mapValues {
                RGBColor(red: UInt8($0 >> 16 & 255), green: UInt8($0 >> 8 & 255), blue: UInt8($0 & 255))
            })
    }
}
