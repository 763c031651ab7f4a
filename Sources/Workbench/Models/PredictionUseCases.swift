import Catalog
import Datasets
import Foundation
import ModelFiles
import NeuralNetworks
import TensorEngine
import Training
import VisionModels

extension Workbench {
    /// Runs a model, named by id or name or as a safetensors file that the program wrote, on images.
    ///
    /// `confidence` is the least confidence to report. With `pictures` a copy of each image with boxes goes there.
    package func predict(
        weights: String, images: [URL], confidence: Double, pictures: URL?
    ) throws(WorkbenchError) -> [ImagePrediction] {
        let model = try loadedModel(weights)
        ThreadPool.setThreads(machine.cores().count)
        var results: [ImagePrediction] = []
        for url in images {
            let image: RGBImage
            do { image = try ImageReader.read(url) } catch { throw WorkbenchError(.invalid, error.description) }
            var result = ImagePrediction(image: url.path, found: [])
            switch model.network {
            case .detector(let network):
                let preprocessing = model.pipeline.preprocessing
                let prepared = preprocessing.clahe.apply(to: preprocessing.linearStretch.apply(to: image))
                result.found = Predictor.detect(in: prepared, network: network, size: model.imageSize).map {
                    let corners = $0.corners
                    return .init(
                        label: model.label($0.label), confidence: Double($0.confidence),
                        box: [corners.x, corners.y, corners.z, corners.w].map(Double.init))
                }.filter { $0.confidence >= confidence }
            case .classifier(let network):
                let probabilities = Predictor.classify(image, network: network, pipeline: model.pipeline)
                result.found = probabilities.enumerated().sorted { $0.element > $1.element }.prefix(5).map {
                    .init(label: model.label($0.offset), confidence: Double($0.element), box: nil)
                }.filter { $0.confidence >= confidence }
            }
            if let pictures { result.picture = try write(result.found, on: image, of: url, to: pictures) }
            results.append(result)
        }
        return results
    }

    private func write(
        _ found: [ImagePrediction.Found], on image: RGBImage, of url: URL, to folder: URL
    ) throws(WorkbenchError) -> String {
        var picture = image
        for one in found { if let box = one.box { BoxDrawing.draw(box, label: one.label, on: &picture) } }
        let target = folder.appendingPathComponent(url.deletingPathExtension().lastPathComponent + ".png")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try ImageWriter.writePNG(picture, to: target)
        } catch { throw WorkbenchError(.failed, "The picture \(target.path) cannot be written: \(error)") }
        return target.path
    }

    private struct LoadedModel {
        let network: VisionNetwork
        let labels: [String]
        let imageSize: Int
        /// How pictures are prepared and cut; of detection's the preparation counts.
        let pipeline: ClassificationPipeline

        func label(_ index: Int) -> String { labels.indices.contains(index) ? labels[index] : "\(index)" }
    }

    private func loadedModel(_ key: String) throws(WorkbenchError) -> LoadedModel {
        let isFile = key.hasSuffix(".safetensors") || FileManager.default.fileExists(atPath: key)
        let path = isFile ? key : try model(key).weightsPath
        do {
            let (state, metadata) = try SafetensorsFile.read(URL(fileURLWithPath: path))
            guard let name = metadata["architecture"], let labelText = metadata["labels"],
                let labels = try? JSONDecoder().decode([String].self, from: Data(labelText.utf8)), !labels.isEmpty,
                let imageSize = metadata["image_size"].flatMap({ Int($0) })
            else {
                throw WorkbenchError(
                    .invalid, "The file \(path) does not say its architecture, labels and image size; name a model that this program trained.")
            }
            let entry = try ArchitectureCatalogue.entry(named: name)
            let network = WeightInitializer.$isSkipped.withValue(true) { entry.makeNetwork(classes: labels.count, seed: 0) }
            _ = try network.module.load(state, strict: true)
            network.module.eval()
            let pipeline = try metadata["pipeline"].map { try JSONDecoder().decode(ClassificationPipeline.self, from: Data($0.utf8)) }
            return LoadedModel(
                network: network, labels: labels, imageSize: imageSize,
                pipeline: pipeline ?? ClassificationPipeline(height: imageSize, width: imageSize))
        } catch let error as WorkbenchError { throw error } catch { throw WorkbenchError(.invalid, "\(error)") }
    }

    /// Compares an architecture with the reference in a probe file.
    package func verify(probe file: URL) throws(WorkbenchError) -> VerificationReport {
        let probe: ParityProbe
        do { probe = try ParityProbe(contentsOf: file) } catch {
            let kind: WorkbenchError.Kind = if case .unreadable = error { .notFound } else { .invalid }
            throw WorkbenchError(kind, error.description)
        }
        let entry: ArchitectureEntry
        do { entry = try ArchitectureCatalogue.entry(named: probe.architecture) } catch {
            throw WorkbenchError(.invalid, error.description)
        }
        ThreadPool.setThreads(machine.cores().count)
        // The probe sets every value.
        let network = WeightInitializer.$isSkipped.withValue(true) { entry.makeNetwork(classes: probe.classes, seed: probe.seed) }
        let report = switch network {
        case .classifier(let classifier): probe.run(on: .classifier(classifier))
        case .detector(let detector): probe.run(on: .detector(detector))
        }
        return VerificationReport(
            architecture: report.architecture, mode: report.mode.rawValue, passed: report.passed, checks: report.checks,
            worstForwardError: report.worstForwardError, worstGradientError: report.worstGradientError, failures: report.failures)
    }
}

/// Frames drawn into an image.
enum BoxDrawing {
    private static let colours: [(UInt8, UInt8, UInt8)] = [
        (230, 60, 60), (60, 170, 80), (70, 110, 240), (240, 180, 40), (190, 80, 220), (40, 190, 200), (240, 120, 40), (150, 200, 60),
    ]

    /// A frame of two pixels or more, its colour by label.
    static func draw(_ box: [Double], label: String, on image: inout RGBImage) {
        guard image.width > 0, image.height > 0 else { return }
        let colour = colours[label.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % colours.count]
        let thickness = max(1, min(image.width, image.height) / 200)
        func limited(_ value: Double, _ count: Int) -> Int { min(count - 1, max(0, Int(value.rounded()))) }
        let left = limited(box[0], image.width), top = limited(box[1], image.height)
        let right = limited(box[2], image.width), bottom = limited(box[3], image.height)
        for y in top...max(top, bottom) {
            for x in left...max(left, right)
            where x < left + thickness || x > right - thickness || y < top + thickness || y > bottom - thickness {
                let place = (y * image.width + x) * 3
                image.pixels[place] = colour.0
                image.pixels[place + 1] = colour.1
                image.pixels[place + 2] = colour.2
            }
        }
    }
}
