import Foundation

/// Detection measures as Ultralytics defines them: AP is the trapezoid integral of the precision envelope interpolated
/// at 101 recalls; precision and recall are those at the confidence with the best smoothed mean F1.
package struct UltralyticsDetectionMetrics: Sendable, Equatable {
    package struct ClassMetrics: Sendable, Equatable {
        package let label: Int
        /// Annotated objects of the class.
        package let truthCount: Int
        package let precision: Double
        package let recall: Double
        package let ap50: Double
        package let ap50To95: Double
    }

    package let mAP50: Double
    package let mAP50To95: Double
    package let precision: Double
    package let recall: Double
    /// The confidence at which precision and recall are given.
    package let confidence: Double
    /// Classes with annotated objects, by label.
    package let perClass: [ClassMetrics]
    /// The curves of each of `perClass`, at an overlap of 0.5.
    package let curves: [EvaluationCurves]
}

extension DetectionEvaluator {
    /// The measures of everything added; all zero when there is no annotated object. Crowds are left out, as they are no objects.
    package func ultralyticsMetrics() -> UltralyticsDetectionMetrics {
        let thresholds = OverlapThresholds.all
        var hits = [[(confidence: Double, isRight: [Bool])]](repeating: [], count: classCount)
        var truthCounts = [Int](repeating: 0, count: classCount)
        for image in images {
            let truths = image.truths.filter { !$0.isCrowd }
            for truth in truths { truthCounts[truth.label] += 1 }
            let claims = image.predictions.map { Self.bestOverlap(of: $0, among: truths) }
            var isRight = [[Bool]](repeating: [Bool](repeating: false, count: thresholds.count), count: claims.count)
            for (index, threshold) in thresholds.enumerated() {
                var isTaken = [Bool](repeating: false, count: truths.count)
                // Each detection claims only its best object; the most confident claim wins and the others are wrong.
                for (number, claim) in claims.enumerated() {
                    if let claim, claim.overlap >= threshold, !isTaken[claim.truth] {
                        isTaken[claim.truth] = true
                        isRight[number][index] = true
                    }
                }
            }
            for (prediction, right) in zip(image.predictions, isRight) {
                hits[prediction.label].append((Double(prediction.confidence), right))
            }
        }
        let curves = (0..<classCount).filter { truthCounts[$0] > 0 }.map { label in
            ClassCurves(label: label, hits: hits[label], truthCount: truthCounts[label], thresholdCount: thresholds.count)
        }
        return Self.summarise(curves)
    }

    private static func bestOverlap(of prediction: PredictedObject, among truths: [TrueObject]) -> (truth: Int, overlap: Double)? {
        var best: (truth: Int, overlap: Double)?
        for (index, truth) in truths.enumerated() where truth.label == prediction.label {
            let overlap = prediction.box.overlap(truth.box)
            if overlap > best?.overlap ?? 0 { best = (index, overlap) }
        }
        return best
    }

    private static func summarise(_ curves: [ClassCurves]) -> UltralyticsDetectionMetrics {
        if curves.isEmpty {
            return UltralyticsDetectionMetrics(mAP50: 0, mAP50To95: 0, precision: 0, recall: 0, confidence: 0, perClass: [], curves: [])
        }
        let count = Double(curves.count)
        let best = ConfidenceCurves.bestPoint(curves.map(\.byConfidence))
        let classes = curves.map { curve in
            UltralyticsDetectionMetrics.ClassMetrics(
                label: curve.label, truthCount: curve.truthCount, precision: curve.byConfidence.precision[best],
                recall: curve.byConfidence.recall[best],
                ap50: curve.averagePrecisions[0],
                ap50To95: curve.averagePrecisions.reduce(0, +) / Double(curve.averagePrecisions.count))
        }
        func mean(_ value: (UltralyticsDetectionMetrics.ClassMetrics) -> Double) -> Double { classes.map(value).reduce(0, +) / count }
        return UltralyticsDetectionMetrics(
            mAP50: mean(\.ap50), mAP50To95: mean(\.ap50To95), precision: mean(\.precision), recall: mean(\.recall),
            confidence: ConfidenceCurves.level(best), perClass: classes,
            curves: curves.map { EvaluationCurves(precisionAtRecall: $0.precisionAtRecall, byConfidence: $0.byConfidence) })
    }
}

/// Precision and recall of one class by confidence, and its AP at each overlap.
private struct ClassCurves {
    let label: Int
    let truthCount: Int
    let byConfidence: ConfidenceCurves
    /// At an overlap of 0.5.
    let precisionAtRecall: [Double]
    let averagePrecisions: [Double]

    init(label: Int, hits: [(confidence: Double, isRight: [Bool])], truthCount: Int, thresholdCount: Int) {
        self.label = label
        self.truthCount = truthCount
        if hits.isEmpty {
            byConfidence = .empty
            precisionAtRecall = [Double](repeating: 0, count: PrecisionEnvelope.recalls)
            averagePrecisions = [Double](repeating: 0, count: thresholdCount)
            return
        }
        let sorted = hits.enumerated().sorted {
            $0.element.confidence != $1.element.confidence ? $0.element.confidence > $1.element.confidence : $0.offset < $1.offset
        }.map(\.element)
        var averages: [Double] = []
        var first: (recall: [Double], precision: [Double])?
        var envelope: PrecisionEnvelope?
        for threshold in 0..<thresholdCount {
            var right = 0.0
            var recalls: [Double] = []
            var precisions: [Double] = []
            for (index, hit) in sorted.enumerated() {
                if hit.isRight[threshold] { right += 1 }
                recalls.append(right / (Double(truthCount) + 1e-16))
                precisions.append(right / Double(index + 1))
            }
            let interpolated = PrecisionEnvelope(recalls: recalls, precisions: precisions)
            averages.append(interpolated.averagePrecision)
            if threshold == 0 {
                first = (recalls, precisions)
                envelope = interpolated
            }
        }
        averagePrecisions = averages
        precisionAtRecall = envelope?.precisions ?? []
        // Confidences rise from left to right here, as interpolation wants.
        let confidences = sorted.map(\.confidence).reversed() as [Double]
        let recalls = (first?.recall ?? []).reversed() as [Double]
        let precisions = (first?.precision ?? []).reversed() as [Double]
        let most = confidences[confidences.count - 1]
        byConfidence = ConfidenceCurves(
            precision: ConfidenceCurves.levels.map { $0 > most ? 1 : Interpolation.value(at: $0, xs: confidences, ys: precisions) },
            recall: ConfidenceCurves.levels.map { $0 > most ? 0 : Interpolation.value(at: $0, xs: confidences, ys: recalls) })
    }
}
