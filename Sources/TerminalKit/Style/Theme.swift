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
    case seriesFive = "series-5"
    case seriesSix = "series-6"
    case seriesSeven = "series-7"
    case seriesEight = "series-8"
    case gradientLow = "gradient-low"
    case gradientMiddle = "gradient-middle"
    case gradientHigh = "gradient-high"

    /// The colours of a chart's lines, in the order in which they are given out.
    package static let series: [ThemeRole] = [
        .seriesOne, .seriesTwo, .seriesThree, .seriesFour, .seriesFive, .seriesSix, .seriesSeven, .seriesEight,
    ]

    /// The least contrast that a colour keeps on a selected row; one below it takes the selection's own text colour.
    static let leastContrastOnSelection = 2.2

    /// The least contrast with the background that keeps the role visible for what it is used for, as WCAG measures it:
    /// text to read, marks and lines to see, edges to notice.
    var leastContrast: Double {
        switch self {
        case .text, .selectionText: 4.5
        case .muted, .accent, .success, .warning, .error, .information: 3
        case .seriesOne, .seriesTwo, .seriesThree, .seriesFour, .seriesFive, .seriesSix, .seriesSeven, .seriesEight: 3
        case .border: 1.4
        case .selectionBackground: 1.15
        // Grounds of cells, not marks: their ends may be as dark as the background.
        case .gradientLow, .gradientMiddle, .gradientHigh, .background: 1
        }
    }
}

/// A colour for every role. A role without one shows by the terminal's own colour, with weight or inversion.
package struct Theme: Equatable, Sendable {
    package var name: String
    package var colors: [ThemeRole: TerminalColor]

    package init(name: String, colors: [ThemeRole: TerminalColor]) {
        self.name = name
        self.colors = colors
    }

    package static let dark = ShippedThemes.theme(.dark)
    package static let light = ShippedThemes.theme(.light)

    /// The theme in colours that a terminal of this depth has: every role the entry of the palette that looks most like it
    /// among those that still can be seen on its background.
    package func resolved(for depth: ColorDepth) -> Theme {
        switch depth {
        case .none: Theme(name: name, colors: [:])
        case .trueColor: self
        case .palette256, .ansi16, .ansi8: Theme(name: name, colors: ThemeQuantizer(theme: self, depth: depth).quantized())
        }
    }
}
