/// How precision, recall and F1 of one class, or of all classes in the mean, move with recall and with confidence.
package struct EvaluationCurves: Sendable, Equatable, Codable {
    /// The best precision at 101 recalls 0.00, 0.01 … 1.00.
    package var precisionAtRecall: [Double]
    /// At the confidences i/111, 0 ≤ i ≤ 111.
    package var precision: [Double]
    package var recall: [Double]
    package var f1: [Double]

    init(precisionAtRecall: [Double], byConfidence: ConfidenceCurves) {
        self.precisionAtRecall = precisionAtRecall
        precision = ConfidenceCurves.thinned(byConfidence.precision)
        recall = ConfidenceCurves.thinned(byConfidence.recall)
        f1 = ConfidenceCurves.thinned(byConfidence.f1)
    }

    private init(precisionAtRecall: [Double], precision: [Double], recall: [Double], f1: [Double]) {
        self.precisionAtRecall = precisionAtRecall
        self.precision = precision
        self.recall = recall
        self.f1 = f1
    }

    /// The mean of the classes' curves at each place; nil for no class.
    package static func mean(of curves: [EvaluationCurves]) -> EvaluationCurves? {
        guard let first = curves.first else { return nil }
        func mean(_ values: (EvaluationCurves) -> [Double]) -> [Double] {
            var sums = [Double](repeating: 0, count: values(first).count)
            for curve in curves { for (place, value) in values(curve).enumerated() where place < sums.count { sums[place] += value } }
            return sums.map { $0 / Double(curves.count) }
        }
        return EvaluationCurves(
            precisionAtRecall: mean(\.precisionAtRecall), precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1))
    }

    /// The same to five decimals, which is what files keep.
    package var rounded: EvaluationCurves {
        func round(_ values: [Double]) -> [Double] { values.map { ($0 * 1e5).rounded() / 1e5 } }
        return EvaluationCurves(
            precisionAtRecall: round(precisionAtRecall), precision: round(precision), recall: round(recall), f1: round(f1))
    }
}

/// Precision and recall of one class at the confidences i/999, 0 ≤ i ≤ 999.
struct ConfidenceCurves {
    static let points = 1000
    static let levels = (0..<points).map(level)
    static let empty = ConfidenceCurves(
        precision: [Double](repeating: 0, count: points), recall: [Double](repeating: 0, count: points))

    let precision: [Double]
    let recall: [Double]

    var f1: [Double] { zip(precision, recall).map { 2 * $0 * $1 / ($0 + $1 + 1e-16) } }

    static func level(_ point: Int) -> Double { Double(point) / Double(points - 1) }

    /// Every ninth value, the first and the last among them.
    static func thinned(_ values: [Double]) -> [Double] { stride(from: 0, to: values.count, by: 9).map { values[$0] } }

    /// Where the smoothed mean F1 of the classes is best; the first of equal ones.
    static func bestPoint(_ classes: [ConfidenceCurves]) -> Int {
        guard !classes.isEmpty else { return 0 }
        var sums = [Double](repeating: 0, count: points)
        for curve in classes { for (point, value) in curve.f1.enumerated() { sums[point] += value } }
        let smoothed = smooth(sums.map { $0 / Double(classes.count) }, fraction: 0.1)
        return smoothed.indices.reduce(0) { smoothed[$1] > smoothed[$0] ? $1 : $0 }
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

/// The best precision at 101 recalls, from precision and recall by falling confidence.
struct PrecisionEnvelope {
    static let recalls = 101
    let precisions: [Double]

    init(recalls: [Double], precisions: [Double]) {
        let xs = [0] + recalls + [recalls.last ?? 0, 1]
        var ys = [1] + precisions + [0, 0]
        for index in stride(from: ys.count - 2, through: 0, by: -1) { ys[index] = max(ys[index], ys[index + 1]) }
        self.precisions = (0..<Self.recalls).map { Interpolation.value(at: Double($0) / Double(Self.recalls - 1), xs: xs, ys: ys) }
    }

    /// The trapezoid integral over recall.
    var averagePrecision: Double {
        zip(precisions, precisions.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / Double(Self.recalls - 1)
    }
}

enum Interpolation {
    /// Linear interpolation over rising positions; of equal ones the last counts, outside them the ends.
    static func value(at x: Double, xs: [Double], ys: [Double]) -> Double {
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
