import Datasets
import Foundation
import Synchronization
import Testing

/// Batches made ahead: order, bounds, errors, and what is kept on the disk.
struct LoaderTests {
    private struct Numbers: BatchSource {
        struct Broken: Error {}
        let started = Counter()
        func batchCount(epoch: Int) -> Int { 5 }
        func batch(epoch: Int, index: Int) throws -> Int {
            started.add()
            if epoch == 2 && index == 1 { throw Broken() }
            return epoch * 10 + index
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    @Test(arguments: [1, 3]) func prefetcherKeepsOrderPassesErrorsAndStops(threads: Int) throws {
        let pool = LoaderPool(threads: threads)
        let prefetcher = BatchPrefetcher(source: Numbers(), epochs: 0..<3, firstIndex: 3, pool: pool, capacity: 2)
        for expected in [3, 4, 10, 11, 12, 13, 14, 20] { #expect(try prefetcher.next()?.batch == expected) }
        #expect(throws: Numbers.Broken.self) { try prefetcher.next() }
        #expect(try prefetcher.next()?.batch == 22)
        prefetcher.stop()
        #expect(try prefetcher.next() == nil)
        #expect(prefetcher.waitedSeconds >= 0)
        // The pool serves the next prefetcher, as between training and evaluation.
        let whole = BatchPrefetcher(source: Numbers(), epochs: 0..<2, pool: pool)
        var count = 0
        while try whole.next() != nil { count += 1 }
        #expect(count == 10)
        whole.stop()
    }

    @Test func prefetcherMakesNoMoreThanItHasRoomFor() throws {
        let source = Numbers()
        let prefetcher = BatchPrefetcher(source: source, epochs: 0..<2, pool: LoaderPool(threads: 2), capacity: 3)
        for taken in 1...4 {
            _ = try prefetcher.next()
            Thread.sleep(forTimeInterval: 0.02)
            #expect(source.started.value <= taken + 3)
        }
        prefetcher.stop()
    }

    private struct Slow: BatchSource {
        func batchCount(epoch: Int) -> Int { 3 }
        func batch(epoch: Int, index: Int) throws -> Int {
            Thread.sleep(forTimeInterval: 0.05)
            return index
        }
    }

    @Test func waitingIsCountedOnlyWhereTheBatchIsLate() throws {
        let prefetcher = BatchPrefetcher(source: Slow(), epochs: 0..<1, pool: LoaderPool(threads: 1), capacity: 3)
        _ = try prefetcher.next()
        let first = prefetcher.waitedSeconds
        #expect(first > 0.03)
        Thread.sleep(forTimeInterval: 0.5)
        _ = try prefetcher.next()
        _ = try prefetcher.next()
        #expect(prefetcher.waitedSeconds == first)
        prefetcher.stop()
    }

    // MARK: Pictures on the disk

    @Test func storeGivesBackWhatWasKept() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a.png"), image = TestPicture.make(width: 31, height: 17, low: 0, span: 256)
        try ImageWriter.writePNG(image, to: file)
        let store = try DecodedImageStore(folder: folder.url.appendingPathComponent("kept"), byteLimit: 1 << 20)
        let key = try #require(store.key(path: file.path, reduction: .none))
        #expect(store.image(key) == nil)
        #expect(ImageCache(store: store).image(file.path) == image)
        #expect(store.image(key) == image)
        #expect(try #require(store.key(path: file.path, reduction: ImageReduction(minimumShortSide: 8))) != key)
        let again = try DecodedImageStore(folder: folder.url.appendingPathComponent("kept"), byteLimit: 1 << 20)
        #expect(again.image(key) == image && again.byteCount == store.byteCount)
        // A file that changed has another key.
        try ImageWriter.writePNG(RGBImage(width: 40, height: 30, filledWith: 9), to: file)
        #expect(try #require(store.key(path: file.path, reduction: .none)) != key)
        #expect(ImageCache(store: store).image(file.path)?.width == 40)
        #expect(store.key(path: file.path + "x", reduction: .none) == nil)
    }

    @Test func damagedEntriesAreMadeAgain() throws {
        let folder = try TemporaryFolder(), kept = folder.url.appendingPathComponent("kept")
        let file = folder.url.appendingPathComponent("a.png"), image = TestPicture.make(width: 31, height: 17, low: 0, span: 256)
        try ImageWriter.writePNG(image, to: file)
        for damage in 0..<5 {
            let store = try DecodedImageStore(folder: kept, byteLimit: 1 << 20)
            #expect(ImageCache(store: store).image(file.path) == image)
            let entry = try #require(try FileManager.default.contentsOfDirectory(at: kept, includingPropertiesForKeys: nil).first)
            var data = try Data(contentsOf: entry)
            switch damage {
            case 0: data = Data()
            case 1: data = data.prefix(data.count - 5)
            case 2: data[data.count - 9] ^= 1
            case 3: data[9] = 255
            default: data = Data(repeating: 255, count: data.count)
            }
            try data.write(to: entry)
            #expect(ImageCache(store: store).image(file.path) == image)
            #expect(try Data(contentsOf: entry) != data && store.byteCount == Data(contentsOf: entry).count)
        }
    }

    @Test func storeStaysBelowItsLimit() throws {
        let folder = try TemporaryFolder(), kept = folder.url.appendingPathComponent("kept")
        let paths = try (0..<6).map { number in
            let url = folder.url.appendingPathComponent("\(number).png")
            try ImageWriter.writePNG(RGBImage(width: 20, height: 20, filledWith: UInt8(number)), to: url)
            return url.path
        }
        let limit = 4500
        func fill(_ paths: ArraySlice<String>) throws -> DecodedImageStore {
            let store = try DecodedImageStore(folder: kept, byteLimit: limit)
            let cache = ImageCache(store: store)
            for (place, path) in paths.enumerated() { #expect(cache.image(path)?.pixels[0] == UInt8(paths.startIndex + place)) }
            #expect(store.byteCount <= limit)
            return store
        }
        func isKept(_ index: Int, in store: DecodedImageStore) throws -> Bool {
            store.image(try #require(store.key(path: paths[index], reduction: .none))) != nil
        }
        // Full, the run's own entries stay; those of an earlier run make room.
        let first = try fill(paths[0..<6])
        #expect(try isKept(0, in: first) && isKept(2, in: first) && !isKept(3, in: first))
        let second = try fill(paths[2..<6])
        #expect(try isKept(2, in: second) && isKept(3, in: second) && isKept(4, in: second) && !isKept(5, in: second))
        #expect(try DecodedImageStore(folder: kept, byteLimit: 0).byteCount == 0)
    }
}
