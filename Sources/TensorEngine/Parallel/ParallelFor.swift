import CKernels

/// The one thread pool, shared with oneDNN and OpenBLAS.
package enum ThreadPool {
    /// Sets how many threads numeric work uses when started from the calling thread.
    package static func setThreads(_ count: Int) { ty_set_threads(Int32(clamping: count)) }
    package static var threads: Int { Int(ty_threads()) }
}

/// Long ranges are cut at multiples of this, so that a kernel's vectors, and with them the rounding of each element,
/// do not depend on the number of threads.
let parallelUnit = 64

/// Splits `0..<count` into one contiguous range a thread, in a fixed way, and runs `body` on each.
///
/// `grain` is the least number of elements worth a thread of its own. Reductions that must not depend on the
/// number of threads split by fixed blocks inside `body`.
package func parallelFor(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let threads = min(ThreadPool.threads, max(1, count / max(1, grain)))
    guard threads > 1, ty_in_parallel() == 0 else {
        body(0..<count)
        return
    }
    withoutActuallyEscaping(body) { escapable in
        var region = ParallelRegion(body: escapable, count: count, unit: grain >= parallelUnit ? parallelUnit : 1)
        withUnsafeMutablePointer(to: &region) { pointer in
            ty_parallel({ context, thread, threads in
                guard let context else { return }
                let region = context.assumingMemoryBound(to: ParallelRegion.self)
                let count = region.pointee.count, unit = region.pointee.unit
                func cut(_ part: Int) -> Int { part == threads ? count : count / unit * part / Int(threads) * unit }
                let lower = cut(Int(thread)), upper = cut(Int(thread) + 1)
                if lower < upper { region.pointee.body(lower..<upper) }
            }, pointer, Int32(threads))
        }
    }
}

private struct ParallelRegion {
    let body: (Range<Int>) -> Void
    let count, unit: Int
}
