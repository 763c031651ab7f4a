@testable import TensorEngine
import Testing

@Suite(.serialized) struct StoragePoolTests {
    /// Random blocks taken and given back in random order: no two overlap, all are aligned, and what is free joins again.
    @Test func blocksNeverOverlap() {
        var range = AddressRange(wanted: 1 << 30)
        var random = RandomSource(seed: 3)
        var held: [StorageBlock] = []
        for _ in 0..<4000 {
            if held.count < 40 || random.uniform() < 0.5 {
                let size = StoragePool.blockSize(40_000 + Int(random.uniform() * 400_000))
                guard let block = range.take(size) else { return #expect(Bool(false), "the range is full") }
                #expect(Int(bitPattern: block.start) % StoragePool.alignment == 0)
                #expect(held.allSatisfy { $0.start + $0.byteCount <= block.start || block.start + block.byteCount <= $0.start })
                held.append(block)
            } else {
                range.give(held.remove(at: Int(random.uniform() * Float(held.count - 1))))
            }
        }
        for block in held { range.give(block) }
        // Everything is one free extent again, so the whole of it serves one request.
        let used = range.used
        #expect(range.take(used) != nil)
        #expect(range.used == used)
    }

    @Test func aFullRangeRefuses() {
        var range = AddressRange(wanted: 1 << 25)
        #expect(range.take(1 << 24) != nil)
        #expect(range.take(1 << 25) == nil)
        #expect(range.take(1 << 24) != nil)
    }

    @Test(arguments: [0, 1, 256, 257, 1 << 15, (1 << 15) + 1, 1 << 20, 123_456_789])
    func blockHoldsItsRequest(bytes: Int) {
        let size = StoragePool.blockSize(bytes)
        #expect(size >= bytes && size % StoragePool.alignment == 0)
        // At most an eighth is lost, or a page.
        #expect(size - bytes <= max(256, bytes / 8, 4096 + 320))
    }

    @Test func aRepeatedStepGrowsNothing() {
        func step() {
            var tensors: [Tensor] = []
            for index in 0..<50 { tensors.append(.filled([index * 997 + 1, 16], with: 1)) }
            tensors.removeFirst(20)
            for index in 0..<20 { tensors.append(.filled([index * 1301 + 1, 8], with: 1)) }
        }
        step()
        let before = StoragePool.shared.statistics
        step()
        #expect(StoragePool.shared.statistics.systemAllocations == before.systemAllocations)
        #expect(StoragePool.shared.statistics.live == before.live)
    }

    @Test func trimKeepsWhatIsLive() {
        let kept = Tensor.filled([300_000], with: 7)
        do { _ = Tensor.filled([900_000], with: 1) }
        StoragePool.shared.trim()
        #expect(kept.array.allSatisfy { $0 == 7 })
        #expect(Tensor.filled([900_000], with: 2).array.allSatisfy { $0 == 2 })
    }
}
