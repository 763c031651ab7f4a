/// What arrives from a terminal: what the person does, and what the terminal answers to questions.
enum TerminalInput: Equatable, Sendable {
    case key(Key)
    case report(TerminalReport)
}

/// A terminal's answer about itself.
enum TerminalReport: Equatable, Sendable {
    /// Primary device attributes; every terminal answers this one, so it marks the end of what will be answered.
    case attributes([Int])
    /// A private mode, and whether the terminal knows it.
    case mode(Int, isKnown: Bool)
    case background(RGBColor)
    case kittyGraphics(isSupported: Bool)
    case cellSize(width: Int, height: Int)
}
