import TerminalKit

/// The steps that charts show, and the cross-hair among them.
struct StepWindow: Equatable, Sendable {
    /// The step where the cross-hair stands; nil where it is off.
    var cursor: Double?
    /// Nil shows all steps.
    private(set) var steps: ClosedRange<Double>?

    mutating func showAll() { steps = nil }

    /// Moves as far as the cross-hair needs; true when that was so.
    mutating func followCursor() -> Bool {
        guard let cursor, let steps, !steps.contains(cursor) else { return false }
        let width = steps.upperBound - steps.lowerBound
        let start = cursor < steps.lowerBound ? cursor : cursor - width
        self.steps = start...(start + width)
        return true
    }

    /// Shows more or fewer steps of all up to `last`: around a place, the cross-hair, or what is in the middle. All is the most.
    mutating func zoom(by factor: Double, around place: Double? = nil, last: Double) {
        let shown = steps ?? 0...last
        let width = max(4, (shown.upperBound - shown.lowerBound) * factor)
        guard width < last else {
            steps = nil
            return
        }
        let start: Double
        if let place {
            // What lies under the pointer stays there.
            start = place - (place - shown.lowerBound) * width / max(1e-9, shown.upperBound - shown.lowerBound)
        } else {
            start = (cursor ?? (shown.lowerBound + shown.upperBound) / 2) - width / 2
        }
        let inside = min(max(0, start), last - width)
        steps = inside...(inside + width)
    }
}

extension SampledSeries {
    /// The step of the sample that lies nearest to a share of what is shown.
    func step(at share: Double, of shown: ClosedRange<Double>, on axis: ChartAxis) -> Double? {
        let place = shown.lowerBound + share * (shown.upperBound - shown.lowerBound)
        return nearestIndex(to: place, on: axis).map { positions.steps[$0] }
    }

    /// Where steps lie on an axis, as this series' samples tell.
    func places(of steps: ClosedRange<Double>, on axis: ChartAxis) -> ClosedRange<Double>? {
        guard axis != .step else { return steps }
        guard let first = nearestIndex(to: steps.lowerBound, on: .step), let last = nearestIndex(to: steps.upperBound, on: .step) else { return nil }
        let column = positions.column(axis)
        return column[first]...max(column[first] + 0.001, column[last])
    }
}
