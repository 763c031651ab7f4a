import TerminalKit

/// How charts are drawn, as far as a person has chosen.
struct ChartSettings: Equatable, Sendable {
    /// What vertical axes are fitted to.
    enum Fit: String, CaseIterable, Sendable {
        /// Rates from 0 to 1, everything else to its values.
        case usual
        case values = "fitted"
        case withoutOutliers = "without outliers"
    }

    /// Nil takes what suits each chart.
    var axis: ChartAxis?
    var fit = Fit.usual
    /// The past's share in smoothed lines; 0 is off.
    var smoothing = 0.0
    /// Charts with a logarithmic axis.
    var logarithmic: Set<LivePanel> = []

    static let smoothings = [0, 0.6, 0.9, 0.97, 0.99]

    mutating func changeSmoothing(by offset: Int) {
        let all = Self.smoothings, index = all.firstIndex(of: smoothing) ?? 0
        smoothing = all[((index + offset) % all.count + all.count) % all.count]
    }

    mutating func nextAxis() {
        axis = switch axis {
        case nil: .step
        case .time: nil
        case let known?: known.next
        }
    }

    mutating func nextFit() {
        let all = Fit.allCases
        fit = all[((all.firstIndex(of: fit) ?? 0) + 1) % all.count]
    }

    func axis(of panel: LivePanel) -> ChartAxis { axis ?? panel.usualAxis }

    func scale(of panel: LivePanel) -> ValueScale { logarithmic.contains(panel) ? .logarithmic : .linear }

    func fit(of panel: LivePanel) -> ValueFit {
        switch fit {
        case .usual: panel.isRate ? .fixed(0...1) : .all
        case .values: .all
        case .withoutOutliers: .withoutOutliers
        }
    }

    func smooths(_ panel: LivePanel) -> Bool { smoothing > 0 && panel.isDense }

    /// What a chart's title says of its settings; empty where they are the usual ones.
    func remark(of panel: LivePanel, isComplete: Bool) -> String {
        var parts: [String] = []
        if scale(of: panel) == .logarithmic { parts.append("log") }
        if smooths(panel) { parts.append(isComplete ? "smoothed \(smoothing)" : "reading") }
        switch fit {
        case .usual: break
        case .values where panel.isRate: parts.append("fitted")
        case .values: break
        case .withoutOutliers: parts.append("no outliers")
        }
        return parts.isEmpty ? "" : " " + parts.joined(separator: ", ")
    }
}
