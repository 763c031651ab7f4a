/// Which label a detector gives to objects of which label.
package struct DetectionConfusion: Sendable, Equatable {
    /// Detections below it are left out.
    package let confidence: Double
    /// The overlap that joins a detection and an object, whatever their labels.
    package let overlap: Double
    /// `counts[truth][prediction]`; the last row holds detections of nothing, the last column objects that were missed.
    package let counts: [[Int]]
}

extension DetectionEvaluator {
    /// Joins each detection to the object that it overlaps most, and each object to the best of those that chose it, as
    /// Ultralytics does; crowds are left out, as they are no objects.
    package func confusion(confidence: Double = 0.25, overlap: Double = 0.45) -> DetectionConfusion {
        let background = classCount
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classCount + 1), count: classCount + 1)
        for image in images {
            let truths = image.truths.filter { !$0.isCrowd }
            let predictions = image.predictions.filter { Double($0.confidence) > confidence }
            var takers = [(prediction: Int, overlap: Double)?](repeating: nil, count: truths.count)
            for (number, prediction) in predictions.enumerated() {
                var best: (truth: Int, overlap: Double)?
                for (index, truth) in truths.enumerated() {
                    let shared = prediction.box.overlap(truth.box)
                    if shared > overlap, shared > best?.overlap ?? 0 { best = (index, shared) }
                }
                if let best, best.overlap > takers[best.truth]?.overlap ?? 0 { takers[best.truth] = (number, best.overlap) }
            }
            let joined = Set(takers.compactMap { $0?.prediction })
            for (truth, taker) in zip(truths, takers) {
                counts[truth.label][taker.map { predictions[$0.prediction].label } ?? background] += 1
            }
            for (number, prediction) in predictions.enumerated() where !joined.contains(number) {
                counts[background][prediction.label] += 1
            }
        }
        return DetectionConfusion(confidence: confidence, overlap: overlap, counts: counts)
    }
}
