import Datasets
import Metrics
import TensorEngine

/// The validation images whose predictions an evaluation keeps: the same at each evaluation of a run.
struct EvaluationSample {
    static let size = 32
    /// A detection below this confidence is not kept, nor one beyond the number.
    private static let minimumConfidence: Float = 0.05
    private static let mostPredictions = 100

    private let paths: Set<String>
    private(set) var images: [EvaluatedImage] = []

    /// Drawn from the items by the seed.
    init(_ items: [DatasetItem], seed: Int) {
        var random = RandomSource(seed: UInt64(bitPattern: Int64(seed)), stream: 20)
        paths = Set(items.map(\.path).shuffled(using: &random).prefix(Self.size))
    }

    func contains(_ item: DatasetItem) -> Bool { paths.contains(item.path) }

    mutating func add(_ item: DatasetItem, predictions: [PredictedObject]) {
        guard contains(item) else { return }
        let kept = predictions.filter { $0.confidence >= Self.minimumConfidence }.prefix(Self.mostPredictions)
        add(item, predictions: kept.map { .init(label: $0.label, confidence: Self.rounded($0.confidence), box: Self.corners($0.box)) })
    }

    /// The five most probable classes of a classifier.
    mutating func add(_ item: DatasetItem, logits: some Collection<Float>) {
        guard contains(item) else { return }
        let order = ClassificationEvaluator.probabilities(of: logits).enumerated().sorted { ($0.element, $1.offset) > ($1.element, $0.offset) }
        add(item, predictions: order.prefix(5).map { .init(label: $0.offset, confidence: Self.rounded(Float($0.element)), box: nil) })
    }

    private mutating func add(_ item: DatasetItem, predictions: [EvaluatedImage.Prediction]) {
        images.append(EvaluatedImage(
            path: item.path, width: item.width, height: item.height,
            truths: item.annotations.map { annotation in
                .init(label: annotation.label, box: annotation.box.map { Self.corners(EvaluationBox($0)) }, isCrowd: annotation.isCrowd)
            }, predictions: predictions))
    }

    private static func corners(_ box: EvaluationBox) -> [Float] {
        [box.xMin, box.yMin, box.xMax, box.yMax].map { ($0 * 10).rounded() / 10 }
    }

    private static func rounded(_ confidence: Float) -> Float { (confidence * 1e4).rounded() / 1e4 }
}
