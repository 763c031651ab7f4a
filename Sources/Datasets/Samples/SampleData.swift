import Dispatch
import Foundation
import Synchronization
import TensorEngine

/// Small real datasets made on the spot, in formats the importer reads.
package enum SampleData {
    /// Side of a scene in pixels.
    package static let sceneSide = 160

    /// Writes the scans as class folders `train/0…9`, `val/0…9` of 32×32 PNGs; the parts share no scan.
    package static func writeDigits(to folder: URL) throws(SampleDataError) {
        let parts = try DigitScan.divided()
        for (name, scans) in [("train", parts.train), ("val", parts.validation)] {
            for digit in 0..<10 { try makeFolder(folder.appendingPathComponent("\(name)/\(digit)")) }
            try each(scans.count) { index throws(SampleDataError) in
                let scan = scans[index]
                let levels = scan.ink.flatMap { ink in [UInt8](repeating: UInt8((ink * 255).rounded()), count: 3) }
                let image = RGBImage(width: DigitScan.side, height: DigitScan.side, pixels: levels)
                try write(
                    ImageResampler.resize(image, width: 32, height: 32),
                    to: folder.appendingPathComponent("\(name)/\(scan.label)/\(number(index)).png"))
            }
        }
    }

    /// Writes scenes of 2…6 scans over textured backgrounds as a YOLO folder with data.yaml.
    ///
    /// Training scenes use training scans only and validation scenes the others. The same seed writes the same bytes.
    package static func writeDigitScenes(
        to folder: URL, trainImages: Int = 400, validationImages: Int = 80, seed: UInt64 = 1
    ) throws(SampleDataError) {
        let parts = try DigitScan.divided()
        let splits = [(name: "train", scans: parts.train, count: trainImages), (name: "val", scans: parts.validation, count: validationImages)]
        for (stream, split) in splits.enumerated() {
            let images = folder.appendingPathComponent("images/\(split.name)")
            let labels = folder.appendingPathComponent("labels/\(split.name)")
            try makeFolder(images)
            try makeFolder(labels)
            try each(split.count) { index throws(SampleDataError) in
                let random = RandomSource(seed: seed, stream: UInt64(stream), UInt64(index))
                let scene = DigitScene.make(side: sceneSide, scans: split.scans, random: random)
                try write(scene.image, to: images.appendingPathComponent("\(number(index)).png"))
                let side = Float(sceneSide)
                let lines = scene.annotations.compactMap { annotation -> String? in
                    guard let box = annotation.box else { return nil }
                    let values = [(box.xMin + box.xMax) / 2, (box.yMin + box.yMax) / 2, box.width, box.height].map { Double($0 / side) }
                    return "\(annotation.label) " + values.map { String(format: "%.6f", $0) }.joined(separator: " ") + "\n"
                }
                try write(lines.joined(), to: labels.appendingPathComponent("\(number(index)).txt"))
            }
        }
        let names = (0..<10).map { "  \($0): '\($0)'\n" }.joined()
        try write("train: images/train\nval: images/val\nnames:\n\(names)", to: folder.appendingPathComponent("data.yaml"))
    }

    private static func number(_ index: Int) -> String { String(format: "%05d", index) }

    /// Does a piece of work for each number, on all cores at once, and throws what went wrong first.
    private static func each(_ count: Int, _ body: @Sendable (Int) throws(SampleDataError) -> Void) throws(SampleDataError) {
        let problem = Mutex<SampleDataError?>(nil)
        DispatchQueue.concurrentPerform(iterations: count) { index in
            guard problem.withLock({ $0 == nil }) else { return }
            do throws(SampleDataError) { try body(index) } catch { problem.withLock { $0 = error } }
        }
        if let found = problem.withLock({ $0 }) { throw found }
    }

    private static func makeFolder(_ url: URL) throws(SampleDataError) {
        do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
            throw .cannotWrite(error.localizedDescription)
        }
    }

    private static func write(_ image: RGBImage, to url: URL) throws(SampleDataError) {
        do { try ImageWriter.writePNG(image, to: url, quickly: true) } catch { throw .cannotWrite(error.description) }
    }

    private static func write(_ text: String, to url: URL) throws(SampleDataError) {
        do { try text.write(to: url, atomically: true, encoding: .utf8) } catch { throw .cannotWrite(error.localizedDescription) }
    }
}
