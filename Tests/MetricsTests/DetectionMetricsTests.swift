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
}
