import Foundation

/// Threads that make batches, beside those of the engine; they sleep while there is nothing to do.
///
/// On Linux a thread takes over the priority of the one that starts it, so a pool is made before the training thread lowers its own.
package final class LoaderPool: Sendable {
    /// The work that waits. Sendable because its variables are read and written only while `condition` is locked.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var work: [@Sendable () -> Void] = []
        private var isClosed = false

        func append(_ piece: @escaping @Sendable () -> Void) {
            condition.lock()
            work.append(piece)
            condition.signal()
            condition.unlock()
        }

        func close() {
            condition.lock()
            isClosed = true
            condition.broadcast()
            condition.unlock()
        }

        /// The next piece of work, or nil when the queue is closed and empty.
        func next() -> (@Sendable () -> Void)? {
            condition.lock()
            defer { condition.unlock() }
            while work.isEmpty && !isClosed { condition.wait() }
            return work.isEmpty ? nil : work.removeFirst()
        }
    }

    private let queue = Queue()
    package let threadCount: Int

    /// Half of the cores, at least one: the engine works on all of them, and a loader only needs to keep ahead of it.
    package static var defaultThreadCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount / 2) }

    package init(threads: Int = LoaderPool.defaultThreadCount) {
        precondition(threads > 0, "a pool needs a thread")
        threadCount = threads
        for number in 0..<threads {
            let thread = Thread { [queue] in
                while let piece = queue.next() { piece() }
            }
            thread.name = "loader \(number)"
            thread.start()
        }
    }

    /// What waits is still done; then the threads end.
    deinit { queue.close() }

    /// Does a piece of work on one of the threads, in the order of submission.
    func submit(_ work: @escaping @Sendable () -> Void) { queue.append(work) }
}
