import NeuralNetworks
import TensorEngine

/// One detection in pixels of whatever image its box is given for.
package struct Detection: Sendable, Equatable {
    package var label: Int
    package var confidence: Float
    package var corners: BoxCorners

    package init(label: Int, confidence: Float, corners: BoxCorners) {
        self.label = label
        self.confidence = confidence
        self.corners = corners
    }
}

/// Turns a detector's raw predictions into detections: decode, drop the unlikely, keep the best of those that overlap.
package struct DetectionDecoder: Sendable {
    /// Predictions at or below this confidence are dropped.
    package var minimumConfidence: Float
    /// Of two boxes of one class that overlap more than this, the less confident is dropped.
    package var maximumOverlap: Float
    /// Whether an anchor may report several classes, as validation counts them, or its best one only.
    package var isMultiLabel: Bool
    package var maximumDetections = 300
    /// The most confident candidates that suppression looks at.
    package var maximumCandidates = 30_000

    package init(minimumConfidence: Float, maximumOverlap: Float, isMultiLabel: Bool) {
        self.minimumConfidence = minimumConfidence
        self.maximumOverlap = maximumOverlap
        self.isMultiLabel = isMultiLabel
    }

    /// For measuring: confidences from 0.001, overlap 0.7, all classes of an anchor.
    package static let validation = DetectionDecoder(minimumConfidence: 0.001, maximumOverlap: 0.7, isMultiLabel: true)
    /// For use: confidences from 0.25, overlap 0.7, one class an anchor.
    package static let prediction = DetectionDecoder(minimumConfidence: 0.25, maximumOverlap: 0.7, isMultiLabel: false)

    /// Each image's detections, most confident first, in pixels of the network's input.
    package func callAsFunction(_ output: DetectionOutput) -> [[Detection]] {
        let grid = AnchorGrid(levels: output.levels)
        let imageCount = output.boxes.shape[0], classCount = output.scores.shape[2]
        var results = [[Detection]](repeating: [], count: imageCount)
        withExtendedLifetime((output.boxes.storage, output.scores.storage)) {
            let boxes = output.boxes.floats, scores = output.scores.floats
            results.withUnsafeMutableBufferPointer { results in
                parallelFor(imageCount) { range in
                    for image in range {
                        let found = candidates(
                            boxes: boxes + image * grid.count * 4 * AnchorGrid.bins, scores: scores + image * grid.count * classCount,
                            classCount: classCount, grid: grid)
                        results[image] = suppress(found)
                    }
                }
            }
        }
        return results
    }

    private func candidates(
        boxes: UnsafePointer<Float>, scores: UnsafePointer<Float>, classCount: Int, grid: AnchorGrid
    ) -> [Detection] {
        // The threshold as a logit, so that most anchors cost no exponential.
        let logit = VectorMath.log(minimumConfidence / (1 - minimumConfidence))
        var result: [Detection] = []
        for level in grid.levels {
            for anchor in level.start..<level.start + level.height * level.width {
                let row = scores + anchor * classCount
                var labels = (0..<classCount).filter { row[$0] > logit }
                guard !labels.isEmpty else { continue }
                if !isMultiLabel, let best = labels.max(by: { row[$0] < row[$1] }) { labels = [best] }
                let sides = BoxDistribution.distances(boxes + anchor * 4 * AnchorGrid.bins)
                let (x, y) = grid.centre(of: anchor, in: level)
                let corners = BoxCorners(x - sides[0], y - sides[1], x + sides[2], y + sides[3]) * Float(level.stride)
                for label in labels {
                    result.append(Detection(label: label, confidence: VectorMath.sigmoid(row[label]), corners: corners))
                }
            }
        }
        return result
    }

    /// Greedy suppression within each class, in descending order of confidence; equal confidences keep their order.
    package func suppress(_ candidates: [Detection]) -> [Detection] {
        let order = candidates.indices.sorted {
            (candidates[$0].confidence, $1) > (candidates[$1].confidence, $0)
        }.prefix(maximumCandidates)
        var kept: [Detection] = []
        var keptByLabel: [Int: [BoxCorners]] = [:]
        for index in order {
            let candidate = candidates[index]
            let rivals = keptByLabel[candidate.label, default: []]
            if rivals.contains(where: { BoxOverlap.intersectionOverUnion($0, candidate.corners) > maximumOverlap }) { continue }
            kept.append(candidate)
            keptByLabel[candidate.label, default: []].append(candidate.corners)
            if kept.count == maximumDetections { break }
        }
        return kept
    }
}
