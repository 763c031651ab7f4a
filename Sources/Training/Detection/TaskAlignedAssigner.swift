import Glibc

/// A true object in an image, in pixels of the network's input.
package struct GroundTruthBox: Sendable, Equatable {
    package var label: Int
    package var corners: BoxCorners

    package init(label: Int, corners: BoxCorners) {
        self.label = label
        self.corners = corners
    }
}

/// An anchor that is to predict an object.
package struct AnchorAssignment: Sendable, Equatable {
    package var anchor: Int
    /// Index into the image's objects.
    package var object: Int
    /// The class score to reach, 0…1.
    package var score: Float
}

/// Chooses the anchors that learn each object by how well they already predict it: align = s^α · u^β, the top few of
/// each object (Feng et al., TOOD, 2021; α 0.5, β 6, ten anchors as YOLOv8 uses it).
package struct TaskAlignedAssigner: Sendable {
    package var topCount = 10
    package var alpha: Float = 0.5
    package var beta: Float = 6
    /// Sides below this many pixels are widened to it, about the centre, when an object's anchors are looked up.
    package var minimumSide: Float = 16

    package init() {}

    /// One anchor inside one object.
    private struct Candidate {
        var anchor: Int32
        var align: Float
        var overlap: Float
    }

    /// The assignments of one image, in ascending order of anchors.
    ///
    /// - Parameters:
    ///   - boxes: box logits `[A, 64]`.
    ///   - scores: class logits `[A, classCount]`.
    package func assign(
        boxes: UnsafePointer<Float>, scores: UnsafePointer<Float>, classCount: Int, grid: AnchorGrid, objects: [GroundTruthBox]
    ) -> [AnchorAssignment] {
        guard !objects.isEmpty else { return [] }
        // For each anchor inside some object: the object it overlaps most, and how many objects chose it.
        var bestObject = [Int32](repeating: -1, count: grid.count)
        var bestOverlap = [Float](repeating: 0, count: grid.count)
        var claims = [Int32](repeating: 0, count: grid.count)
        var decoded = [BoxCorners?](repeating: nil, count: grid.count)
        var all: [[Candidate]] = []
        for (index, object) in objects.enumerated() {
            let candidates = candidates(
                of: object, boxes: boxes, scores: scores, classCount: classCount, grid: grid, decoded: &decoded)
            for candidate in candidates where bestObject[Int(candidate.anchor)] < 0
                || candidate.overlap > bestOverlap[Int(candidate.anchor)] {
                bestObject[Int(candidate.anchor)] = Int32(index)
                bestOverlap[Int(candidate.anchor)] = candidate.overlap
            }
            for candidate in top(candidates) { claims[Int(candidate.anchor)] += 1 }
            all.append(candidates)
        }
        // Anchors several objects chose go to the one they overlap most, whether or not it chose them.
        var chosen: [(candidate: Candidate, object: Int)] = []
        for (index, candidates) in all.enumerated() {
            for candidate in top(candidates) where claims[Int(candidate.anchor)] == 1 { chosen.append((candidate, index)) }
            for candidate in candidates where claims[Int(candidate.anchor)] > 1 && Int(bestObject[Int(candidate.anchor)]) == index {
                chosen.append((candidate, index))
            }
        }
        return normalized(chosen, objectCount: objects.count)
    }

    /// Scores relative to each object's best anchor: align · max u / max align.
    private func normalized(_ chosen: [(candidate: Candidate, object: Int)], objectCount: Int) -> [AnchorAssignment] {
        var maximumAlign = [Float](repeating: 0, count: objectCount), maximumOverlap = maximumAlign
        for (candidate, object) in chosen {
            maximumAlign[object] = max(maximumAlign[object], candidate.align)
            maximumOverlap[object] = max(maximumOverlap[object], candidate.overlap)
        }
        return chosen.map { candidate, object in
            AnchorAssignment(
                anchor: Int(candidate.anchor), object: object,
                score: candidate.align * maximumOverlap[object] / (maximumAlign[object] + 1e-9))
        }.sorted { $0.anchor < $1.anchor }
    }

    /// The best aligned candidates; an anchor that does not align at all learns nothing and is left out.
    private func top(_ candidates: [Candidate]) -> [Candidate] {
        var best: [Candidate] = []
        best.reserveCapacity(topCount + 1)
        for candidate in candidates where candidate.align > 0 {
            if best.count == topCount, candidate.align <= best[topCount - 1].align { continue }
            let position = best.firstIndex { $0.align < candidate.align } ?? best.count
            best.insert(candidate, at: position)
            if best.count > topCount { best.removeLast() }
        }
        return best
    }

    /// All anchors whose centre lies strictly inside the object.
    private func candidates(
        of object: GroundTruthBox, boxes: UnsafePointer<Float>, scores: UnsafePointer<Float>, classCount: Int, grid: AnchorGrid,
        decoded: inout [BoxCorners?]
    ) -> [Candidate] {
        let area = widened(object.corners)
        var result: [Candidate] = []
        for level in grid.levels {
            let stride = Float(level.stride)
            let rows = Self.cells(from: area[1], to: area[3], stride: stride, count: level.height)
            let columns = Self.cells(from: area[0], to: area[2], stride: stride, count: level.width)
            for row in rows {
                for column in columns {
                    let anchor = level.start + row * level.width + column
                    let box: BoxCorners
                    if let known = decoded[anchor] { box = known } else {
                        let sides = BoxDistribution.distances(boxes + anchor * 4 * AnchorGrid.bins)
                        let x = Float(column) + 0.5, y = Float(row) + 0.5
                        box = BoxCorners(x - sides[0], y - sides[1], x + sides[2], y + sides[3]) * stride
                        decoded[anchor] = box
                    }
                    let overlap = max(0, BoxOverlap.complete(box, object.corners))
                    let score = VectorMath.sigmoid(scores[anchor * classCount + object.label])
                    result.append(Candidate(anchor: Int32(anchor), align: powf(score, alpha) * powf(overlap, beta), overlap: overlap))
                }
            }
        }
        return result
    }

    private func widened(_ corners: BoxCorners) -> BoxCorners {
        var result = corners
        for axis in 0..<2 where corners[axis + 2] - corners[axis] < minimumSide {
            let centre = (corners[axis] + corners[axis + 2]) / 2
            result[axis] = centre - minimumSide / 2
            result[axis + 2] = centre + minimumSide / 2
        }
        return result
    }

    /// The cells along one axis whose centre is strictly between two coordinates in pixels.
    private static func cells(from lower: Float, to upper: Float, stride: Float, count: Int) -> Range<Int> {
        let margin: Float = 1e-9
        var first = max(0, min(count, Int((lower / stride - 0.5).rounded(.down))))
        while first < count, (Float(first) + 0.5) * stride - lower <= margin { first += 1 }
        var last = max(first, min(count, Int((upper / stride - 0.5).rounded(.up)) + 1))
        while last > first, upper - (Float(last - 1) + 0.5) * stride <= margin { last -= 1 }
        return first..<last
    }
}
