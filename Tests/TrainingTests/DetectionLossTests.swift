import Foundation
import NeuralNetworks
import TensorEngine
import Testing
import Training

/// Golden values made by Tests/Oracles/make_training_goldens.py.
struct LossGoldens: Decodable {
    struct Object: Decodable {
        let label: Int
        let corners: [Float]
        var truth: GroundTruthBox { GroundTruthBox(label: label, corners: BoxCorners(corners[0], corners[1], corners[2], corners[3])) }
    }

    struct Case: Decodable {
        let name: String
        let size, classes: Int
        let tilt: Float
        let objects: [[Object]]
        let items: [Double]
        /// The same three values from another implementation.
        let reference: [Double]
        /// For each image: anchor, object, target score.
        let assignments: [[[Double]]]
        let boxGradientSum, scoreGradientSum: Double
        let boxGradient, scoreGradient: [[Double]]
    }

    struct Overlap: Decodable {
        let a, b: [Float]
        let value: Float
        let gradient: [Float]
    }

    let cases: [Case]
    let overlaps: [Overlap]

    static func load() throws -> LossGoldens {
        let url = try #require(Bundle.module.url(forResource: "detection_loss", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode(LossGoldens.self, from: Data(contentsOf: url))
    }
}

extension LossGoldens.Case {
    /// The oracle's values of a key: FNV-1a, then SplitMix64, uniform in [-1, 1).
    private func fill(_ key: String, count: Int) -> [Float] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in (name + "." + key).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var random = RandomSource(seed: hash)
        return (0..<count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
    }

    func output(on tape: Tape?) -> DetectionOutput {
        let levels = [8, 16, 32].map { (height: size / $0, width: size / $0, stride: $0) }
        let anchors = levels.reduce(0) { $0 + $1.height * $1.width }
        let boxes = fill("boxes", count: objects.count * anchors * 64).enumerated().map { $1 * 2 - tilt * Float($0 % 16) }
        let scores = fill("scores", count: objects.count * anchors * classes).map { $0 * 3 }
        let boxTensor = Tensor(boxes, shape: [objects.count, anchors, 64]), scoreTensor = Tensor(scores, shape: [objects.count, anchors, classes])
        return DetectionOutput(
            boxes: tape?.input(boxTensor, needsGradient: true) ?? boxTensor,
            scores: tape?.input(scoreTensor, needsGradient: true) ?? scoreTensor, levels: levels)
    }

    var truths: [[GroundTruthBox]] { objects.map { $0.map(\.truth) } }
}

@Suite struct DetectionLossTests {
    @Test func valuesEqualTheFormulasAndTheReference() throws {
        for golden in try LossGoldens.load().cases {
            let (loss, items) = DetectionLoss()(golden.output(on: nil), objects: golden.truths)
            let found = [items.box, items.classification, items.distribution]
            for expected in [golden.items, golden.reference] {
                for (value, wanted) in zip(found, expected) {
                    #expect(abs(value - wanted) <= 2e-5 * max(1, abs(wanted)), "\(golden.name): \(found) against \(expected)")
                }
            }
            #expect(abs(Double(loss.scalar) - items.total * Double(golden.objects.count)) < 1e-3 * max(1, items.total))
        }
    }

    @Test func gradientsEqualAutomaticDifferentiation() throws {
        for golden in try LossGoldens.load().cases {
            let tape = Tape()
            let output = golden.output(on: tape)
            let (loss, _) = DetectionLoss()(output, objects: golden.truths)
            tape.backward(from: loss)
            let boxes = try #require(tape.takeGradient(of: output.boxes.node)).array
            let scores = try #require(tape.takeGradient(of: output.scores.node)).array
            for (values, sum, probes) in [
                (boxes, golden.boxGradientSum, golden.boxGradient), (scores, golden.scoreGradientSum, golden.scoreGradient),
            ] {
                let found = values.reduce(0.0) { $0 + abs(Double($1)) }
                #expect(abs(found - sum) <= 1e-4 * max(1, sum), "\(golden.name): sum \(found) against \(sum)")
                for probe in probes {
                    let value = Double(values[Int(probe[0])])
                    #expect(abs(value - probe[1]) <= 1e-4 * max(0.1, abs(probe[1])), "\(golden.name) at \(probe[0]): \(value) against \(probe[1])")
                }
            }
        }
    }

    @Test func gradientTakesAFactor() throws {
        let golden = try #require(try LossGoldens.load().cases.first)
        func gradient(factor: Float) throws -> [Float] {
            let tape = Tape()
            let output = golden.output(on: tape)
            let loss = DetectionLoss()(output, objects: golden.truths).loss
            tape.backward(from: [(loss, .filled([1], with: factor))])
            return try #require(tape.takeGradient(of: output.scores.node)).array
        }
        let once = try gradient(factor: 1), twice = try gradient(factor: 2)
        #expect(zip(once, twice).allSatisfy { $0 * 2 == $1 })
    }

    @Test func completeIoUAndItsGradient() throws {
        for golden in try LossGoldens.load().overlaps {
            let a = BoxCorners(golden.a[0], golden.a[1], golden.a[2], golden.a[3])
            let b = BoxCorners(golden.b[0], golden.b[1], golden.b[2], golden.b[3])
            let (value, gradient) = BoxOverlap.completeWithGradient(a, b)
            #expect(abs(value - golden.value) < 2e-5)
            for side in 0..<4 { #expect(abs(gradient[side] - golden.gradient[side]) < 1e-4 * max(1, abs(golden.gradient[side]))) }
        }
    }

    @Test func sameBitsWithOneThreadAndTwo() throws {
        let golden = try #require(try LossGoldens.load().cases.first)
        let before = ThreadPool.threads
        defer { ThreadPool.setThreads(before) }
        ThreadPool.setThreads(1)
        let one = DetectionLoss()(golden.output(on: nil), objects: golden.truths).items
        ThreadPool.setThreads(2)
        #expect(DetectionLoss()(golden.output(on: nil), objects: golden.truths).items == one)
    }
}

@Suite struct AssignerTests {
    @Test func assignmentsEqualTheOracle() throws {
        for golden in try LossGoldens.load().cases {
            let output = golden.output(on: nil), grid = AnchorGrid(levels: output.levels)
            for (image, expected) in golden.assignments.enumerated() {
                let found = TaskAlignedAssigner().assign(
                    boxes: output.boxes.floats + image * grid.count * 64, scores: output.scores.floats + image * grid.count * golden.classes,
                    classCount: golden.classes, grid: grid, objects: golden.truths[image])
                #expect(found.map(\.anchor) == expected.map { Int($0[0]) }, "\(golden.name), image \(image)")
                #expect(found.map(\.object) == expected.map { Int($0[1]) })
                for (one, other) in zip(found, expected) { #expect(abs(Double(one.score) - other[2]) < 1e-4) }
            }
        }
    }

    /// Logits that give every anchor a box of `side` strides about its centre.
    private func uniform(side: Int, grid: AnchorGrid, classes: Int) -> (boxes: Tensor, scores: Tensor) {
        var logits = [Float](repeating: -40, count: grid.count * 64)
        for index in 0..<grid.count * 4 { logits[index * 16 + side] = 0 }
        return (Tensor(logits, shape: [1, grid.count, 64]), .zeros([1, grid.count, classes]))
    }

    private let grid = AnchorGrid(levels: [(height: 8, width: 8, stride: 8), (height: 4, width: 4, stride: 16), (height: 2, width: 2, stride: 32)])

    @Test func atMostTenAnchorsLearnAnObject() {
        let (boxes, scores) = uniform(side: 2, grid: grid, classes: 1)
        let found = TaskAlignedAssigner().assign(
            boxes: boxes.floats, scores: scores.floats, classCount: 1, grid: grid,
            objects: [GroundTruthBox(label: 0, corners: [2, 2, 62, 62])])
        #expect(found.count == 10)
        #expect(found.map(\.score).max().map { $0 > 0 && $0 <= 1 } == true)
    }

    @Test func tinyObjectsAreWidenedToFindAnAnchor() {
        let (boxes, scores) = uniform(side: 1, grid: grid, classes: 1)
        // No cell centre (4, 12, 20 …) lies within 4.5…11.5.
        let tiny = [GroundTruthBox(label: 0, corners: [4.5, 4.5, 11.5, 11.5])]
        var assigner = TaskAlignedAssigner()
        #expect(!assigner.assign(boxes: boxes.floats, scores: scores.floats, classCount: 1, grid: grid, objects: tiny).isEmpty)
        assigner.minimumSide = 0
        #expect(assigner.assign(boxes: boxes.floats, scores: scores.floats, classCount: 1, grid: grid, objects: tiny).isEmpty)
    }

    @Test func sharedAnchorsGoToTheObjectTheyOverlapMost() {
        let (boxes, scores) = uniform(side: 1, grid: grid, classes: 2)
        let objects = [GroundTruthBox(label: 0, corners: [0, 0, 40, 40]), GroundTruthBox(label: 1, corners: [4, 4, 20, 20])]
        let found = TaskAlignedAssigner().assign(boxes: boxes.floats, scores: scores.floats, classCount: 2, grid: grid, objects: objects)
        #expect(Set(found.map(\.anchor)).count == found.count)
        // The anchor at (12, 12) predicts 4…20 exactly.
        #expect(found.first { $0.anchor == 9 }?.object == 1)
    }

    @Test func nothingToLearnWithoutObjects() {
        let (boxes, scores) = uniform(side: 1, grid: grid, classes: 2)
        #expect(TaskAlignedAssigner().assign(boxes: boxes.floats, scores: scores.floats, classCount: 2, grid: grid, objects: []).isEmpty)
    }
}

@Suite struct SuppressionTests {
    private func detection(_ label: Int, _ confidence: Float, _ x: Float) -> Detection {
        Detection(label: label, confidence: confidence, corners: [x, 0, x + 10, 10])
    }

    @Test func theMoreConfidentOfTwoStays() {
        let kept = DetectionDecoder.validation.suppress([detection(0, 0.5, 0), detection(0, 0.9, 1), detection(0, 0.4, 20)])
        #expect(kept.map(\.confidence) == [0.9, 0.4])
    }

    @Test func classesDoNotSuppressEachOther() {
        #expect(DetectionDecoder.validation.suppress([detection(0, 0.5, 0), detection(1, 0.9, 0)]).count == 2)
    }

    @Test func detectionsAreLimited() {
        let many = (0..<500).map { detection(0, Float($0) / 500, Float($0) * 20) }
        let kept = DetectionDecoder.validation.suppress(many)
        #expect(kept.count == 300)
        #expect(kept.first?.confidence == Float(499) / 500)
    }

    @Test func oneOrSeveralClassesOfAnAnchor() {
        var boxes = [Float](repeating: 0, count: 64)
        for side in 0..<4 { boxes[side * 16 + 2] = 60 }
        let output = DetectionOutput(
            boxes: Tensor(boxes, shape: [1, 1, 64]), scores: Tensor([2, 1, -9], shape: [1, 1, 3]), levels: [(height: 1, width: 1, stride: 8)])
        #expect(DetectionDecoder.validation(output)[0].map(\.label) == [0, 1])
        let single = DetectionDecoder.prediction(output)[0]
        #expect(single.map(\.label) == [0])
        // Two strides of 8 about the centre 4.
        #expect(single.first.map { $0.corners == [-12, -12, 20, 20] } == true)
    }
}
