import Datasets
import NeuralNetworks
import TensorEngine

/// Applies a trained network to single images.
package struct Predictor {
    /// The objects in an image, most confident first, in pixels of that image.
    ///
    /// - Parameter size: the side of the square that the image is fitted into, a multiple of 32.
    package static func detect(
        in image: RGBImage, network: any DetectionNetwork, size: Int, decoder: DetectionDecoder = .prediction
    ) -> [Detection] {
        let item = DatasetItem(path: "", width: image.width, height: image.height, split: nil, annotations: [])
        network.eval()
        let input = DetectionEvaluationSource.prepared(image, item: item, size: size)
        let info = LetterboxInfo(item: item, size: size)
        return (decoder(network(input)).first ?? []).map { detection in
            let box = info.original(DatasetBox(detection.corners))
            return Detection(
                label: detection.label, confidence: detection.confidence,
                corners: BoxCorners(box.xMin, box.yMin, box.xMax, box.yMax))
        }
    }

    /// The probability of each class for an image, as the pipeline's evaluation would cut it.
    package static func classify(_ image: RGBImage, network: any ClassificationNetwork, pipeline: ClassificationPipeline) -> [Float] {
        network.eval()
        let logits = network(pipeline.prepared(image)).array
        let largest = logits.max() ?? 0
        let weights = logits.map { VectorMath.exp($0 - largest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
