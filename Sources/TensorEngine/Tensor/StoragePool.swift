import CKernels
import Synchronization

/// Counters of the storage pool, in bytes.
package struct StorageStatistics: Sendable, Equatable {
    /// Bytes that live tensors hold, and the most they ever held.
    package var live = 0
    package var peak = 0
    /// The addresses used so far, from the first to the highest: memory that was taken from the system.
    package var reserved = 0
    /// How often that had to grow.
    package var systemAllocations = 0
}

/// One block of the pool, and how long it is.
struct StorageBlock {
    let start: UnsafeMutableRawPointer
    let byteCount: Int
}

/// The memory of all tensors: one range of addresses, in which freed blocks join their free neighbours.
///
/// A request takes the free extent that fits best. A training step asks for the same blocks in the same order each time,
/// so that in its steady state nothing grows and every tensor lies where it lay the step before.
package final class StoragePool: Sendable {
    package static let shared = StoragePool()
    static let alignment = 64
    /// Blocks below this size wait in lists by size instead of joining their neighbours.
    private static let smallBlock = 1 << 15
    private static let slabBytes = 1 << 20
    private static let page = 4096
    /// Large blocks are this much longer than whole pages, so that tensors of one operation start at different places in
    /// a page and do not fall into the same lines of the cache.
    private static let stagger = 5 * alignment

    private struct State {
        var addresses = AddressRange(wanted: 1 << 44)
        var small: [Int: [UnsafeMutableRawPointer]] = [:]
        /// The part of the newest slab that is not cut into small blocks yet.
        var slab: StorageBlock?
        var statistics = StorageStatistics()
    }

    // UnsafeMutableRawPointer is not Sendable; each block is owned by the free lists or by one Storage, never both.
    private struct Guarded: @unchecked Sendable { var state = State() }
    private let guarded = Mutex(Guarded())

    /// The bytes of the block that serves a request.
    static func blockSize(_ byteCount: Int) -> Int {
        guard byteCount > smallBlock else {
            // Small classes are a sixteenth of a power of two apart.
            let bytes = max(byteCount, 256), power = Int.bitWidth - (bytes - 1).leadingZeroBitCount
            let step = max(alignment, (1 << power) / 16)
            return (bytes + step - 1) / step * step
        }
        return (byteCount - stagger + page - 1) / page * page + stagger
    }

    func take(byteCount: Int) -> StorageBlock {
        let size = Self.blockSize(byteCount)
        return guarded.withLock { guarded in
            let block = size <= Self.smallBlock ? Self.takeSmall(size, &guarded.state) : Self.takeLarge(size, &guarded.state)
            guarded.state.statistics.live += size
            guarded.state.statistics.peak = max(guarded.state.statistics.peak, guarded.state.statistics.live)
            return block
        }
    }

    func give(_ block: StorageBlock) {
        guarded.withLock { guarded in
            guarded.state.statistics.live -= block.byteCount
            if block.byteCount <= Self.smallBlock {
                guarded.state.small[block.byteCount, default: []].append(block.start)
            } else {
                guarded.state.addresses.give(block)
            }
        }
    }

    private static func takeSmall(_ size: Int, _ state: inout State) -> StorageBlock {
        if let start = state.small[size]?.popLast() { return StorageBlock(start: start, byteCount: size) }
        var slab = state.slab.flatMap { $0.byteCount >= size ? $0 : nil } ?? takeLarge(slabBytes, &state)
        defer { state.slab = slab }
        let start = slab.start
        slab = StorageBlock(start: start + size, byteCount: slab.byteCount - size)
        return StorageBlock(start: start, byteCount: size)
    }

    private static func takeLarge(_ size: Int, _ state: inout State) -> StorageBlock {
        let before = state.addresses.used
        guard let block = state.addresses.take(size) else {
            preconditionFailure("no addresses are left for a tensor of \(size) bytes beside the \(before) in use")
        }
        if state.addresses.used > before {
            state.statistics.reserved = state.addresses.used
            state.statistics.systemAllocations += 1
        }
        return block
    }

    package var statistics: StorageStatistics { guarded.withLock { $0.state.statistics } }

    /// Starts the peak anew from what is live now.
    package func resetPeak() { guarded.withLock { $0.state.statistics.peak = $0.state.statistics.live } }

    /// Gives the memory of free blocks back to the system; their addresses stay the pool's.
    package func trim() { guarded.withLock { $0.state.addresses.releaseFreePages(ofSize: Self.page) } }
}
