/// What an evaluation of a run found, as its file in the run's folder tells it.
package struct RunEvaluation: Sendable, Equatable, Codable {
    package struct Value: Sendable, Equatable, Codable {
        package var tag: String
        package var value: Double

        package init(tag: String, value: Double) {
            self.tag = tag
            self.value = value
        }
    }

    package var step: Int
    package var epoch: Int
    package var isBest: Bool
    package var values: [Value]
    package var findings: EvaluationFindings

    package init(step: Int, epoch: Int, isBest: Bool, values: [Value], findings: EvaluationFindings) {
        self.step = step
        self.epoch = epoch
        self.isBest = isBest
        self.values = values
        self.findings = findings
    }
}

/// What an evaluation finds beside its main values.
package struct EvaluationFindings: Sendable, Equatable, Codable {
    /// One class that has objects, or images, in the validation data.
    package struct ClassResult: Sendable, Equatable, Codable {
        /// Index into `labels`.
        package var label: Int
        package var truthCount: Int
        package var precision: Double
        package var recall: Double
        /// At an overlap of 0.5; of a classifier that of the class against the rest.
        package var ap50: Double
        /// Nil for a classifier.
        package var ap50To95: Double?

        package init(label: Int, truthCount: Int, precision: Double, recall: Double, ap50: Double, ap50To95: Double?) {
            self.label = label
            self.truthCount = truthCount
            self.precision = precision
            self.recall = recall
            self.ap50 = ap50
            self.ap50To95 = ap50To95
        }

        package var f1: Double { precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0 }
    }

    /// Curves of one class or of all in the mean.
    package struct Curves: Sendable, Equatable, Codable {
        /// The best precision at evenly spaced recalls from 0 to 1.
        package var precisionAtRecall: [Double]
        /// At evenly spaced confidences from 0 to 1.
        package var precision: [Double]
        package var recall: [Double]
        package var f1: [Double]

        package init(precisionAtRecall: [Double], precision: [Double], recall: [Double], f1: [Double]) {
            self.precisionAtRecall = precisionAtRecall
            self.precision = precision
            self.recall = recall
            self.f1 = f1
        }
    }

    /// `counts[truth][prediction]`, in detection with the background last on both sides.
    package struct Confusion: Sendable, Equatable, Codable {
        package var counts: [[Int]]
        /// The least confidence and overlap that count; nil for a classifier.
        package var confidence: Double?
        package var overlap: Double?

        package init(counts: [[Int]], confidence: Double?, overlap: Double?) {
            self.counts = counts
            self.confidence = confidence
            self.overlap = overlap
        }
    }

    package var labels: [String]
    package var imageCount: Int
    /// The confidence at which the mean F1 of the classes is best.
    package var confidence: Double
    package var classes: [ClassResult]
    package var meanCurves: Curves?
    /// One for each of `classes`.
    package var curves: [Curves]
    package var confusion: Confusion
    /// Of a classifier: the fraction with the right class among the first one, two … five.
    package var topAccuracies: [Double]
    package var images: [EvaluatedImage]

    package init(
        labels: [String], imageCount: Int, confidence: Double, classes: [ClassResult], meanCurves: Curves?, curves: [Curves],
        confusion: Confusion, topAccuracies: [Double], images: [EvaluatedImage]
    ) {
        self.labels = labels
        self.imageCount = imageCount
        self.confidence = confidence
        self.classes = classes
        self.meanCurves = meanCurves
        self.curves = curves
        self.confusion = confusion
        self.topAccuracies = topAccuracies
        self.images = images
    }

    /// The name of a label; its number where the list is too short.
    package func name(_ label: Int) -> String { labels.indices.contains(label) ? labels[label] : "\(label)" }
}

/// One of the validation images whose predictions are kept.
package struct EvaluatedImage: Sendable, Equatable, Codable {
    package struct Truth: Sendable, Equatable, Codable {
        package var label: Int
        /// Left, top, right and bottom in pixels of the image; nil for the whole image.
        package var box: [Float]?
        package var isCrowd: Bool

        package init(label: Int, box: [Float]?, isCrowd: Bool = false) {
            self.label = label
            self.box = box
            self.isCrowd = isCrowd
        }
    }

    package struct Prediction: Sendable, Equatable, Codable {
        package var label: Int
        package var confidence: Float
        package var box: [Float]?

        package init(label: Int, confidence: Float, box: [Float]?) {
            self.label = label
            self.confidence = confidence
            self.box = box
        }
    }

    package var path: String
    package var width: Int
    package var height: Int
    package var truths: [Truth]
    /// Most confident first.
    package var predictions: [Prediction]

    package init(path: String, width: Int, height: Int, truths: [Truth], predictions: [Prediction]) {
        self.path = path
        self.width = width
        self.height = height
        self.truths = truths
        self.predictions = predictions
    }
}
