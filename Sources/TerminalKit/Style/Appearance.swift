/// How a terminal shows pictures finer than cells; it has said so itself.
package enum GraphicsProtocol: Equatable, Sendable {
    case kitty, sixel
}

/// What the terminal can show.
package struct TerminalCapabilities: Equatable, Sendable {
    package var colors: ColorDepth
    /// False draws everything with ASCII characters.
    package var unicode: Bool
    /// Nil draws pictures with half blocks.
    package var graphics: GraphicsProtocol?
    /// A cell in pixels, where the terminal tells it.
    package var cellSize: PixelSize

    package init(
        colors: ColorDepth, unicode: Bool, graphics: GraphicsProtocol? = nil, cellSize: PixelSize = PixelSize(width: 8, height: 16)
    ) {
        self.colors = colors
        self.unicode = unicode
        self.graphics = graphics
        self.cellSize = cellSize
    }
}

package struct PixelSize: Equatable, Sendable {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = max(1, width)
        self.height = max(1, height)
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
    /// The theme in the colours that the terminal has.
    package let theme: Theme
    package let capabilities: TerminalCapabilities

    package init(theme: Theme, capabilities: TerminalCapabilities) {
        self.theme = theme.resolved(for: capabilities.colors)
        self.capabilities = capabilities
    }

    package var glyphs: Glyphs { capabilities.unicode ? .unicode : .ascii }

    /// The style of a role. Where it has no colour, weight and inversion carry what colour would.
    package func style(_ role: ThemeRole) -> Style {
        if let color = theme.colors[role] { return Style(foreground: color) }
        switch role {
        case .muted, .border: return Style(attributes: .dim)
        case .accent, .error, .warning: return Style(attributes: .bold)
        case .selectionText, .selectionBackground: return Style(attributes: .reverse)
        default: return Style()
        }
    }

    package var text: Style { style(.text) }
    package var muted: Style { style(.muted) }
    package var accent: Style { style(.accent) }
    package var title: Style { style(.text).with(.bold) }

    /// The ground that a screen starts from.
    package var ground: Style { Style(foreground: theme.colors[.text], background: theme.colors[.background]) }

    /// Turns cells into selected ones. Their own colours stay where they can be seen on the selection.
    package func select(_ style: inout Style) {
        guard let background = theme.colors[.selectionBackground] else {
            style.attributes.insert(.reverse)
            return
        }
        func canBeSeen(_ color: TerminalColor?) -> Bool {
            guard let color else { return false }
            return PerceivedColor.contrast(ColorDepth.rgb(color), ColorDepth.rgb(background)) >= ThemeRole.leastContrastOnSelection
        }
        if style.foreground == theme.colors[.border], canBeSeen(theme.colors[.muted]) {
            // An edge stays in the background, as it does elsewhere.
            style.foreground = theme.colors[.muted]
        } else if !canBeSeen(style.foreground) || style.foreground == theme.colors[.text] {
            style.foreground = theme.colors[.selectionText]
        }
        style.background = background
    }

    /// The style of the line with a number; lines beyond the eighth start over.
    package func series(_ index: Int) -> Style {
        style(ThemeRole.series[((index % ThemeRole.series.count) + ThemeRole.series.count) % ThemeRole.series.count])
    }

    /// A ground between the theme's low and high colours, with text that can be read on it: a cell of a heat map.
    /// Without colours it is nil, and the number in the cell speaks alone.
    package func gradient(_ fraction: Double) -> Style? {
        guard let low = theme.colors[.gradientLow], let middle = theme.colors[.gradientMiddle], let high = theme.colors[.gradientHigh]
        else { return nil }
        let place = fraction.isFinite ? min(1, max(0, fraction)) : 0
        let ground: TerminalColor
        if capabilities.colors >= .palette256, case .rgb = source(low) {
            let ends = place < 0.5 ? (low, middle) : (middle, high)
            let mixed = PerceivedColor.mix(
                PerceivedColor(ColorDepth.rgb(ends.0)), PerceivedColor(ColorDepth.rgb(ends.1)), place < 0.5 ? place * 2 : place * 2 - 1)
            ground = .rgb(mixed.rgb)
        } else {
            ground = place < 1.0 / 3 ? low : place < 2.0 / 3 ? middle : high
        }
        return Style(foreground: readable(on: ground), background: ground)
    }

    /// Palette entries above the first sixteen have known colours and can be mixed.
    private func source(_ color: TerminalColor) -> TerminalColor {
        if case .palette(let index) = color, index >= 16 { return .rgb(ColorDepth.palette[Int(index)]) }
        return color
    }

    /// Black or white, whichever can be read better on a ground.
    package func readable(on ground: TerminalColor) -> TerminalColor {
        let black = RGBColor(red: 0, green: 0, blue: 0), white = RGBColor(red: 255, green: 255, blue: 255)
        let color = ColorDepth.rgb(ground)
        return .rgb(PerceivedColor.contrast(color, black) >= PerceivedColor.contrast(color, white) ? black : white)
    }
}
