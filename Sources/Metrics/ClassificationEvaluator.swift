import Foundation

/// Counts right and wrong answers of a classifier.
package struct ClassificationEvaluator: Sendable {
    package let classCount: Int
    /// `confusion[truth][predicted]` counts images.
    package private(set) var confusion: [[Int]]
    package private(set) var count = 0
    /// How often the right class stood at each of the first five places.
    private var places: [Int]
    /// For each class and each of the confidences i/999, the images whose probability of the class lies there and below
    /// the next, of the class and of others.
    private var right: [Int32]
    private var wrong: [Int32]

    package init(classCount: Int) {
        self.classCount = classCount
        confusion = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
        places = [Int](repeating: 0, count: 5)
        right = [Int32](repeating: 0, count: classCount * ConfidenceCurves.points)
        wrong = right
    }

    /// Adds one image with a logit for each class; of equal ones the lower class wins.
    package mutating func add(scores: some Collection<Float>, truth: Int) {
        precondition(scores.count == classCount && (0..<classCount).contains(truth), "one score for each class, and a class of them")
        let order = scores.enumerated().sorted { $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset }
        guard let first = order.first else { return }
        confusion[truth][first.offset] += 1
        count += 1
        if let place = order.prefix(places.count).firstIndex(where: { $0.offset == truth }) { places[place] += 1 }
        for (label, probability) in Self.probabilities(of: scores).enumerated() {
            let level = min(Int(probability * Double(ConfidenceCurves.points - 1)), ConfidenceCurves.points - 1)
            let slot = label * ConfidenceCurves.points + max(0, level)
            if label == truth { right[slot] += 1 } else { wrong[slot] += 1 }
        }
    }

    /// The softmax of logits; all equal where they are no numbers.
    package static func probabilities(of logits: some Collection<Float>) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let weights = logits.map { exp(Double($0) - largest) }
        let sum = weights.reduce(0, +)
        guard sum.isFinite, sum > 0 else { return weights.map { _ in 1 / Double(weights.count) } }
        return weights.map { $0 / sum }
    }

    /// The fraction whose best class is right; 0 when nothing was added.
    package var top1: Double { accuracy(first: 1) }

    /// The fraction with the right class among the best five; 1 by definition with five classes or fewer.
    package var top5: Double { accuracy(first: 5) }

    /// The fraction with the right class among the best one, two … five, as many as there are classes.
    package var topAccuracies: [Double] { (1...max(1, min(classCount, places.count))).map(accuracy) }

    private func accuracy(first: Int) -> Double { count == 0 ? 0 : Double(places.prefix(first).reduce(0, +)) / Double(count) }
}

/// How a classifier does on each class, taken as one against the rest.
package struct ClassificationMetrics: Sendable, Equatable {
    package struct ClassMetrics: Sendable, Equatable {
        package let label: Int
        /// Images of the class.
        package let truthCount: Int
        /// Of the answers that are most probable.
        package let precision: Double
        package let recall: Double
        /// The area under the curve of precision over recall, by the probability of the class.
        package let averagePrecision: Double
    }

    /// The probability with the best smoothed mean F1.
    package let confidence: Double
    /// Classes with images, by label, and their curves.
    package let perClass: [ClassMetrics]
    package let curves: [EvaluationCurves]
}

extension ClassificationEvaluator {
    /// The measures of everything added, class by class.
    package func metrics() -> ClassificationMetrics {
        let present = (0..<classCount).filter { confusion[$0].contains { $0 > 0 } }
        var classes: [ClassificationMetrics.ClassMetrics] = [], curves: [EvaluationCurves] = [], byConfidence: [ConfidenceCurves] = []
        for label in present {
            let truthCount = confusion[label].reduce(0, +), answers = confusion.reduce(0) { $0 + $1[label] }
            let hits = Double(confusion[label][label])
            let (curve, envelope) = oneAgainstRest(label, truthCount: truthCount)
            byConfidence.append(curve)
            curves.append(EvaluationCurves(precisionAtRecall: envelope.precisions, byConfidence: curve))
            classes.append(.init(
                label: label, truthCount: truthCount, precision: answers == 0 ? 0 : hits / Double(answers),
                recall: hits / Double(truthCount), averagePrecision: envelope.averagePrecision))
        }
        return ClassificationMetrics(
            confidence: ConfidenceCurves.level(ConfidenceCurves.bestPoint(byConfidence)), perClass: classes, curves: curves)
    }

    private func oneAgainstRest(_ label: Int, truthCount: Int) -> (ConfidenceCurves, PrecisionEnvelope) {
        let start = label * ConfidenceCurves.points
        var precision = [Double](repeating: 1, count: ConfidenceCurves.points), recall = precision
        var found = 0, claimed = 0
        var recalls: [Double] = [], precisions: [Double] = []
        for point in (0..<ConfidenceCurves.points).reversed() {
            let added = Int(right[start + point]) + Int(wrong[start + point])
            found += Int(right[start + point])
            claimed += added
            // Nothing claimed is nothing wrong.
            precision[point] = claimed == 0 ? 1 : Double(found) / Double(claimed)
            recall[point] = Double(found) / Double(truthCount)
            if added > 0 {
                recalls.append(recall[point])
                precisions.append(precision[point])
            }
        }
        return (ConfidenceCurves(precision: precision, recall: recall), PrecisionEnvelope(recalls: recalls, precisions: precisions))
    }
}
