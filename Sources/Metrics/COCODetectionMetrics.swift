/// Detection measures as COCO defines them: AP is the mean of the precision envelope at 101 recalls, taken as steps;
/// crowds and objects outside the area range are neither right nor wrong. A measure without any object is -1.
package struct COCODetectionMetrics: Sendable, Equatable {
    package let ap: Double
    package let ap50: Double
    package let ap75: Double
    package let apSmall: Double
    package let apMedium: Double
    package let apLarge: Double
    package let ar1: Double
    package let ar10: Double
    package let ar100: Double
    package let arSmall: Double
    package let arMedium: Double
    package let arLarge: Double

    /// The twelve numbers in the order COCO prints them.
    package var values: [Double] {
        [ap, ap50, ap75, apSmall, apMedium, apLarge, ar1, ar10, ar100, arSmall, arMedium, arLarge]
    }
}

extension DetectionEvaluator {
    private struct AreaRange {
        let low: Double
        let high: Double
        static let all = AreaRange(low: 0, high: 1e10)
        static let small = AreaRange(low: 0, high: 1024)
        static let medium = AreaRange(low: 1024, high: 9216)
        static let large = AreaRange(low: 9216, high: 1e10)

        func excludes(_ area: Double) -> Bool { area < low || area > high }
    }

    /// One detection's outcome at each threshold.
    private struct Outcome {
        let confidence: Float
        var isMatched: [Bool]
        var isIgnored: [Bool]
    }

    /// Means over thresholds and classes; nil entries (no object of the class) are left out.
    private struct Table {
        /// `[class][threshold]`
        var precision: [[Double]?] = []
        var recall: [[Double]?] = []

        func mean(_ rows: [[Double]?], threshold: Int? = nil) -> Double {
            let values = rows.compactMap { $0 }.flatMap { row in threshold.map { [row[$0]] } ?? row }
            return values.isEmpty ? -1 : values.reduce(0, +) / Double(values.count)
        }
    }

    /// The twelve COCO measures of everything added; an object's area is that of its box.
    package func cocoMetrics() -> COCODetectionMetrics {
        let all = table(.all, limit: 100)
        let one = table(.all, limit: 1)
        let ten = table(.all, limit: 10)
        let small = table(.small, limit: 100)
        let medium = table(.medium, limit: 100)
        let large = table(.large, limit: 100)
        return COCODetectionMetrics(
            ap: all.mean(all.precision), ap50: all.mean(all.precision, threshold: 0), ap75: all.mean(all.precision, threshold: 5),
            apSmall: small.mean(small.precision), apMedium: medium.mean(medium.precision), apLarge: large.mean(large.precision),
            ar1: one.mean(one.recall), ar10: ten.mean(ten.recall), ar100: all.mean(all.recall), arSmall: small.mean(small.recall),
            arMedium: medium.mean(medium.recall), arLarge: large.mean(large.recall))
    }

    private func table(_ range: AreaRange, limit: Int) -> Table {
        var table = Table()
        for label in 0..<classCount {
            var outcomes: [Outcome] = []
            var objectCount = 0
            for image in images {
                let truths = image.truths.filter { $0.label == label }
                let predictions = image.predictions.filter { $0.label == label }.prefix(limit)
                objectCount += truths.filter { !$0.isCrowd && !range.excludes($0.box.area) }.count
                outcomes += Self.match(Array(predictions), truths, range)
            }
            let row = objectCount == 0 ? nil : Self.curves(outcomes, objectCount: objectCount)
            table.precision.append(row?.precision)
            table.recall.append(row?.recall)
        }
        return table
    }

    /// Greedy matching by falling confidence; an ignored object is taken only when no other will do, a crowd any number of times.
    private static func match(_ predictions: [PredictedObject], _ truths: [TrueObject], _ range: AreaRange) -> [Outcome] {
        let thresholds = OverlapThresholds.all
        let isIgnored = truths.map { $0.isCrowd || range.excludes($0.box.area) }
        let order = truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
        let overlaps = predictions.map { prediction in
            truths.map { truth in
                let shared = prediction.box.intersection(truth.box)
                // A detection inside a crowd overlaps it wholly.
                let union = truth.isCrowd ? prediction.box.area : prediction.box.area + truth.box.area - shared
                return union > 0 ? shared / union : 0
            }
        }
        var outcomes = predictions.map {
            Outcome(
                confidence: $0.confidence, isMatched: [Bool](repeating: false, count: thresholds.count),
                isIgnored: [Bool](repeating: range.excludes($0.box.area), count: thresholds.count))
        }
        for (index, threshold) in thresholds.enumerated() {
            var isTaken = [Bool](repeating: false, count: truths.count)
            for number in predictions.indices {
                var best = min(threshold, 1 - 1e-10)
                var match: Int?
                for truth in order {
                    if isTaken[truth] && !truths[truth].isCrowd { continue }
                    if let match, !isIgnored[match], isIgnored[truth] { break }
                    if overlaps[number][truth] < best { continue }
                    best = overlaps[number][truth]
                    match = truth
                }
                if let match {
                    isTaken[match] = true
                    outcomes[number].isMatched[index] = true
                    outcomes[number].isIgnored[index] = isIgnored[match]
                }
            }
        }
        return outcomes
    }

    /// 0, 0.01 … 1 as multiples of 0.01: the reference's recalls, whose rounding decides where a step falls.
    private static let recallLevels = (0..<100).map { Double($0) * 0.01 } + [1]

    /// AP and the final recall of one class at each threshold.
    private static func curves(_ outcomes: [Outcome], objectCount: Int) -> (precision: [Double], recall: [Double]) {
        let sorted = outcomes.enumerated().sorted {
            $0.element.confidence != $1.element.confidence ? $0.element.confidence > $1.element.confidence : $0.offset < $1.offset
        }.map(\.element)
        var averages: [Double] = []
        var finals: [Double] = []
        for threshold in OverlapThresholds.all.indices {
            var right = 0.0
            var wrong = 0.0
            var recalls: [Double] = []
            var precisions: [Double] = []
            for outcome in sorted {
                if !outcome.isIgnored[threshold] {
                    if outcome.isMatched[threshold] { right += 1 } else { wrong += 1 }
                }
                recalls.append(right / Double(objectCount))
                precisions.append(right / (right + wrong + Double.ulpOfOne))
            }
            for index in precisions.indices.dropLast().reversed() { precisions[index] = max(precisions[index], precisions[index + 1]) }
            var place = 0
            var sum = 0.0
            for level in recallLevels {
                while place < recalls.count, recalls[place] < level { place += 1 }
                if place < recalls.count { sum += precisions[place] }
            }
            averages.append(sum / 101)
            finals.append(recalls.last ?? 0)
        }
        return (averages, finals)
    }
}
