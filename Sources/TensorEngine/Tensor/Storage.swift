/// One 64-byte aligned block of memory from the pool, returned to it when the last tensor lets go.
///
/// A storage is written by the operation that made it, on the training thread, and read-only from then on;
/// parameters and optimiser state are the exceptions and are changed in place between steps.
package final class Storage {
    package let byteCount: Int
    private let base: UnsafeMutableRawPointer

    package init(byteCount: Int) {
        self.byteCount = byteCount
        base = StoragePool.shared.take(byteCount: byteCount)
    }

    package convenience init(floatCount: Int) { self.init(byteCount: floatCount * MemoryLayout<Float>.size) }

    deinit { StoragePool.shared.give(base, byteCount: byteCount) }

    /// The block as floats; valid as long as the storage is held.
    @inline(__always) package var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
