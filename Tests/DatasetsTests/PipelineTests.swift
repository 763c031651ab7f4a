import Foundation
import TensorEngine
import Testing

@testable import Datasets

/// The way of a picture from its file to the batch.
struct PipelineTests {
    private static func hash(_ tensor: Tensor) -> String {
        String(tensor.array.reduce(0xCBF2_9CE4_8422_2325) { (sum: UInt64, value) in (sum ^ UInt64(value.bitPattern)) &* 0x100_0000_01B3 }, radix: 16)
    }

    private static let sizes = [(61, 47), (40, 90), (33, 33), (120, 20), (7, 5), (64, 48)]

    private func items(_ folder: TemporaryFolder) throws -> [DatasetItem] {
        try Self.sizes.enumerated().map { number, size in
            let url = folder.url.appendingPathComponent("\(number).png")
            try ImageWriter.writePNG(TestPicture.make(width: size.0, height: size.1, low: number * 5, span: 200), to: url)
            return DatasetItem(path: url.path, width: size.0, height: size.1, split: .train, annotations: [ItemAnnotation(label: 0)])
        }
    }

    private func source(_ items: [DatasetItem], _ pipeline: ClassificationPipeline, mixing: BatchMixing = BatchMixing()) -> ClassificationTrainingSource {
        ClassificationTrainingSource(items: items, labels: ["a"], pipeline: pipeline, mixing: mixing, batchSize: 4, seed: 11)
    }

    /// Everything on at once.
    private var everything: ClassificationPipeline {
        var pipeline = ClassificationPipeline(height: 24, width: 32)
        pipeline.augmentation.randAugment.apply = true
        pipeline.augmentation.randAugment.invert = true
        pipeline.augmentation.randomCrop.apply = true
        pipeline.augmentation.randomCrop.padding = 4
        pipeline.augmentation.flipVertical = 0.5
        pipeline.augmentation.colour.apply = true
        pipeline.augmentation.colourJitter.brightness = 0.4
        pipeline.augmentation.colourJitter.contrast = 0.4
        pipeline.augmentation.colourJitter.saturation = 0.4
        pipeline.augmentation.colourJitter.hue = 0.2
        pipeline.augmentation.randomErasing.probability = 1
        pipeline.augmentation.randomErasing.random = true
        pipeline.preprocessing.linearStretch.apply = true
        pipeline.preprocessing.clahe.apply = true
        return pipeline
    }

    @Test func twoSettingsAloneGiveTheFirstReleasesBits() throws {
        let folder = try TemporaryFolder(), items = try items(folder)
        let expected: [(Double, Double, [String])] = [
            (0.5, 0.5, ["c986ebfa3f0fe8a2", "6628549955d5295a"]), (0.08, 0, ["f9217f6fa7ff5f1", "c957e0328767e066"]),
            (1, 0.3, ["5aa157edea1cd8d1", "d97522d94365161f"]),
        ]
        for (area, flip, hashes) in expected {
            let options = ClassificationAugmentationOptions(cropMinimumArea: area, flipHorizontal: flip)
            let source = source(items, ClassificationPipeline(height: 32, width: 32, augmentation: options))
            #expect(try (0..<2).map { Self.hash(try source.batch(epoch: 3, index: $0).images) } == hashes, "area \(area)")
        }
        for (size, hash) in [(32, "4be78a1ef890d53f"), (64, "1253a4c641a628b2"), (96, "7f4a70cefa98a49b")] {
            let source = ClassificationEvaluationSource(
                items: items, labels: ["a"], pipeline: ClassificationPipeline(height: size, width: size), batchSize: 6)
            #expect(Self.hash(try source.batch(epoch: 0, index: 0).images) == hash)
        }
        let detection = DetectionTrainingSource(
            items: items, labels: ["a"], size: 64, batchSize: 4, augmentation: DetectionAugmentation(), seed: 11, closeMosaicFromEpoch: 2)
        #expect(
            try (0..<4).map { Self.hash(try detection.batch(epoch: $0, index: 0).images) }
                == ["c3658293bc0ed724", "d1a2cbabbd5426dc", "ece85f0c832b2111", "3021d2213a74bd7d"])
        let validation = DetectionEvaluationSource(items: items, labels: ["a"], size: 64, batchSize: 6)
        #expect(Self.hash(try validation.batch(epoch: 0, index: 0).images) == "24fd985ddf1b2284")
    }

    @Test func everyStageIsAPureFunctionOfThePlace() throws {
        let folder = try TemporaryFolder(), items = try items(folder)
        let mixing = BatchMixing(mixupAlpha: 0.2, cutmixAlpha: 1)
        let first = try source(items, everything, mixing: mixing).batch(epoch: 2, index: 1)
        let cold = source(items, everything, mixing: mixing)
        _ = try cold.batch(epoch: 0, index: 0)
        let second = try cold.batch(epoch: 2, index: 1)
        #expect(first.images.array == second.images.array && first.mixing == second.mixing && first.mixing != nil)
        #expect(first.images.shape == [4, 24, 32, 3] && first.images.array.allSatisfy(\.isFinite))
        #expect(try cold.batch(epoch: 3, index: 1).images.array != first.images.array)
        #expect(first.classShares(classCount: 1) == [1, 1, 1, 1])
    }

    @Test func aStageThatIsSwitchedOnLeavesTheOthersAsTheyWere() throws {
        let folder = try TemporaryFolder(), items = try items(folder)
        var pipeline = ClassificationPipeline(height: 32, width: 32)
        let plain = try source(items, pipeline).batch(epoch: 0, index: 0).images.array
        pipeline.augmentation.randomErasing.probability = 1
        pipeline.augmentation.randomErasing.value = 100
        let erased = try source(items, pipeline).batch(epoch: 0, index: 0).images.array
        #expect(erased.contains(100) && zip(plain, erased).allSatisfy { $0 == $1 || $1 == 100 })
        // RandAugment with nothing left to draw only rounds.
        pipeline.augmentation.randomErasing.probability = 0
        pipeline.augmentation.randAugment.apply = true
        pipeline.augmentation.randAugment.disabledOperations = AugmentationOperation.randAugment
        let rounded = try source(items, pipeline).batch(epoch: 0, index: 0).images.array
        #expect(zip(plain, rounded).allSatisfy { abs($0 - $1) < 0.51 / 255 / 0.224 })
    }

    @Test func evaluationSizesNeedNotBeSquare() throws {
        let picture = TestPicture.make(width: 64, height: 48, low: 0, span: 200)
        var pipeline = ClassificationPipeline(height: 32, width: 32)
        pipeline.evaluation.centreCrop.height = 20
        pipeline.evaluation.centreCrop.width = 50
        #expect(pipeline.prepared(picture).shape == [1, 20, 50, 3])
        pipeline.evaluation.alignment = .pixels
        #expect(pipeline.prepared(picture).shape == [1, 20, 50, 3])
        pipeline.evaluation.centreCrop.apply = false
        #expect(pipeline.prepared(picture).shape == [1, 32, 32, 3])
        // The middle column of a picture that is only squeezed is its middle.
        pipeline.preprocessing.normalize.apply = false
        let grey = RGBImage(width: 9, height: 3, filledWith: 102)
        #expect(pipeline.prepared(grey).array.allSatisfy { abs($0 - 0.4) < 1e-6 })
    }

    @Test(arguments: [(1, 1), (1, 300), (300, 1), (2, 3), (5, 1000)]) func noSizeTrapsAnyStage(size: (Int, Int)) throws {
        let folder = try TemporaryFolder(), url = folder.url.appendingPathComponent("a.png")
        try ImageWriter.writePNG(TestPicture.make(width: size.0, height: size.1, low: 3, span: 200), to: url)
        let item = DatasetItem(path: url.path, width: size.0, height: size.1, split: nil, annotations: [ItemAnnotation(label: 0)])
        for alignment in CropAlignment.allCases {
            var pipeline = everything
            pipeline.augmentation.randomResizedCrop.alignment = alignment
            pipeline.evaluation.alignment = alignment
            pipeline.augmentation.randAugment.operationCount = 14
            for isCropped in [true, false] {
                pipeline.augmentation.randomCrop.apply = isCropped
                pipeline.augmentation.randomResizedCrop.apply = isCropped
                for epoch in 0..<6 {
                    let batch = try source([item], pipeline).batch(epoch: epoch, index: 0)
                    #expect(batch.count == 1 && batch.images.array.allSatisfy(\.isFinite))
                }
            }
            let shown = ClassificationEvaluationSource(items: [item], labels: ["a"], pipeline: pipeline, batchSize: 2)
            #expect(try shown.batch(epoch: 0, index: 0).images.array.allSatisfy(\.isFinite))
        }
        for operation in AugmentationOperation.allCases {
            for magnitude in [0, 15, 30] { _ = operation.apply(to: TestPicture.make(width: size.0, height: size.1, low: 0, span: 256), magnitude: magnitude) }
        }
    }

    @Test func noItemsMakeNoBatches() throws {
        let pipeline = ClassificationPipeline(height: 8, width: 8)
        #expect(source([], pipeline).batchCount(epoch: 0) == 0)
        let pool = LoaderPool(threads: 1)
        #expect(try BatchPrefetcher(source: source([], pipeline), epochs: 0..<3, pool: pool).next() == nil)
        let gone = DatasetItem(path: "/nowhere.png", width: 3, height: 3, split: nil, annotations: [ItemAnnotation(label: 0)])
        #expect(throws: BatchError.noUsableImage(count: 1, first: "/nowhere.png")) { try source([gone], pipeline).batch(epoch: 0, index: 0) }
        let shown = ClassificationEvaluationSource(items: [gone], labels: ["a"], pipeline: pipeline, batchSize: 2)
        #expect(try shown.batch(epoch: 0, index: 0).images.shape == [0, 8, 8, 3])
    }

    @Test func optionsKeepTheirNamesInJSON() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let options = String(decoding: try encoder.encode(ClassificationAugmentationOptions()), as: UTF8.self)
        for key in [
            "rand_augment", "num_ops", "disabled_ops", "random_crop", "random_resized_crop", "flip_horizontal", "flip_vertical", "colour",
            "colour_jitter", "random_erasing", "\"scale\":[0.5,1]",
        ] {
            #expect(options.contains(key), "\(key) in \(options)")
        }
        let pipeline = everything
        #expect(try JSONDecoder().decode(ClassificationPipeline.self, from: encoder.encode(pipeline)) == pipeline)
        let other = String(decoding: try encoder.encode(pipeline.preprocessing) + encoder.encode(pipeline.evaluation), as: UTF8.self)
        for key in ["linear_stretch", "lower_percentile", "clip_limit", "tiles", "std", "centre_crop"] { #expect(other.contains(key)) }
    }

    @Test func filesAreDecodedNoSmallerThanNeeded() throws {
        let folder = try TemporaryFolder(), url = folder.url.appendingPathComponent("a.jpg")
        try ImageWriter.writeJPEG(ThroughputTests.photograph(width: 500, height: 375, number: 1), to: url)
        func size(_ reduction: ImageReduction) throws -> [Int] {
            let image = try ImageReader.read(url, reduction: reduction)
            return [image.width, image.height]
        }
        #expect(try size(.none) == [500, 375])
        #expect(try size(ImageReduction(minimumShortSide: 188)) == [500, 375])
        #expect(try size(ImageReduction(minimumShortSide: 187)) == [250, 188])
        #expect(try size(ImageReduction(minimumShortSide: 40, minimumArea: 100 * 100)) == [125, 94])
        #expect(try size(ImageReduction(minimumShortSide: 40, minimumArea: 200 * 200)) == [250, 188])
        #expect(try size(ImageReduction(minimumShortSide: 10)) == [63, 47])
        #expect(try size(ImageReduction(longestSide: 100)) == [125, 94])
        #expect(ImageCache(reduction: ImageReduction(longestSide: 100)).image(url.path)?.width == 100)
        // Half the size shows the same picture: it is the whole one averaged.
        let whole = ImageResampler.resize(try ImageReader.read(url), width: 250, height: 188)
        let half = try ImageReader.read(url, reduction: ImageReduction(minimumShortSide: 187))
        let difference = zip(whole.pixels, half.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(half.pixels.count) < 3)
    }
}
