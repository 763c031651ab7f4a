import TensorEngine

/// A search along a line for a point that fulfils Wolfe's conditions in their strong form: the loss has fallen in proportion
/// (Armijo) and the slope is a fraction of what it was (Nocedal and Wright, Numerical Optimization, 2006, section 3.5).
enum LineSearch {
    /// A place on the line, its loss, the slope along the line and the gradient there.
    struct Point {
        var position, loss, slope: Double
        var gradient: Tensor
    }

    private static let armijo = 1e-4, curvature = 0.9

    /// - Parameters:
    ///   - largestComponent: the direction's largest magnitude; the search ends when a bracket moves no element more than the tolerance.
    ///   - evaluate: the point at a position.
    /// - Returns: the best point found, and how many were evaluated.
    static func strongWolfe<Failure: Error>(
        from start: Point, firstPosition: Double, largestComponent: Double, changeTolerance: Double, maximumIterations: Int,
        evaluate: (Double) throws(Failure) -> Point
    ) throws(Failure) -> (point: Point, evaluations: Int) {
        func hasFallenTooLittle(_ point: Point) -> Bool { point.loss > start.loss + armijo * point.position * start.slope }
        func isFlat(_ point: Point) -> Bool { abs(point.slope) <= -curvature * start.slope }

        var previous = start, current = try evaluate(firstPosition), iteration = 0
        var bracket: [Point] = []
        while iteration < maximumIterations, bracket.isEmpty {
            if hasFallenTooLittle(current) || (iteration > 1 && current.loss >= previous.loss) {
                bracket = [previous, current]
            } else if isFlat(current) {
                return (current, iteration + 1)
            } else if current.slope >= 0 {
                bracket = [previous, current]
            } else {
                let least = current.position + 0.01 * (current.position - previous.position)
                let next = cubicMinimum(previous, current, within: least...max(least, current.position * 10))
                previous = current
                current = try evaluate(next)
                iteration += 1
            }
        }
        if bracket.isEmpty { bracket = [start, current] }

        var low = bracket[0].loss <= bracket[1].loss ? 0 : 1
        var isStuck = false
        while iteration < maximumIterations {
            let ends = min(bracket[0].position, bracket[1].position)...max(bracket[0].position, bracket[1].position)
            let width = ends.upperBound - ends.lowerBound
            if width * largestComponent < changeTolerance { break }
            let guess = cubicMinimum(bracket[0], bracket[1], within: ends)
            let position = inside(ends, guess, isStuck: &isStuck)
            let point = try evaluate(position)
            iteration += 1
            let high = 1 - low
            if hasFallenTooLittle(point) || point.loss >= bracket[low].loss {
                bracket[high] = point
                low = bracket[0].loss <= bracket[1].loss ? 0 : 1
            } else {
                let isDone = isFlat(point)
                if !isDone, point.slope * (bracket[high].position - bracket[low].position) >= 0 { bracket[high] = bracket[low] }
                bracket[low] = point
                if isDone { break }
            }
        }
        return (bracket[low], iteration + 1)
    }

    /// Keeps a guess away from the bracket's ends, by a tenth of its width, when it is beyond one or was near one before.
    private static func inside(_ ends: ClosedRange<Double>, _ guess: Double, isStuck: inout Bool) -> Double {
        let margin = 0.1 * (ends.upperBound - ends.lowerBound)
        let below = guess - ends.lowerBound, above = ends.upperBound - guess
        guard min(below, above) < margin else {
            isStuck = false
            return guess
        }
        guard isStuck || below <= 0 || above <= 0 else {
            isStuck = true
            return guess
        }
        isStuck = false
        return abs(above) < abs(below) ? ends.upperBound - margin : ends.lowerBound + margin
    }

    /// Where the cubic through two points with their slopes is least, inside the bounds; their middle where it has no minimum.
    private static func cubicMinimum(_ a: Point, _ b: Point, within bounds: ClosedRange<Double>) -> Double {
        let (left, right) = a.position <= b.position ? (a, b) : (b, a)
        let width = right.position - left.position
        let bend = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.position - right.position)
        let square = bend * bend - left.slope * right.slope
        guard square >= 0 else { return (bounds.lowerBound + bounds.upperBound) / 2 }
        let root = square.squareRoot()
        let place = right.position - width * ((right.slope + root - bend) / (right.slope - left.slope + 2 * root))
        return min(max(place, bounds.lowerBound), bounds.upperBound)
    }
}
