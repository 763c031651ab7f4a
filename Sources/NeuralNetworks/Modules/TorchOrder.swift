/// How the engine's order of a parameter's values follows from torch's: blocks of `channels · cells` values lie
/// `[cell, channel]` in the engine and `[channel, cell]` in torch.
package struct TorchOrder: Sendable, Equatable {
    package let channels, cells: Int

    package init(channels: Int, cells: Int) {
        self.channels = max(1, channels)
        self.cells = max(1, cells)
    }

    /// One order for both.
    package static let same = TorchOrder(channels: 1, cells: 1)

    /// Values that change places among themselves only.
    package var block: Int { channels * cells }

    /// The position in the engine of the value at `torch` in torch.
    package func engineIndex(ofTorch torch: Int) -> Int {
        let place = torch % block
        return torch - place + place % cells * channels + place / cells
    }

    /// Visits whole blocks of `range` in the engine's order.
    @inlinable package func forEach(in range: Range<Int>, _ body: (_ engine: Int, _ torch: Int) -> Void) {
        guard block > 1 else {
            for index in range { body(index, index) }
            return
        }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
            var engine = start
            for cell in 0..<cells {
                var torch = start + cell
                for _ in 0..<channels {
                    body(engine, torch)
                    engine += 1
                    torch += cells
                }
            }
        }
    }
}
