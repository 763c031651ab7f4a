/// What the terminal can show.
package struct TerminalCapabilities: Equatable, Sendable {
    package var colors: ColorDepth
    /// False draws everything with ASCII characters.
    package var unicode: Bool

    package init(colors: ColorDepth, unicode: Bool) {
        self.colors = colors
        self.unicode = unicode
    }
}

/// The characters of frames, bars and marks, for Unicode or ASCII terminals.
package struct Glyphs: Equatable, Sendable {
    package let topLeft, topRight, bottomLeft, bottomRight, horizontal, vertical: String
    package let barFull, barHalf, barEmpty, block: String
    package let pointer, chosen, unchosen, checked, unchecked, done, current, open, cross, warning: String
    package let down, up, left, right, enter, dash, times, dot, minutesMark: String
    package let running, waiting, stopped, ellipsis: String

    package static let unicode = Glyphs(
        topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯", horizontal: "─", vertical: "│",
        barFull: "━", barHalf: "╸", barEmpty: "─", block: "▇",
        pointer: "▸", chosen: "◉", unchosen: "○", checked: "■", unchecked: "□", done: "✓", current: "●", open: "○",
        cross: "✗", warning: "▲", down: "↓", up: "↑", left: "←", right: "→", enter: "↵", dash: "–", times: "×", dot: "·",
        minutesMark: "′", running: "●", waiting: "◔", stopped: "■", ellipsis: "…")

    package static let ascii = Glyphs(
        topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+", horizontal: "-", vertical: "|",
        barFull: "=", barHalf: "-", barEmpty: ".", block: "#",
        pointer: ">", chosen: "*", unchosen: "o", checked: "x", unchecked: "_", done: "v", current: "*", open: "o",
        cross: "x", warning: "!", down: "v", up: "^", left: "<-", right: "->", enter: "Enter", dash: "-", times: "x", dot: "-",
        minutesMark: "'", running: "*", waiting: ".", stopped: "#", ellipsis: "~")
}

/// A theme on a terminal: what a view draws with.
package struct Appearance: Equatable, Sendable {
    package let theme: Theme
    package let capabilities: TerminalCapabilities

    package init(theme: Theme, capabilities: TerminalCapabilities) {
        self.theme = theme
        self.capabilities = capabilities
    }

    package var glyphs: Glyphs { capabilities.unicode ? .unicode : .ascii }

    /// The style of a role. Without colours, weight and inversion carry what colour would.
    package func style(_ role: ThemeRole) -> Style {
        guard capabilities.colors > .none else {
            switch role {
            case .muted, .border: return Style(attributes: .dim)
            case .accent, .error, .warning: return Style(attributes: .bold)
            case .selectionText, .selectionBackground: return Style(attributes: .reverse)
            default: return Style()
            }
        }
        return Style(foreground: theme.colors[role])
    }

    package var text: Style { style(.text) }
    package var muted: Style { style(.muted) }
    package var accent: Style { style(.accent) }
    package var title: Style { style(.text).with(.bold) }

    /// The ground that a screen starts from.
    package var ground: Style {
        guard capabilities.colors > .none else { return Style() }
        return Style(foreground: theme.colors[.text], background: theme.colors[.background])
    }

    /// Turns cells into selected ones; their own colours stay where the terminal has colours.
    package func select(_ style: inout Style) {
        guard capabilities.colors > .none else {
            style.attributes.insert(.reverse)
            return
        }
        style.background = theme.colors[.selectionBackground]
        if style.foreground == theme.colors[.text] { style.foreground = theme.colors[.selectionText] }
    }

    package func series(_ index: Int) -> Style {
        let roles: [ThemeRole] = [.seriesOne, .seriesTwo, .seriesThree, .seriesFour]
        return style(roles[index % roles.count])
    }
}
