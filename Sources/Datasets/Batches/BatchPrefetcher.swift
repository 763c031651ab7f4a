import Foundation

/// A batch with its place in the run.
package struct PrefetchedBatch<Batch: Sendable>: Sendable {
    package let epoch: Int
    package let index: Int
    package let batch: Batch
}

/// Makes batches ahead of the training step on a pool's threads: bounded, in order, errors passed on at their place.
///
/// Sendable because every stored variable is read and written only while `condition` is locked.
package final class BatchPrefetcher<Source: BatchSource>: @unchecked Sendable {
    private let source: Source
    private let pool: LoaderPool
    private let capacity: Int
    private let lastEpoch: Int
    private let condition = NSCondition()
    /// All below are guarded by `condition`.
    private var ready: [Int: Result<PrefetchedBatch<Source.Batch>, any Error>] = [:]
    private var nextEpoch: Int
    private var nextIndex: Int
    private var claimed = 0
    private var delivered = 0
    private var inTheMaking = 0
    private var isStopped = false
    private var waited: Double = 0

    /// Starts loading at once.
    /// - Parameters:
    ///   - epochs: epochs to deliver, each from its first batch to its last.
    ///   - firstIndex: batch of the first epoch to begin with, when a run is resumed inside an epoch.
    ///   - capacity: batches held or in the making; by default one for each thread and one that is ready.
    package init(source: Source, epochs: Range<Int>, firstIndex: Int = 0, pool: LoaderPool, capacity: Int? = nil) {
        let capacity = capacity ?? pool.threadCount + 1
        precondition(capacity > 0, "a prefetcher needs room for a batch")
        self.source = source
        self.pool = pool
        self.capacity = capacity
        nextEpoch = epochs.lowerBound
        nextIndex = firstIndex
        lastEpoch = epochs.upperBound
        condition.lock()
        claimWhatFits()
        condition.unlock()
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
            if isStopped || delivered == claimed { return nil }
            isWaiting = true
            condition.wait()
        }
        if isWaiting { waited += Double((ContinuousClock.now - start) / .seconds(1)) }
        let result = ready.removeValue(forKey: delivered)
        delivered += 1
        claimWhatFits()
        return try result?.get()
    }

    /// Ends loading and waits until nothing is in the making; `next` returns nil from then on.
    package func stop() {
        condition.lock()
        isStopped = true
        ready.removeAll()
        while inTheMaking > 0 { condition.wait() }
        condition.unlock()
    }

    /// Hands the next places to the pool while there is room. Called with the lock held.
    private func claimWhatFits() {
        while !isStopped, claimed - delivered < capacity {
            while nextEpoch < lastEpoch, nextIndex >= source.batchCount(epoch: nextEpoch) {
                nextEpoch += 1
                nextIndex = 0
            }
            guard nextEpoch < lastEpoch else { return }
            let place = (number: claimed, epoch: nextEpoch, index: nextIndex)
            claimed += 1
            nextIndex += 1
            inTheMaking += 1
            pool.submit { [self] in make(number: place.number, epoch: place.epoch, index: place.index) }
        }
    }

    private func make(number: Int, epoch: Int, index: Int) {
        condition.lock()
        let isWanted = !isStopped
        condition.unlock()
        let result = isWanted ? Result { PrefetchedBatch(epoch: epoch, index: index, batch: try source.batch(epoch: epoch, index: index)) } : nil
        condition.lock()
        if !isStopped { ready[number] = result }
        inTheMaking -= 1
        condition.broadcast()
        condition.unlock()
    }
}
