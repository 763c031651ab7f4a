import Foundation

/// A batch with its place in the run.
package struct PrefetchedBatch<Batch: Sendable>: Sendable {
    package let epoch: Int
    package let index: Int
    package let batch: Batch
}

/// Makes batches ahead of the training step on loader threads: bounded, in order, errors passed on at their place.
///
/// Sendable because every stored variable is read and written only while `condition` is locked.
package final class BatchPrefetcher<Source: BatchSource>: @unchecked Sendable {
    private let source: Source
    private let capacity: Int
    private let condition = NSCondition()
    /// All below are guarded by `condition`.
    private var ready: [Int: Result<PrefetchedBatch<Source.Batch>, any Error>] = [:]
    private var nextEpoch: Int
    private var nextIndex: Int
    private let lastEpoch: Int
    private var claimed = 0
    private var delivered = 0
    private var isStopped = false
    private var liveThreads: Int
    private var waited: Double = 0

    /// Starts loading at once.
    /// - Parameters:
    ///   - epochs: epochs to deliver, each from its first batch to its last.
    ///   - firstIndex: batch of the first epoch to begin with, when a run is resumed inside an epoch.
    ///   - capacity: batches held or in the making.
    package init(source: Source, epochs: Range<Int>, firstIndex: Int = 0, threads: Int = 1, capacity: Int = 4) {
        precondition(threads > 0 && capacity > 0, "a prefetcher needs a thread and room for a batch")
        self.source = source
        self.capacity = capacity
        nextEpoch = epochs.lowerBound
        nextIndex = firstIndex
        lastEpoch = epochs.upperBound
        liveThreads = threads
        for number in 0..<threads {
            let thread = Thread { [self] in load() }
            thread.name = "batch loader \(number)"
            thread.start()
        }
    }

    /// Seconds `next` has waited for a batch so far: what loading cost the training loop.
    package var waitedSeconds: Double {
        condition.lock()
        defer { condition.unlock() }
        return waited
    }

    /// The next batch in order, nil after the last one or after `stop`; rethrows what making it threw.
    package func next() throws -> PrefetchedBatch<Source.Batch>? {
        condition.lock()
        defer { condition.unlock() }
        let start = ContinuousClock.now
        var isWaiting = false
        while ready[delivered] == nil {
            if isStopped || (delivered == claimed && isExhausted) { return nil }
            isWaiting = true
            condition.wait()
        }
        if isWaiting { waited += Double((ContinuousClock.now - start) / .seconds(1)) }
        let result = ready.removeValue(forKey: delivered)
        delivered += 1
        condition.broadcast()
        return try result?.get()
    }

    /// Ends loading and waits until the loader threads are gone; `next` returns nil from then on.
    package func stop() {
        condition.lock()
        isStopped = true
        ready.removeAll()
        condition.broadcast()
        while liveThreads > 0 { condition.wait() }
        condition.unlock()
    }

    /// Moves over finished and empty epochs; true when nothing is left. Called with the lock held.
    private var isExhausted: Bool {
        while nextEpoch < lastEpoch, nextIndex >= source.batchCount(epoch: nextEpoch) {
            nextEpoch += 1
            nextIndex = 0
        }
        return nextEpoch >= lastEpoch
    }

    private func load() {
        condition.lock()
        while true {
            while !isStopped && !isExhausted && claimed - delivered >= capacity { condition.wait() }
            if isStopped || isExhausted { break }
            let place = (number: claimed, epoch: nextEpoch, index: nextIndex)
            claimed += 1
            nextIndex += 1
            condition.unlock()
            let result = Result {
                PrefetchedBatch(
                    epoch: place.epoch, index: place.index, batch: try source.batch(epoch: place.epoch, index: place.index))
            }
            condition.lock()
            if !isStopped { ready[place.number] = result }
            condition.broadcast()
        }
        liveThreads -= 1
        condition.broadcast()
        condition.unlock()
    }
}
