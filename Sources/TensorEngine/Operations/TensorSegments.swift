/// Tensors that are updated together, as one long range: prepared once, walked by all threads in a single region.
///
/// A network has hundreds of small parameters; a parallel region for each would cost more than the update.
/// Each segment holds the columns of one parameter, such as its value, gradient and momentum, all of one count.
package struct TensorSegments {
    /// The floats of a column over all segments.
    package let count: Int
    /// How many tensors a segment has.
    package let columns: Int
    private let storages: [Storage]
    private let bases: [UnsafeMutablePointer<Float>]
    /// Where each segment starts in the long range, and the range's end.
    private let starts: [Int]

    /// The tensors must keep their storage for as long as the segments are used, as parameters, their gradients and
    /// optimiser state do. A precondition holds that tensors of a segment have one count and segments as many columns.
    package init(_ segments: [[Tensor]]) {
        let columns = segments.first?.count ?? 0
        var starts = [0]
        for segment in segments {
            precondition(segment.count == columns, "segments of \(columns) and \(segment.count) tensors")
            let count = segment.first?.count ?? 0
            precondition(segment.allSatisfy { $0.count == count }, "a segment's counts differ: \(segment.map(\.count))")
            starts.append((starts.last ?? 0) + count)
        }
        self.columns = columns
        self.starts = starts
        count = starts.last ?? 0
        storages = segments.flatMap { $0.map(\.storage) }
        bases = storages.map(\.floats)
    }

    /// One run of neighbouring elements in the tensors of a segment.
    package struct Run {
        fileprivate let bases: UnsafePointer<UnsafeMutablePointer<Float>>
        fileprivate let offset: Int
        package let count: Int
        /// Which segment the run lies in.
        package let segment: Int

        /// The run's first element in the given tensor of its segment.
        package subscript(column: Int) -> UnsafeMutablePointer<Float> { bases[column] + offset }
    }

    /// Splits the long range evenly over the threads and runs `body` on each piece, which never crosses a segment.
    package func forEachRun(_ body: (Run) -> Void) {
        parallelFor(count, grain: 1 << 14) { forEachRun(in: cut($0.lowerBound)..<cut($0.upperBound), body) }
    }

    /// The end of the whole vectors before `position` in its segment: a kernel's last elements, which are fewer than a
    /// vector, may be rounded in another way, and they must not depend on the threads.
    private func cut(_ position: Int) -> Int {
        guard position < count else { return position }
        let start = starts[segment(holding: position)]
        return start + (position - start) / parallelUnit * parallelUnit
    }

    /// The pieces of one part of the long range, in order, on the calling thread.
    package func forEachRun(in range: Range<Int>, _ body: (Run) -> Void) {
        withExtendedLifetime(storages) {
            bases.withUnsafeBufferPointer { bases in
                guard let base = bases.baseAddress else { return }
                var position = range.lowerBound, segment = segment(holding: position)
                while position < range.upperBound {
                    let end = min(range.upperBound, starts[segment + 1])
                    if position < end {
                        body(Run(
                            bases: base + segment * columns, offset: position - starts[segment], count: end - position,
                            segment: segment))
                    }
                    position = end
                    segment += 1
                }
            }
        }
    }

    /// The last segment that starts at or before `position`.
    private func segment(holding position: Int) -> Int {
        var low = 0, high = starts.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= position { low = middle } else { high = middle }
        }
        return low
    }
}
