import Foundation
import TensorEngine
import Testing

@testable import Datasets

/// Picture operations against torchvision, numpy and OpenCV (Tests/Oracles/make_augmentation_goldens.py).
struct AugmentationTests {
    struct Case: Decodable {
        let name: String
        let source: String
        let arguments: [String: Double]
        let width: Int
        let height: Int
        let pixels: Data
    }

    struct MixingCase: Decodable {
        let name: String
        let weight: Double
        let centre: [Int]?
        let box: [Int]?
        let images: [Float]
        let targets: [Float]
    }

    struct Goldens: Decodable {
        let cases: [Case]
        let mixing: [MixingCase]
    }

    private static func goldens() throws -> Goldens { try JSONDecoder().decode(Goldens.self, from: fixture("augmentation.json")) }

    @Test func picturesAreTorchvisionsToOneLevel() throws {
        let cases = try Self.goldens().cases
        #expect(cases.count == 132)
        var largest: [String: Int] = [:]
        for entry in cases {
            let picture = try #require(TestPicture.named[entry.source])
            let result = try #require(made(entry, of: picture), "\(entry.name)")
            try #require(result.width == entry.width && result.height == entry.height, "\(entry.name) \(entry.arguments)")
            let worst = zip(result.pixels, entry.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
            #expect(worst <= 1, "\(entry.name) \(entry.arguments) of \(entry.source) is off by \(worst)")
            largest[entry.name] = max(largest[entry.name] ?? 0, worst)
        }
        // What only moves or looks up levels is equal to the bit.
        for name in ["RandAugment", "Invert", "brightness", "contrast", "saturation", "flipHorizontal", "paddedCrop", "clahePlane"] {
            #expect(largest[name] == 0, "\(name) is off by \(largest[name] ?? -1)")
        }
    }

    private func made(_ entry: Case, of picture: RGBImage) -> RGBImage? {
        func number(_ name: String) -> Int { Int(entry.arguments[name] ?? 0) }
        func factor() -> Float { Float(entry.arguments["factor"] ?? 0) }
        var clahe = CLAHE()
        clahe.apply = true
        clahe.tiles = number("tiles")
        clahe.clipLimit = entry.arguments["limit"] ?? 0
        var stretch = LinearStretch()
        stretch.apply = true
        stretch.lowerPercentile = entry.arguments["lower"] ?? 0
        stretch.upperPercentile = entry.arguments["upper"] ?? 0
        switch entry.name {
        case "RandAugment":
            return AugmentationOperation.randAugment[number("operation")].apply(
                to: picture, magnitude: number("magnitude"), isNegative: number("sign") < 0)
        case "Invert": return AugmentationOperation.invert.apply(to: picture, magnitude: 9)
        case "brightness": return picture.brightness(factor())
        case "contrast": return picture.contrast(factor())
        case "saturation": return picture.saturation(factor())
        case "hue": return picture.hue(factor())
        case "flipHorizontal": return picture.flippedHorizontally()
        case "flipVertical": return picture.flippedVertically()
        case "resize": return ImageResampler.resize(picture, width: number("width"), height: number("height"))
        case "resizedCrop":
            return ImageResampler.crop(
                picture,
                window: PixelWindow(
                    x: Float(number("left")), y: Float(number("top")), width: Float(number("width")), height: Float(number("height"))),
                toWidth: number("toWidth"), toHeight: number("toHeight"), seesBeyond: false)
        case "centreCrop": return picture.centreCropped(width: number("width"), height: number("height"))
        case "evaluation": return evaluated(picture, resize: number("resize"), height: number("height"), width: number("width"))
        case "paddedCrop":
            return picture.padded(by: number("padding")).cropped(
                left: number("left"), top: number("top"), width: number("width"), height: number("height"))
        case "linearStretch": return stretch.apply(to: picture)
        case "clahePlane":
            let plane = Swift.stride(from: 1, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
            let result = clahe.equalize(plane, width: picture.width, height: picture.height)
            return RGBImage(width: picture.width, height: picture.height, pixels: result.flatMap { [$0, $0, $0] })
        case "clahe": return clahe.apply(to: picture)
        default: return nil
        }
    }

    private func evaluated(_ picture: RGBImage, resize: Int, height: Int, width: Int) -> RGBImage {
        var pipeline = ClassificationPipeline(height: height, width: width)
        pipeline.evaluation.resize = resize
        pipeline.evaluation.alignment = .pixels
        pipeline.preprocessing.normalize.apply = false
        let levels = pipeline.prepared(picture).array
        return RGBImage(width: width, height: height, pixels: levels.map { UInt8(($0 * 255).rounded()) })
    }

    // MARK: Mixing

    @Test func mixingIsTorchvisions() throws {
        let labels: [Int32] = [2, 0, 1]
        for entry in try Self.goldens().mixing {
            let pixels = BatchPixels(count: 3, height: 5, width: 6)
            for index in 0..<3 {
                let picture = TestPicture.make(width: 6, height: 5, low: 20 * index, span: 200)
                pixels.withImage(index) { for (place, level) in picture.pixels.enumerated() { $0[place] = Float(level) / 255 } }
            }
            var mixture = Mixture.mixup(share: entry.weight)
            if let centre = entry.centre {
                let box = CutBox(share: entry.weight, centreX: centre[0], centreY: centre[1], width: 6, height: 5)
                #expect([box.left, box.top, box.right, box.bottom] == entry.box)
                mixture = .cutmix(box)
            }
            pixels.withImages(count: 3) { mixture.apply(to: $0, count: 3, width: 6, height: 5) }
            let batch = ClassificationBatch(
                pixels: pixels, labels: labels, mixing: LabelMixing(labels: labels, share: mixture.share(width: 6, height: 5)))
            #expect(zip(batch.images.array, entry.images).allSatisfy { abs($0 - $1) < 2e-6 }, "\(entry.name)")
            #expect(zip(batch.classShares(classCount: 4), entry.targets).allSatisfy { abs($0 - $1) < 1e-6 }, "\(entry.name)")
        }
    }

    @Test(arguments: [0.2, 1, 4.0]) func betaHasItsMeanAndVariance(alpha: Double) {
        var random = RandomSource(seed: 9)
        let draws = (0..<20000).map { _ in random.beta(alpha) }
        let mean = draws.reduce(0, +) / 20000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20000
        #expect(abs(mean - 0.5) < 0.01 && abs(variance - 1 / (4 * (2 * alpha + 1))) < 0.005)
        #expect(draws.allSatisfy { (0...1).contains($0) })
    }

    // MARK: Random choices

    @Test func strengthsAreThoseOfThirtyOneBins() {
        #expect(AugmentationOperation.randAugment.count == 14 && AugmentationOperation.colour.count == 9)
        #expect(AugmentationOperation.posterize.measure(magnitude: 9, width: 1, height: 1) == 7)
        #expect(AugmentationOperation.posterize.measure(magnitude: 30, width: 1, height: 1) == 4)
        #expect(AugmentationOperation.solarize.measure(magnitude: 9, width: 1, height: 1) == 178.5)
        #expect(abs(AugmentationOperation.translateX.measure(magnitude: 9, width: 331, height: 1) - 45) < 1e-4)
        #expect(abs(AugmentationOperation.rotate.measure(magnitude: 9, width: 1, height: 1) - 9) < 1e-5)
    }

    @Test func windowsHaveTheAreaAndAspectAskedFor() {
        var crop = RandomResizedCrop()
        crop.scale = ValueRange(0.08, 1)
        crop.alignment = .pixels
        var random = RandomSource(seed: 3)
        var areas: [Float] = []
        for _ in 0..<2000 {
            let window = crop.window(width: 500, height: 375, random: &random)
            #expect(window.x >= 0 && window.y >= 0 && window.x + window.width <= 500 && window.y + window.height <= 375)
            #expect(window.x == window.x.rounded() && (0.74...1.35).contains(window.width / window.height))
            areas.append(window.width * window.height / (500 * 375))
        }
        #expect((areas.min() ?? 0) >= 0.078 && (areas.min() ?? 1) < 0.1 && (areas.max() ?? 0) > 0.9)
        // Nothing of that aspect fits a strip: the middle of it is taken.
        #expect(crop.window(width: 1000, height: 4, random: &random) == PixelWindow(x: 497, y: 0, width: 5, height: 4))
        #expect(crop.window(width: 1, height: 1, random: &random) == PixelWindow(x: 0, y: 0, width: 1, height: 1))
    }

    @Test func erasingWritesARectangleOfTheAskedArea() {
        var erasing = RandomErasing()
        erasing.probability = 1
        erasing.value = 7
        var random = RandomSource(seed: 4)
        for _ in 0..<200 {
            var levels = [Float](repeating: 1, count: 40 * 30 * 3)
            levels.withUnsafeMutableBufferPointer { erasing.apply(to: $0, width: 40, height: 30, random: &random) }
            let erased = Swift.stride(from: 0, to: levels.count, by: 3).filter { levels[$0] == 7 }.map { $0 / 3 }
            let columns = Set(erased.map { $0 % 40 }), rows = Set(erased.map { $0 / 40 })
            #expect(erased.count == columns.count * rows.count)
            #expect(levels.allSatisfy { $0 == 1 || $0 == 7 } && erased.count <= 420)
        }
        erasing.probability = 0
        var untouched: [Float] = [1, 1, 1]
        untouched.withUnsafeMutableBufferPointer { erasing.apply(to: $0, width: 1, height: 1, random: &random) }
        #expect(untouched == [1, 1, 1])
    }
}
