/// One 64-byte aligned block of memory from the pool, returned to it when the last tensor lets go.
///
/// A storage is written by the operation that made it, on the training thread, and read-only from then on;
/// parameters and optimiser state are the exceptions and are changed in place between steps.
package final class Storage {
    package let byteCount: Int
    private let base: UnsafeMutableRawPointer
    private let isPooled: Bool

    package init(byteCount: Int) {
        self.byteCount = byteCount
        base = StoragePool.shared.take(byteCount: byteCount)
        isPooled = true
    }

    /// Fresh memory that goes back to the system, not to the pool: pages that nobody touches cost nothing.
    package init(untouched byteCount: Int) {
        self.byteCount = byteCount
        base = .allocate(byteCount: max(1, byteCount), alignment: StoragePool.alignment)
        isPooled = false
    }

    deinit {
        if isPooled { StoragePool.shared.give(base, byteCount: byteCount) } else { base.deallocate() }
    }

    /// The block as floats; valid as long as the storage is held.
    @inline(__always) package var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
