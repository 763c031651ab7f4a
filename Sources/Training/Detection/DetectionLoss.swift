import NeuralNetworks
import TensorEngine

/// The three parts of the detection loss, each a sum over anchors divided by the sum of target scores and times its gain.
package struct DetectionLossItems: Sendable, Equatable {
    package var box: Double
    package var classification: Double
    package var distribution: Double
    package var total: Double { box + classification + distribution }
    /// How many anchors were given an object.
    package var assignedCount: Int
}

/// YOLOv8's loss on a detector's raw predictions: complete IoU, binary cross-entropy over classes, distribution focal
/// loss, over the anchors that the task-aligned assigner chooses.
///
/// With S = max(1, Σ target scores): box 7.5 · Σ w(1 − CIoU)/S, class 0.5 · Σ BCE/S, distribution 1.5 · Σ w·DFL/S. The value
/// that flows back is their sum times the number of images.
package struct DetectionLoss: Sendable {
    package var boxGain: Double = 7.5
    package var classGain: Double = 0.5
    package var distributionGain: Double = 1.5
    package var assigner = TaskAlignedAssigner()

    package init() {}

    /// The loss as a scalar on the tape, and its parts.
    ///
    /// `objects[i]` are the true objects of image i, in pixels of the network's input.
    package func callAsFunction(
        _ output: DetectionOutput, objects: [[GroundTruthBox]]
    ) -> (loss: Tensor, items: DetectionLossItems) {
        let imageCount = output.boxes.shape[0], classCount = output.scores.shape[2]
        let grid = AnchorGrid(levels: output.levels)
        precondition(objects.count == imageCount, "objects of \(objects.count) images for \(imageCount)")
        precondition(output.boxes.shape == [imageCount, grid.count, 4 * AnchorGrid.bins], "box logits of shape \(output.boxes.shape)")
        let tape = (output.boxes.node ?? output.scores.node)?.tape
        let boxGradient = tape == nil ? nil : Tensor.uninitialized(output.boxes.shape)
        let scoreGradient = tape == nil ? nil : Tensor.uninitialized(output.scores.shape)

        var assignments = [[AnchorAssignment]](repeating: [], count: imageCount)
        var sums = [ImageSums](repeating: ImageSums(), count: imageCount)
        withExtendedLifetime((output.boxes.storage, output.scores.storage)) {
            let boxes = output.boxes.floats, scores = output.scores.floats
            let boxStride = grid.count * 4 * AnchorGrid.bins, scoreStride = grid.count * classCount
            assignments.withUnsafeMutableBufferPointer { assignments in
                parallelFor(imageCount) { range in
                    for image in range {
                        assignments[image] = assigner.assign(
                            boxes: boxes + image * boxStride, scores: scores + image * scoreStride, classCount: classCount,
                            grid: grid, objects: objects[image])
                    }
                }
            }
            let scoreSum = assignments.reduce(0.0) { $0 + $1.reduce(0.0) { $0 + Double($1.score) } }
            let normalizer = 1 / max(1, scoreSum)
            sums.withUnsafeMutableBufferPointer { sums in
                parallelFor(imageCount) { range in
                    for image in range {
                        let work = ImageWork(
                            boxes: boxes + image * boxStride, scores: scores + image * scoreStride,
                            boxGradient: boxGradient.map { $0.floats + image * boxStride },
                            scoreGradient: scoreGradient.map { $0.floats + image * scoreStride },
                            grid: grid, classCount: classCount, objects: objects[image], assignments: assignments[image])
                        sums[image] = work.run(loss: self, scale: normalizer * Double(imageCount))
                    }
                }
            }
            for index in sums.indices { sums[index].scale(by: normalizer) }
        }
        let items = DetectionLossItems(
            box: sums.reduce(0) { $0 + $1.box } * boxGain,
            classification: sums.reduce(0) { $0 + $1.classification } * classGain,
            distribution: sums.reduce(0) { $0 + $1.distribution } * distributionGain,
            assignedCount: assignments.reduce(0) { $0 + $1.count })
        let value = Tensor.filled([1], with: Float(items.total * Double(imageCount)))
        guard let tape, let boxGradient, let scoreGradient else { return (value, items) }
        let loss = tape.output(value)
        tape.record(DetectionLossStep(
            boxes: output.boxes.node, scores: output.scores.node, output: loss.node,
            boxGradient: boxGradient, scoreGradient: scoreGradient))
        return (loss, items)
    }
}

/// An image's share of the loss before gains.
private struct ImageSums {
    var box = 0.0
    var classification = 0.0
    var distribution = 0.0

    mutating func scale(by factor: Double) {
        box *= factor
        classification *= factor
        distribution *= factor
    }
}

/// One image's predictions and where their gradients go.
private struct ImageWork {
    let boxes, scores: UnsafePointer<Float>
    let boxGradient, scoreGradient: UnsafeMutablePointer<Float>?
    let grid: AnchorGrid
    let classCount: Int
    let objects: [GroundTruthBox]
    let assignments: [AnchorAssignment]

    /// The image's sums; gradients are those of the gains' sum times `scale`.
    func run(loss: DetectionLoss, scale: Double) -> ImageSums {
        var sums = ImageSums()
        let classScale = Float(loss.classGain * scale)
        sums.classification = VectorMath.sigmoidAndSoftplus(
            scores, count: grid.count * classCount, scale: classScale, gradient: scoreGradient)
        if let boxGradient { boxGradient.update(repeating: 0, count: grid.count * 4 * AnchorGrid.bins) }
        for assignment in assignments {
            let object = objects[assignment.object]
            // The target is zero but for the objects' classes: BCE = softplus(x) − x·t.
            let position = assignment.anchor * classCount + object.label
            sums.classification -= Double(scores[position] * assignment.score)
            if let scoreGradient { scoreGradient[position] -= assignment.score * classScale }
            addBox(assignment, object: object, loss: loss, scale: scale, to: &sums)
        }
        return sums
    }

    private func addBox(
        _ assignment: AnchorAssignment, object: GroundTruthBox, loss: DetectionLoss, scale: Double, to sums: inout ImageSums
    ) {
        let level = grid.level(of: assignment.anchor)
        let (x, y) = grid.centre(of: assignment.anchor, in: level)
        let offset = assignment.anchor * 4 * AnchorGrid.bins
        let target = object.corners / Float(level.stride)
        var predicted = BoxCorners()
        for side in 0..<4 { predicted[side] = BoxDistribution.probabilities(boxes + offset + side * AnchorGrid.bins).mean }
        let corners = BoxCorners(x - predicted[0], y - predicted[1], x + predicted[2], y + predicted[3])
        let (overlap, overlapGradient) = BoxOverlap.completeWithGradient(corners, target)
        let weight = assignment.score
        sums.box += Double((1 - overlap) * weight)
        let limit = Float(AnchorGrid.bins - 1) - 0.01
        let sides = BoxCorners(x - target[0], y - target[1], target[2] - x, target[3] - y)
            .clamped(lowerBound: BoxCorners(repeating: 0), upperBound: BoxCorners(repeating: limit))
        // A left or top distance moves its corner the other way.
        let directions = BoxCorners(-1, -1, 1, 1)
        let boxScale = -Float(loss.boxGain * scale) * weight, distributionScale = Float(loss.distributionGain * scale) * weight / 4
        var distribution: Float = 0
        for side in 0..<4 {
            let logits = boxes + offset + side * AnchorGrid.bins
            let (values, mean, logNormalizer) = BoxDistribution.probabilities(logits)
            let left = Int(sides[side]), rightWeight = sides[side] - Float(left), leftWeight = 1 - rightWeight
            distribution += leftWeight * (logNormalizer - logits[left]) + rightWeight * (logNormalizer - logits[left + 1])
            guard let boxGradient else { continue }
            let meanGradient = boxScale * overlapGradient[side] * directions[side]
            var gradient = values * (BoxDistribution.binIndices - mean) * meanGradient + values * distributionScale
            gradient[left] -= leftWeight * distributionScale
            gradient[left + 1] -= rightWeight * distributionScale
            UnsafeMutableRawPointer(boxGradient + offset + side * AnchorGrid.bins).storeBytes(of: gradient, as: SIMD16<Float>.self)
        }
        sums.distribution += Double(distribution * weight / 4)
    }
}

/// The gradient is computed with the value, since both need the same softmaxes; going back only hands it over.
private struct DetectionLossStep: GradientStep {
    let boxes, scores, output: Tape.Node?
    let boxGradient, scoreGradient: Tensor
    let name = "detectionLoss"
    var saved: [Tensor] { [boxGradient, scoreGradient] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let factor = gradient.scalar
        for (tensor, node) in [(boxGradient, boxes), (scoreGradient, scores)] {
            if factor != 1 {
                withExtendedLifetime(tensor.storage) {
                    let values = tensor.floats
                    for index in 0..<tensor.count { values[index] *= factor }
                }
            }
            tape.accumulate(tensor, into: node)
        }
    }
}
