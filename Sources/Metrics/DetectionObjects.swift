/// A box of evaluation: corners in pixels.
package struct EvaluationBox: Sendable, Equatable, Codable {
    package let xMin: Float
    package let yMin: Float
    package let xMax: Float
    package let yMax: Float

    package init(xMin: Float, yMin: Float, xMax: Float, yMax: Float) {
        self.xMin = xMin
        self.yMin = yMin
        self.xMax = xMax
        self.yMax = yMax
    }

    var area: Double { (Double(xMax) - Double(xMin)) * (Double(yMax) - Double(yMin)) }

    func intersection(_ other: EvaluationBox) -> Double {
        let width = Double(min(xMax, other.xMax)) - Double(max(xMin, other.xMin))
        let height = Double(min(yMax, other.yMax)) - Double(max(yMin, other.yMin))
        return max(0, width) * max(0, height)
    }

    /// Intersection over union.
    func overlap(_ other: EvaluationBox) -> Double {
        let shared = intersection(other)
        return shared / (area + other.area - shared + 1e-7)
    }
}

/// One detection of a model.
package struct PredictedObject: Sendable, Equatable, Codable {
    package let box: EvaluationBox
    package let label: Int
    package let confidence: Float

    package init(box: EvaluationBox, label: Int, confidence: Float) {
        self.box = box
        self.label = label
        self.confidence = confidence
    }
}

/// One annotated object; a crowd is a region that may hold many.
package struct TrueObject: Sendable, Equatable, Codable {
    package let box: EvaluationBox
    package let label: Int
    package let isCrowd: Bool

    package init(box: EvaluationBox, label: Int, isCrowd: Bool = false) {
        self.box = box
        self.label = label
        self.isCrowd = isCrowd
    }
}

/// The ten overlaps 0.50, 0.55 … 0.95 at which a detection may count as right.
enum OverlapThresholds {
    static let all: [Double] = (0..<10).map { 0.5 + Double($0) * ((0.95 - 0.5) / 9) }
}

/// Collects the predictions and truths of an evaluation, image by image, and measures them in both definitions.
package struct DetectionEvaluator: Sendable {
    struct Image: Sendable {
        /// By falling confidence; equal ones in the order given.
        let predictions: [PredictedObject]
        let truths: [TrueObject]
    }

    package let classCount: Int
    private(set) var images: [Image] = []

    package init(classCount: Int) { self.classCount = classCount }

    package var imageCount: Int { images.count }

    /// Adds one image; labels must be in `0..<classCount`.
    package mutating func add(predictions: [PredictedObject], truths: [TrueObject]) {
        let sorted = predictions.enumerated().sorted {
            $0.element.confidence != $1.element.confidence ? $0.element.confidence > $1.element.confidence : $0.offset < $1.offset
        }
        images.append(Image(predictions: sorted.map(\.element), truths: truths))
    }
}
