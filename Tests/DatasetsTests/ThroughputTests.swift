import Datasets
import Foundation
import Testing

/// How many photographs a second one loader thread prepares.
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
        func rate(_ name: String, byteLimit: Int) throws -> Double {
            let source = ClassificationTrainingSource(
                items: items, labels: ["a"], pipeline: pipeline, batchSize: 16, seed: 1,
                cache: ImageCache(pipeline: pipeline, byteLimit: byteLimit))
            let times = try (0..<12).map { epoch in
                try ContinuousClock().measure { _ = try source.batch(epoch: epoch, index: 0) } / .seconds(1)
            }
            let rate = 16 / (times.min() ?? .infinity)
            print("one thread, \(name): \(Int(rate)) images/s")
            return rate
        }
        #expect(try rate("decode, crop, flip", byteLimit: 0) > 60)
        #expect(try rate("crop, flip", byteLimit: 1 << 30) > 150)
        pipeline.augmentation.randAugment.apply = true
        #expect(try rate("decode, crop, flip, RandAugment", byteLimit: 0) > 60)
        #expect(try rate("crop, flip, RandAugment", byteLimit: 1 << 30) > 120)
    }
}
