import Datasets
import Foundation
import TensorEngine
import Testing

/// Sample data through the importer into batches.
struct BatchTests {
    private func scenes(_ folder: TemporaryFolder) throws -> ImportedDataset {
        try SampleData.writeDigitScenes(to: folder.url, trainImages: 12, validationImages: 4, seed: 3)
        return try DatasetImporter.importDataset(at: folder.url)
    }

    private func source(_ data: ImportedDataset, augmentation: DetectionAugmentation = DetectionAugmentation(horizontalFlip: 0))
        -> DetectionTrainingSource
    {
        DetectionTrainingSource(
            items: data.items.filter { $0.split == .train }, labels: data.labels, size: 160, batchSize: 8, augmentation: augmentation,
            seed: 5, closeMosaicFromEpoch: 9)
    }

    @Test func scenesHoldSeveralDigitsInsideTheImage() throws {
        let folder = try TemporaryFolder()
        let data = try scenes(folder)
        #expect(data.report.problems.isEmpty && data.items.count == 16 && data.labels.count == 10)
        #expect(data.items.allSatisfy { (1...6).contains($0.annotations.count) })
        let again = try TemporaryFolder()
        _ = try scenes(again)
        let file = "images/train/00003.png"
        #expect(try Data(contentsOf: folder.url.appendingPathComponent(file)) == Data(contentsOf: again.url.appendingPathComponent(file)))
    }

    @Test func digitsAreDividedIntoClassFolders() throws {
        let folder = try TemporaryFolder()
        try SampleData.writeDigits(to: folder.url)
        let data = try DatasetImporter.importDataset(at: folder.url)
        #expect(data.report.problems.isEmpty && data.labels == (0..<10).map(String.init) && data.items.count == 1797)
        #expect(data.items.filter { $0.split == .val }.count == 359)
        let training = ClassificationTrainingSource(
            items: data.items, labels: data.labels,
            pipeline: ClassificationPipeline(
                height: 32, width: 32, augmentation: ClassificationAugmentationOptions(cropMinimumArea: 0.6, flipHorizontal: 0)),
            batchSize: 16, seed: 1)
        let batch = try training.batch(epoch: 0, index: 3)
        #expect(batch.images.shape == [16, 32, 32, 3] && batch.labels.count == 16)
        #expect(try training.batch(epoch: 0, index: 3).images.array == batch.images.array)
        #expect(try training.batch(epoch: 1, index: 3).labels != batch.labels)
        let evaluation = ClassificationEvaluationSource(
            items: data.items, labels: data.labels, pipeline: ClassificationPipeline(height: 32, width: 32), batchSize: 100)
        #expect(try evaluation.batch(epoch: 0, index: 17).count == 97)
    }

    @Test func trainingBatchesAreAPureFunctionOfTheirPlace() throws {
        let folder = try TemporaryFolder()
        let data = try scenes(folder)
        let first = try source(data).batch(epoch: 2, index: 1)
        let second = try source(data).batch(epoch: 2, index: 1)
        #expect(first.images.array == second.images.array && first.targets == second.targets && first.count == 8)
        #expect(try source(data).batch(epoch: 3, index: 1).images.array != first.images.array)
        #expect(first.images.array.allSatisfy { $0 >= 0 && $0 <= 1.0001 } && !first.targets.isEmpty)
        #expect(first.targets.allSatisfy { $0.box.xMin >= 0 && $0.box.xMax <= 160 && $0.box.width > 2 && $0.box.height > 2 })
    }

    @Test func withoutAugmentationTheSampleIsTheImage() throws {
        let folder = try TemporaryFolder()
        let data = try scenes(folder)
        let batch = try source(data, augmentation: .none).batch(epoch: 0, index: 0)
        let plain = try DetectionEvaluationSource(
            items: data.items.filter { $0.split == .train }, labels: data.labels, size: 160, batchSize: 12
        ).batch(epoch: 0, index: 0)
        let length = 160 * 160 * 3
        let trained = Array(batch.images.array[..<length]), shown = plain.images.array
        let match = (0..<12).first { place in
            zip(shown[(place * length)..<((place + 1) * length)], trained).allSatisfy { abs($0 - $1) < 1e-4 }
        }
        let place = try #require(match)
        #expect(batch.targets.filter { $0.image == 0 }.map(\.box) == plain.targets.filter { $0.image == place }.map(\.box))
        #expect(plain.infos[place].original(plain.infos[place].batch(DatasetBox(xMin: 1, yMin: 2, xMax: 30, yMax: 40))).xMax == 30)
    }

    @Test func aMissingImageIsReplacedAndReported() throws {
        let folder = try TemporaryFolder()
        let data = try scenes(folder)
        try FileManager.default.removeItem(atPath: data.items[0].path)
        let training = source(data)
        let batches = try (0..<training.batchCount(epoch: 0)).map { try training.batch(epoch: 0, index: $0) }
        #expect(batches.allSatisfy { $0.count == 8 })
        #expect(training.cache.failures.keys.sorted() == [data.items[0].path])
    }

    /// Four pictures instead of one; the first eight epochs of the source have mosaics, those from the ninth on have none.
    @Test func aMosaicTakesAFewTimesAsLongAsOnePicture() throws {
        let folder = try TemporaryFolder()
        let training = source(try scenes(folder))
        for index in 0..<2 { _ = try training.batch(epoch: 0, index: index) }
        var mosaic = Double.infinity, plain = Double.infinity
        for epoch in 0..<8 {
            mosaic = min(mosaic, try ContinuousClock().measure { _ = try training.batch(epoch: epoch, index: 0) } / .milliseconds(8))
            plain = min(plain, try ContinuousClock().measure { _ = try training.batch(epoch: epoch + 9, index: 0) } / .milliseconds(8))
        }
        print("one 160-pixel sample: \(mosaic) ms of a mosaic, \(plain) ms of one picture")
        #expect(mosaic < 3 * plain)
    }
}
