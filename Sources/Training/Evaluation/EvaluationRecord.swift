import Metrics

/// All that an evaluation of a run found, as the run keeps it in a JSON file of its folder.
package struct EvaluationRecord: Sendable, Equatable, Codable {
    package static let format = "trainyard-evaluation/1"

    package var format = EvaluationRecord.format
    package var step: Int
    package var epoch: Int
    /// The run's seed, by which the images were chosen.
    package var seed: Int
    /// Whether it was the best of the run so far.
    package var isBest: Bool
    package var values: [TaggedValue]
    package var findings: EvaluationFindings
}

/// What an evaluation finds beside its main values.
package struct EvaluationFindings: Sendable, Equatable, Codable {
    /// One class that has objects, or images, in the validation data.
    package struct ClassResult: Sendable, Equatable, Codable {
        /// Index into `labels`.
        package var label: Int
        /// Objects of the class in detection, images in classification.
        package var truthCount: Int
        package var precision: Double
        package var recall: Double
        /// The average precision at an overlap of 0.5; of a classifier that of the class against the rest.
        package var ap50: Double
        /// The mean over the overlaps 0.50, 0.55 … 0.95; nil for a classifier.
        package var ap50To95: Double?
    }

    /// Which label is given to what: `counts[truth][prediction]`, in detection with the background last.
    package struct Confusion: Sendable, Equatable, Codable {
        package var counts: [[Int]]
        /// The least confidence and overlap that count; nil for a classifier.
        package var confidence: Double?
        package var overlap: Double?
    }

    package var labels: [String]
    package var imageCount: Int
    /// The confidence at which the mean F1 of the classes is best.
    package var confidence: Double
    package var classes: [ClassResult]
    package var meanCurves: EvaluationCurves?
    /// One for each of `classes`.
    package var curves: [EvaluationCurves]
    package var confusion: Confusion
    /// Of a classifier: the fraction with the right class among the first one, two … five.
    package var topAccuracies: [Double]
    package var images: [EvaluatedImage]
}

/// One of the validation images whose predictions are kept; the image itself stays where it is.
package struct EvaluatedImage: Sendable, Equatable, Codable {
    package struct Truth: Sendable, Equatable, Codable {
        package var label: Int
        /// Left, top, right and bottom in pixels of the image; nil for the whole image.
        package var box: [Float]?
        package var isCrowd = false
    }

    package struct Prediction: Sendable, Equatable, Codable {
        package var label: Int
        package var confidence: Float
        package var box: [Float]?
    }

    package var path: String
    package var width: Int
    package var height: Int
    package var truths: [Truth]
    /// Most confident first.
    package var predictions: [Prediction]
}
