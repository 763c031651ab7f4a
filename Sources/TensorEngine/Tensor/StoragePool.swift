import Synchronization

/// Counters of the storage pool, in bytes.
package struct StorageStatistics: Sendable, Equatable {
    /// Bytes that live tensors hold, and the most they ever held.
    package var live = 0
    package var peak = 0
    /// Bytes taken from the system, live or waiting to be used again.
    package var reserved = 0
    /// How often a block had to be taken from the system.
    package var systemAllocations = 0
}

/// Keeps freed blocks by size class, so that a training step in its steady state asks the system for nothing.
///
/// Size classes are an eighth of a power of two apart: at most 12.5 % of a block is unused.
package final class StoragePool: Sendable {
    package static let shared = StoragePool()
    static let alignment = 64

    private struct State {
        var free: [Int: [UnsafeMutableRawPointer]] = [:]
        var statistics = StorageStatistics()
    }

    // UnsafeMutableRawPointer is not Sendable; each block is owned by the free list or by one Storage, never both.
    private struct Guarded: @unchecked Sendable { var state = State() }
    private let guarded = Mutex(Guarded())

    static func sizeClass(_ byteCount: Int) -> Int {
        let minimum = 256
        guard byteCount > minimum else { return minimum }
        let power = Int.bitWidth - (byteCount - 1).leadingZeroBitCount
        let step = max(alignment, (1 << power) / 16)
        return (byteCount + step - 1) / step * step
    }

    func take(byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.sizeClass(byteCount)
        return guarded.withLock { guarded in
            guarded.state.statistics.live += size
            guarded.state.statistics.peak = max(guarded.state.statistics.peak, guarded.state.statistics.live)
            if let block = guarded.state.free[size]?.popLast() { return block }
            guarded.state.statistics.reserved += size
            guarded.state.statistics.systemAllocations += 1
            return UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
        }
    }

    func give(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        let size = Self.sizeClass(byteCount)
        guarded.withLock { guarded in
            guarded.state.statistics.live -= size
            guarded.state.free[size, default: []].append(block)
        }
    }

    package var statistics: StorageStatistics { guarded.withLock { $0.state.statistics } }

    /// Starts the peak anew from what is live now.
    package func resetPeak() { guarded.withLock { $0.state.statistics.peak = $0.state.statistics.live } }

    /// Returns all waiting blocks to the system.
    package func trim() {
        guarded.withLock { guarded in
            for (size, blocks) in guarded.state.free {
                for block in blocks { block.deallocate() }
                guarded.state.statistics.reserved -= size * blocks.count
            }
            guarded.state.free.removeAll()
        }
    }
}
