import TerminalKit

extension SampledSeries {
    /// The step that the cross-hair reaches by an action from another; nil without samples, or for other actions.
    func step(_ action: AppAction, from step: Double) -> Double? {
        guard let index = nearestIndex(to: step, on: .step) else { return nil }
        let target: Int
        switch action {
        case .cursorLeft: target = index - 1
        case .cursorRight: target = index + 1
        case .cursorFarLeft: target = index - 10
        case .cursorFarRight: target = index + 10
        case .cursorFirst: target = 0
        case .cursorLast: target = count - 1
        default: return nil
        }
        return positions.steps[min(count - 1, max(0, target))]
    }
}
