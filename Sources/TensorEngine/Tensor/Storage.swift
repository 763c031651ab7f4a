/// One 64-byte aligned block of memory from the pool, returned to it when the last tensor lets go.
///
/// A storage is written by the operation that made it, on the training thread, and read-only from then on;
/// parameters and optimiser state are the exceptions and are changed in place between steps.
package final class Storage {
    private let block: StorageBlock
    private let isPooled: Bool

    package init(byteCount: Int) {
        block = StoragePool.shared.take(byteCount: byteCount)
        isPooled = true
    }

    package convenience init(floatCount: Int) { self.init(byteCount: floatCount * MemoryLayout<Float>.size) }

    /// Fresh memory that goes back to the system, not to the pool: pages that nobody touches cost nothing.
    package init(untouched byteCount: Int) {
        let start = UnsafeMutableRawPointer.allocate(byteCount: max(1, byteCount), alignment: StoragePool.alignment)
        block = StorageBlock(start: start, byteCount: byteCount)
        isPooled = false
    }

    deinit {
        if isPooled { StoragePool.shared.give(block) } else { block.start.deallocate() }
    }

    /// The block's length, at least what was asked for.
    package var byteCount: Int { block.byteCount }

    /// The block as floats; valid as long as the storage is held.
    @inline(__always) package var floats: UnsafeMutablePointer<Float> { block.start.assumingMemoryBound(to: Float.self) }
}
