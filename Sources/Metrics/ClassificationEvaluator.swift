/// Counts right and wrong answers of a classifier.
package struct ClassificationEvaluator: Sendable {
    package let classCount: Int
    /// `confusion[truth][predicted]` counts images.
    package private(set) var confusion: [[Int]]
    package private(set) var count = 0
    private var rightFirst = 0
    private var rightInFive = 0

    package init(classCount: Int) {
        self.classCount = classCount
        confusion = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
    }

    /// Adds one image with a score for each class (logits or probabilities); of equal scores the lower class wins.
    package mutating func add(scores: some Collection<Float>, truth: Int) {
        precondition(scores.count == classCount && (0..<classCount).contains(truth), "one score for each class, and a class of them")
        let order = scores.enumerated().sorted { $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset }
        guard let first = order.first else { return }
        confusion[truth][first.offset] += 1
        count += 1
        if first.offset == truth { rightFirst += 1 }
        if order.prefix(5).contains(where: { $0.offset == truth }) { rightInFive += 1 }
    }

    /// The fraction whose best class is right; 0 when nothing was added.
    package var top1: Double { count == 0 ? 0 : Double(rightFirst) / Double(count) }

    /// The fraction with the right class among the best five; 1 by definition with five classes or fewer.
    package var top5: Double { count == 0 ? 0 : Double(rightInFive) / Double(count) }
}
