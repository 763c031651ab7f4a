import Datasets
import Foundation
import Testing

/// Images of every kind against what PIL reads (Tests/Oracles/make_image_fixtures.py).
struct ImageReaderTests {
    struct Expected: Decodable {
        let width: Int
        let height: Int
        let places: [[Int]]
        let levels: [[Int]]
    }

    @Test func everyKindIsReadAsPILReadsIt() throws {
        let all = try JSONDecoder().decode([String: Expected].self, from: fixture("expected.json"))
        #expect(all.count == 10)
        for (name, expected) in all {
            let image = try ImageReader.decode([UInt8](fixture(name)), name: name)
            #expect(image.width == expected.width && image.height == expected.height, "\(name)")
            for (place, levels) in zip(expected.places, expected.levels) {
                for channel in 0..<3 {
                    let level = Int(image.pixels[(place[1] * image.width + place[0]) * 3 + channel])
                    #expect(abs(level - levels[channel]) <= 2, "\(name) at \(place): \(level) is not \(levels[channel])")
                }
            }
        }
    }

    @Test(arguments: ["colour.png", "colour.jpg", "colour.webp"]) func truncatedFilesAreErrors(name: String) throws {
        let whole = [UInt8](try fixture(name))
        for length in [0, 1, 5, 20, whole.count / 2, whole.count - 12] {
            #expect(throws: ImageError.self, "\(name) cut to \(length)") {
                let cut = Array(whole.prefix(length))
                let folder = try TemporaryFolder()
                try folder.write(Data(cut), to: name)
                _ = try ImageReader.inspect(folder.url.appendingPathComponent(name))
            }
        }
    }

    @Test func writtenPNGReadsBackTheSame() throws {
        let folder = try TemporaryFolder()
        let image = RGBImage(width: 5, height: 3, pixels: (0..<45).map { UInt8($0 * 5) })
        let url = folder.url.appendingPathComponent("a.png")
        try ImageWriter.writePNG(image, to: url)
        #expect(try ImageReader.read(url) == image)
        try ImageWriter.writeJPEG(image, to: folder.url.appendingPathComponent("a.jpg"))
        #expect(try ImageReader.read(folder.url.appendingPathComponent("a.jpg")).width == 5)
    }
}
