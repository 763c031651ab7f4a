/// A terminal in memory for tests: keys are queued by the test, frames are kept.
package final class MemoryDriver: TerminalDriver {
    package var size: TerminalSize
    package var capabilities: TerminalCapabilities
    package var background: RGBColor?
    package var usesMouse = false
    package private(set) var screen: CellBuffer
    /// How many frames changed something, and how many cells the last one changed.
    package private(set) var writtenFrames = 0
    package private(set) var changedCells = 0
    package private(set) var isClosed = false
    private var keys: [Key] = []

    package init(
        size: TerminalSize = TerminalSize(width: 80, height: 24),
        capabilities: TerminalCapabilities = TerminalCapabilities(colors: .palette256, unicode: true)
    ) {
        self.size = size
        self.capabilities = capabilities
        screen = CellBuffer(size: size)
    }

    package func present(_ buffer: CellBuffer) {
        if buffer.size == screen.size {
            changedCells = zip(buffer.cells, screen.cells).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
        } else {
            changedCells = buffer.cells.count
        }
        if changedCells > 0 || buffer.cursor != screen.cursor { writtenFrames += 1 }
        screen = buffer
    }

    package func press(_ keys: [Key]) {
        self.keys += keys
    }

    package func readKeys() -> [Key] {
        defer { keys = [] }
        return keys
    }

    package func close() {
        isClosed = true
    }
}
