import Datasets
import Foundation
import Testing

/// How many photographs a second one loader thread prepares, beside how many it only decodes at that moment.
struct ThroughputTests {
    /// A picture with the statistics of a photograph: broad waves, edges and a little noise; about 45 kB as a JPEG.
    static func photograph(width: Int, height: Int, number: Int) -> RGBImage {
        var image = RGBImage(width: width, height: height, filledWith: 0)
        var state = UInt32(truncatingIfNeeded: number &* 747_796_405 &+ 1)
        for y in 0..<height {
            for x in 0..<width {
                let wave = sin(Double(x) / 37 + Double(number)) * 50 + cos(Double(y) / 23) * 40
                let edge = (x / 50 + y / 40 + number) % 3 == 0 ? 30.0 : 0
                for channel in 0..<3 {
                    state = state &* 1_664_525 &+ 1_013_904_223
                    let noise = Double(state >> 28)
                    image.pixels[(y * width + x) * 3 + channel] = UInt8(min(255, max(0, 110 + wave + edge + noise + Double(channel * 9))))
                }
            }
        }
        return image
    }

    @Test func oneThreadPreparesPhotographs() throws {
        let folder = try TemporaryFolder()
        let items = try (0..<16).map { number in
            let url = folder.url.appendingPathComponent("\(number).jpg")
            try ImageWriter.writeJPEG(Self.photograph(width: 500, height: 375, number: number), to: url)
            return DatasetItem(path: url.path, width: 500, height: 375, split: .train, annotations: [ItemAnnotation(label: 0)])
        }
        var pipeline = ClassificationPipeline(
            height: 224, width: 224, augmentation: ClassificationAugmentationOptions(cropMinimumArea: 0.08, flipHorizontal: 0.5))
        func rate(_ name: String, _ prepare: (Int) throws -> Void) rethrows -> Double {
            let times = try (0..<12).map { epoch in try ContinuousClock().measure { try prepare(epoch) } / .seconds(1) }
            let rate = 16 / (times.min() ?? .infinity)
            print("one thread, \(name): \(Int(rate)) images/s")
            return rate
        }
        func batchRate(_ name: String, byteLimit: Int) throws -> Double {
            let source = ClassificationTrainingSource(
                items: items, labels: ["a"], pipeline: pipeline, batchSize: 16, seed: 1,
                cache: ImageCache(pipeline: pipeline, byteLimit: byteLimit))
            return try rate(name) { _ = try source.batch(epoch: $0, index: 0) }
        }
        let decoded = rate("decode") { _ in
            let cache = ImageCache(byteLimit: 0)
            for item in items { _ = cache.image(item.path) }
        }
        #expect(try batchRate("decode, crop, flip", byteLimit: 0) > 0.3 * decoded)
        #expect(try batchRate("crop, flip", byteLimit: 1 << 30) > decoded)
        pipeline.augmentation.randAugment.apply = true
        #expect(try batchRate("decode, crop, flip, RandAugment", byteLimit: 0) > 0.25 * decoded)
        #expect(try batchRate("crop, flip, RandAugment", byteLimit: 1 << 30) > 0.8 * decoded)
    }

    @Test func largePhotographsAreDecodedReducedAndKeptOnTheDisk() throws {
        let folder = try TemporaryFolder(), url = folder.url.appendingPathComponent("a.jpg")
        try ImageWriter.writeJPEG(Self.photograph(width: 1600, height: 1200, number: 3), to: url)
        let pipeline = ClassificationPipeline(height: 224, width: 224)
        let store = try DecodedImageStore(folder: folder.url.appendingPathComponent("kept"), byteLimit: 64 << 20)
        func milliseconds(_ name: String, _ cache: () -> ImageCache) -> Double {
            let times = (0..<8).map { _ in ContinuousClock().measure { _ = cache().image(url.path) } / .milliseconds(1) }
            let fastest = times.min() ?? .infinity
            print("a photograph of 1600×1200, \(name): \(fastest) ms")
            return fastest
        }
        let whole = milliseconds("whole") { ImageCache(byteLimit: 0) }
        let reduced = milliseconds("reduced") { ImageCache(pipeline: pipeline, byteLimit: 0) }
        let kept = milliseconds("from the disk") { ImageCache(pipeline: pipeline, byteLimit: 0, store: store) }
        #expect(ImageCache(pipeline: pipeline).image(url.path)?.width == 400)
        #expect(reduced < whole && kept < reduced)
    }
}
