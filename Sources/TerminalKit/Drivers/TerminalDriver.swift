/// A place to show buffers and to read keys from. Used from one thread.
package protocol TerminalDriver: AnyObject {
    var size: TerminalSize { get }
    var capabilities: TerminalCapabilities { get }
    /// Shows a buffer of the driver's size; only what differs from the last one is written.
    func present(_ buffer: CellBuffer)
    /// The keys that wait, in order, without blocking.
    func readKeys() -> [Key]
    /// Gives the terminal back as it was found. Calling it again does nothing.
    func close()
}
