import Foundation
import Metrics
import Testing

/// Random evaluations against the outputs of pycocotools and ultralytics (Tests/Oracles/make_metrics_goldens.py).
struct DetectionMetricsTests {
    struct Case: Decodable {
        struct Image: Decodable {
            let truths: [[Float]]
            let predictions: [[Float]]
        }
        struct Ultralytics: Decodable {
            let mAP50: Double
            let mAP50_95: Double
            let precision: Double
            let recall: Double
            let labels: [Int]
            let ap50: [Double]
            let ap: [Double]
            let confusion: [[Int]]
            let precision_at_recall: [[Double]]
            let p_curve: [[Double]]
            let r_curve: [[Double]]
            let f1_curve: [[Double]]
        }
        let classes: Int
        let images: [Image]
        let coco: [Double]
        let ultralytics: Ultralytics?

        var evaluator: DetectionEvaluator {
            var evaluator = DetectionEvaluator(classCount: classes)
            for image in images {
                func box(_ row: [Float]) -> EvaluationBox { EvaluationBox(xMin: row[0], yMin: row[1], xMax: row[2], yMax: row[3]) }
                evaluator.add(
                    predictions: image.predictions.map { PredictedObject(box: box($0), label: Int($0[4]), confidence: $0[5]) },
                    truths: image.truths.map { TrueObject(box: box($0), label: Int($0[4]), isCrowd: $0[5] == 1) })
            }
            return evaluator
        }
    }

    static func cases() throws -> [String: Case] {
        let url = try #require(Bundle.module.url(forResource: "detection", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: url))
    }

    @Test func cocoMeasuresAreThoseOfPycocotools() throws {
        let cases = try Self.cases()
        #expect(cases.count == 5)
        for (name, golden) in cases {
            for (index, (value, expected)) in zip(golden.evaluator.cocoMetrics().values, golden.coco).enumerated() {
                #expect(abs(value - expected) < 1e-9, "\(name), number \(index): \(value) is not \(expected)")
            }
        }
    }

    @Test func ultralyticsMeasuresAreThoseOfTheReference() throws {
        let goldens = try Self.cases().compactMapValues { golden in golden.ultralytics.map { (golden, $0) } }
        #expect(goldens.count == 3)
        for (name, (golden, expected)) in goldens {
            let metrics = golden.evaluator.ultralyticsMetrics()
            #expect(abs(metrics.mAP50 - expected.mAP50) < 1e-6, "\(name)")
            #expect(abs(metrics.mAP50To95 - expected.mAP50_95) < 1e-6, "\(name)")
            #expect(abs(metrics.precision - expected.precision) < 1e-6, "\(name)")
            #expect(abs(metrics.recall - expected.recall) < 1e-6, "\(name)")
            #expect(metrics.perClass.map(\.label) == expected.labels)
            for (measured, pair) in zip(metrics.perClass, zip(expected.ap50, expected.ap)) {
                #expect(abs(measured.ap50 - pair.0) < 1e-6 && abs(measured.ap50To95 - pair.1) < 1e-6, "\(name), class \(measured.label)")
            }
        }
    }

    @Test func curvesAreThoseOfTheReference() throws {
        func differ(_ ours: [[Double]], _ theirs: [[Double]]) -> Bool {
            ours.map(\.count) != theirs.map(\.count) || zip(ours.joined(), theirs.joined()).contains { abs($0 - $1) > 1e-6 }
        }
        for (name, golden) in try Self.cases() {
            guard let expected = golden.ultralytics else { continue }
            let metrics = golden.evaluator.ultralyticsMetrics()
            #expect(!differ(metrics.curves.map(\.precisionAtRecall), expected.precision_at_recall), "\(name)")
            #expect(!differ(metrics.curves.map(\.precision), expected.p_curve), "\(name)")
            #expect(!differ(metrics.curves.map(\.recall), expected.r_curve), "\(name)")
            #expect(!differ(metrics.curves.map(\.f1), expected.f1_curve), "\(name)")
            let mean = try #require(EvaluationCurves.mean(of: metrics.curves))
            let place = expected.f1_curve[0].count / 2
            let byHand = expected.f1_curve.map { $0[place] }.reduce(0, +) / Double(expected.f1_curve.count)
            #expect(abs(mean.f1[place] - byHand) < 1e-6, "\(name)")
        }
    }

    @Test func confusionIsThatOfTheReference() throws {
        for (name, golden) in try Self.cases() {
            guard let expected = golden.ultralytics else { continue }
            let found = golden.evaluator.confusion()
            #expect(found.counts == expected.confusion, "\(name)")
            #expect(found.counts.joined().reduce(0, +) > 0)
        }
    }

    @Test func nothingAddedGivesZerosAndCOCOsMinusOne() {
        let evaluator = DetectionEvaluator(classCount: 2)
        #expect(evaluator.ultralyticsMetrics().mAP50 == 0)
        #expect(evaluator.cocoMetrics().values == [Double](repeating: -1, count: 12))
    }

    @Test func noPredictionsIsZero() throws {
        let golden = try #require(try Self.cases()["noPredictions"])
        #expect(golden.evaluator.ultralyticsMetrics().mAP50To95 == 0)
        #expect(golden.evaluator.ultralyticsMetrics().recall == 0)
    }
}

struct ClassificationEvaluatorTests {
    @Test func countsTopOneTopFiveAndConfusion() {
        var evaluator = ClassificationEvaluator(classCount: 7)
        evaluator.add(scores: [9, 1, 2, 3, 4, 5, 6], truth: 0)
        evaluator.add(scores: [9, 1, 2, 3, 4, 5, 6], truth: 1)
        evaluator.add(scores: [9, 1, 2, 3, 4, 5, 6], truth: 3)
        evaluator.add(scores: [1, 1, 0, 0, 0, 0, 0], truth: 1)
        #expect(evaluator.top1 == 0.25)
        #expect(evaluator.top5 == 0.75)
        #expect(evaluator.confusion[1] == [2, 0, 0, 0, 0, 0, 0])
        #expect(evaluator.count == 4)
    }

    /// Two classes whose logits give the probabilities below; every measure is counted by hand.
    @Test func oneAgainstTheRestIsCountedByHand() throws {
        var evaluator = ClassificationEvaluator(classCount: 2)
        let firsts: [(Double, Int)] = [(0.9, 0), (0.8, 1), (0.7, 0), (0.4, 0), (0.2, 1)]
        for (first, truth) in firsts { evaluator.add(scores: [Float(log(first)), Float(log(1 - first))], truth: truth) }
        let found = evaluator.metrics(), zero = found.perClass[0]
        #expect(evaluator.topAccuracies == [0.6, 1])
        #expect(zero.truthCount == 3)
        #expect(abs(zero.precision - 2.0 / 3) < 1e-12 && abs(zero.recall - 2.0 / 3) < 1e-12)
        // By falling probability the answers are right, wrong, right, right, wrong: best precisions 1 up to a recall of
        // 1/3, then 3/4 until everything is found, where the reference's curve falls to 0.
        let expected = (0...100).map { place -> Double in
            let recall = Double(place) / 100
            return place == 100 ? 0 : recall <= 1.0 / 3 ? 1 : 0.75
        }
        for (place, (value, wanted)) in zip(found.curves[0].precisionAtRecall, expected).enumerated() {
            #expect(abs(value - wanted) < 1e-9, "recall \(place) %")
        }
        // At a confidence of 55/111, 0.9, 0.8 and 0.7 are claimed.
        #expect(abs(found.curves[0].precision[55] - 2.0 / 3) < 1e-12)
        #expect(abs(found.curves[0].recall[55] - 2.0 / 3) < 1e-12)
        #expect(found.curves[0].precision[111] == 1 && found.curves[0].recall[111] == 0)
    }

    @Test func scoresThatAreNoNumbersCountAsUnsure() {
        var evaluator = ClassificationEvaluator(classCount: 3)
        evaluator.add(scores: [.nan, 1, .infinity], truth: 1)
        #expect(evaluator.count == 1)
        #expect(evaluator.metrics().perClass.map(\.label) == [1])
    }
}
