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
            let shared = prediction.box.intersection(truth.box)
            let overlap = shared / (prediction.box.area + truth.box.area - shared + 1e-7)
            if overlap > best?.overlap ?? 0 { best = (index, overlap) }
        }
        return best
    }

    private static func summarise(_ curves: [ClassCurves]) -> UltralyticsDetectionMetrics {
        if curves.isEmpty {
            return UltralyticsDetectionMetrics(mAP50: 0, mAP50To95: 0, precision: 0, recall: 0, confidence: 0, perClass: [])
        }
        let count = Double(curves.count)
        let meanF1 = (0..<ClassCurves.points).map { point in
            curves.reduce(0) { sum, curve in
                let precision = curve.precision[point]
                let recall = curve.recall[point]
                return sum + 2 * precision * recall / (precision + recall + 1e-16)
            } / count
        }
        let smoothed = smooth(meanF1, fraction: 0.1)
        let best = smoothed.indices.reduce(0) { smoothed[$1] > smoothed[$0] ? $1 : $0 }
        let classes = curves.map { curve in
            UltralyticsDetectionMetrics.ClassMetrics(
                label: curve.label, truthCount: curve.truthCount, precision: curve.precision[best], recall: curve.recall[best],
                ap50: curve.averagePrecisions[0],
                ap50To95: curve.averagePrecisions.reduce(0, +) / Double(curve.averagePrecisions.count))
        }
        func mean(_ value: (UltralyticsDetectionMetrics.ClassMetrics) -> Double) -> Double { classes.map(value).reduce(0, +) / count }
        return UltralyticsDetectionMetrics(
            mAP50: mean(\.ap50), mAP50To95: mean(\.ap50To95), precision: mean(\.precision), recall: mean(\.recall),
            confidence: Double(best) / Double(ClassCurves.points - 1), perClass: classes)
    }

    /// A box filter over a fraction of the values, the ends repeated outwards.
    private static func smooth(_ values: [Double], fraction: Double) -> [Double] {
        let width = Int((Double(values.count) * fraction * 2).rounded(.toNearestOrEven)) / 2 + 1
        let half = width / 2
        return values.indices.map { centre in
            (0..<width).reduce(0) { $0 + values[min(max(centre + $1 - half, 0), values.count - 1)] } / Double(width)
        }
    }
}

/// Precision and recall of one class over 1000 confidences, and its AP at each overlap.
private struct ClassCurves {
    static let points = 1000
    let label: Int
    let truthCount: Int
    let precision: [Double]
    let recall: [Double]
    let averagePrecisions: [Double]

    init(label: Int, hits: [(confidence: Double, isRight: [Bool])], truthCount: Int, thresholdCount: Int) {
        self.label = label
        self.truthCount = truthCount
        if hits.isEmpty {
            precision = [Double](repeating: 0, count: Self.points)
            recall = precision
            averagePrecisions = [Double](repeating: 0, count: thresholdCount)
            return
        }
        let sorted = hits.enumerated().sorted {
            $0.element.confidence != $1.element.confidence ? $0.element.confidence > $1.element.confidence : $0.offset < $1.offset
        }.map(\.element)
        var averages: [Double] = []
        var first: (recall: [Double], precision: [Double])?
        for threshold in 0..<thresholdCount {
            var right = 0.0
            var recalls: [Double] = []
            var precisions: [Double] = []
            for (index, hit) in sorted.enumerated() {
                if hit.isRight[threshold] { right += 1 }
                recalls.append(right / (Double(truthCount) + 1e-16))
                precisions.append(right / Double(index + 1))
            }
            if threshold == 0 { first = (recalls, precisions) }
            averages.append(Self.averagePrecision(recalls: recalls, precisions: precisions))
        }
        averagePrecisions = averages
        // Confidences rise from left to right here, as interpolation wants.
        let confidences = sorted.map(\.confidence).reversed() as [Double]
        let levels = (0..<Self.points).map { Double($0) / Double(Self.points - 1) }
        let recalls = (first?.recall ?? []).reversed() as [Double]
        let precisions = (first?.precision ?? []).reversed() as [Double]
        recall = levels.map { $0 > confidences[confidences.count - 1] ? 0 : Self.interpolate($0, xs: confidences, ys: recalls) }
        precision = levels.map { $0 > confidences[confidences.count - 1] ? 1 : Self.interpolate($0, xs: confidences, ys: precisions) }
    }

    private static func averagePrecision(recalls: [Double], precisions: [Double]) -> Double {
        let xs = [0] + recalls + [recalls.last ?? 0, 1]
        var ys = [1] + precisions + [0, 0]
        for index in stride(from: ys.count - 2, through: 0, by: -1) { ys[index] = max(ys[index], ys[index + 1]) }
        let values = (0...100).map { interpolate(Double($0) / 100, xs: xs, ys: ys) }
        return zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / 100
    }

    /// Linear interpolation over rising positions; of equal ones the last counts, outside them the ends.
    private static func interpolate(_ x: Double, xs: [Double], ys: [Double]) -> Double {
        var low = 0
        var high = xs.count
        while low < high {
            let middle = (low + high) / 2
            if xs[middle] <= x { low = middle + 1 } else { high = middle }
        }
        if low == 0 { return ys[0] }
        if low == xs.count { return ys[xs.count - 1] }
        let slope = (ys[low] - ys[low - 1]) / (xs[low] - xs[low - 1])
        return slope * (x - xs[low - 1]) + ys[low - 1]
    }
}
