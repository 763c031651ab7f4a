/// A place to show buffers and to read keys from. Used from one thread.
package protocol TerminalDriver: AnyObject {
    var size: TerminalSize { get }
    /// What the terminal can show; more may become known while it answers.
    var capabilities: TerminalCapabilities { get }
    /// The terminal's own background, once it has told it.
    var background: RGBColor? { get }
    /// Whether the mouse speaks to the program; off, the terminal selects text with it.
    var usesMouse: Bool { get set }
    /// Shows a buffer of the driver's size; only what differs from the last one is written.
    func present(_ buffer: CellBuffer)
    /// The keys that wait, in order, without blocking.
    func readKeys() -> [Key]
    /// Gives the terminal back as it was found. Calling it again does nothing.
    func close()
}

extension TerminalDriver {
    /// Whether the terminal's background is a light one; nil while it has not told it.
    package var isLight: Bool? { background.map { PerceivedColor.luminance($0) > 0.2 } }
}
