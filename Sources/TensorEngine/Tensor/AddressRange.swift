import CKernels

/// A range of addresses that grows at its end, with the free extents inside it.
struct AddressRange {
    private struct Extent {
        var offset: Int
        var byteCount: Int
        var end: Int { offset + byteCount }
    }

    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// Free extents in order of address, no two of them neighbours.
    private var free: [Extent] = []
    /// Bytes from the start to the end of the last block ever given out.
    private(set) var used = 0

    /// Reserves `wanted` bytes of addresses, or as many as the system allows by halves.
    init(wanted: Int) {
        var size = wanted
        while true {
            if let start = ty_reserve_addresses(size) {
                (base, capacity) = (start, size)
                return
            }
            precondition(size > 1 << 24, "the system gives this process no memory")
            size /= 2
        }
    }

    /// The free extent that fits best, cut to size, or new addresses at the end; nil when all are in use.
    mutating func take(_ byteCount: Int) -> StorageBlock? {
        var best = -1, bestSize = Int.max
        for (index, extent) in free.enumerated() where extent.byteCount >= byteCount && extent.byteCount < bestSize {
            (best, bestSize) = (index, extent.byteCount)
            if bestSize == byteCount { break }
        }
        if best >= 0 {
            let offset = free[best].offset
            if bestSize == byteCount {
                free.remove(at: best)
            } else {
                free[best].offset += byteCount
                free[best].byteCount -= byteCount
            }
            return StorageBlock(start: base + offset, byteCount: byteCount)
        }
        // A free extent at the very end needs only the rest.
        var offset = used
        if let last = free.last, last.end == used {
            offset = last.offset
            free.removeLast()
        }
        guard offset + byteCount <= capacity else { return nil }
        used = offset + byteCount
        return StorageBlock(start: base + offset, byteCount: byteCount)
    }

    /// Takes a block back and joins it with free neighbours.
    mutating func give(_ block: StorageBlock) {
        let offset = block.start - base
        var lower = 0, upper = free.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if free[middle].offset < offset { lower = middle + 1 } else { upper = middle }
        }
        let end = offset + block.byteCount
        let joinsPrevious = lower > 0 && free[lower - 1].end == offset
        let joinsNext = lower < free.count && free[lower].offset == end
        switch (joinsPrevious, joinsNext) {
        case (true, true):
            free[lower - 1].byteCount += block.byteCount + free[lower].byteCount
            free.remove(at: lower)
        case (true, false): free[lower - 1].byteCount += block.byteCount
        case (false, true):
            free[lower].offset = offset
            free[lower].byteCount += block.byteCount
        case (false, false): free.insert(Extent(offset: offset, byteCount: block.byteCount), at: lower)
        }
    }

    /// Gives the memory of the whole pages inside free extents back to the system.
    func releaseFreePages(ofSize page: Int) {
        for extent in free {
            let start = (extent.offset + page - 1) / page * page, end = extent.end / page * page
            if start < end { ty_release_pages(base + start, end - start) }
        }
    }
}
