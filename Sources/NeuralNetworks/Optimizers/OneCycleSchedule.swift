import Glibc

/// torch's OneCycleLR (Smith and Topin, 2017): the rate rises to the optimiser's own and falls far below where it began, while
/// momentum goes the other way.
package struct OneCycleSchedule: DescribedOptions {
    package enum Annealing: String, Codable, Sendable, CaseIterable { case cosine = "cos", linear }

    /// The share of the cycle in which the rate rises.
    package var risingShare = 0.3
    package var annealing = Annealing.cosine
    package var cyclesMomentum = true
    package var leastMomentum = 0.85, mostMomentum = 0.95
    /// The rate begins at 1/division of the largest and ends at 1/finalDivision of that.
    package var division = 25.0, finalDivision = 1e4
    /// Whether the rate first falls back to its start, and only then to its end.
    package var hasThreePhases = false

    package init() {}

    private struct Phase {
        var end: Double
        var rates, momenta: (from: Double, to: Double)
    }

    private func phases(of total: Int) -> [Phase] {
        let initial = 1 / division, least = initial / finalDivision, total = Double(total)
        let rise = Phase(end: risingShare * total - 1, rates: (initial, 1), momenta: (mostMomentum, leastMomentum))
        guard hasThreePhases else { return [rise, Phase(end: total - 1, rates: (1, least), momenta: (leastMomentum, mostMomentum))] }
        return [
            rise, Phase(end: 2 * risingShare * total - 2, rates: (1, initial), momenta: (leastMomentum, mostMomentum)),
            Phase(end: total - 1, rates: (initial, least), momenta: (mostMomentum, mostMomentum)),
        ]
    }

    /// The factor of the largest rate, and the momentum where it cycles.
    func values(at position: Int, of total: Int) -> (factor: Double, momentum: Double?) {
        var start = 0.0, position = Double(position)
        let phases = phases(of: total)
        position = min(position, Double(max(1, total) - 1))
        for (index, phase) in phases.enumerated() {
            if position <= phase.end || index == phases.count - 1 {
                let share = phase.end == start ? 1 : (position - start) / (phase.end - start)
                return (anneal(phase.rates, share), cyclesMomentum ? anneal(phase.momenta, share) : nil)
            }
            start = phase.end
        }
        return (1, nil)
    }

    private func anneal(_ values: (from: Double, to: Double), _ share: Double) -> Double {
        switch annealing {
        case .cosine: values.to + (values.from - values.to) / 2 * (cos(.pi * share) + 1)
        case .linear: (values.to - values.from) * share + values.from
        }
    }
}

extension OneCycleSchedule {
    enum CodingKeys: String, CodingKey {
        case risingShare = "pct_start", annealing = "anneal_strategy", cyclesMomentum = "cycle_momentum"
        case leastMomentum = "base_momentum", mostMomentum = "max_momentum", division = "div_factor"
        case finalDivision = "final_div_factor", hasThreePhases = "three_phase"
    }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&risingShare, .risingShare)
        try keys.read(&annealing, .annealing)
        try keys.read(&cyclesMomentum, .cyclesMomentum)
        try keys.read(&leastMomentum, .leastMomentum)
        try keys.read(&mostMomentum, .mostMomentum)
        try keys.read(&division, .division)
        try keys.read(&finalDivision, .finalDivision)
        try keys.read(&hasThreePhases, .hasThreePhases)
    }

    package static let settings: [Setting] = [
        Setting("pct_start", .number(0...1), standard: "0.3", "share of the run in which the rate rises"),
        Setting("anneal_strategy", .choice(Annealing.allCases.map(\.rawValue)), standard: "\"cos\"", "how the rate moves"),
        Setting("cycle_momentum", .boolean, standard: "true", "momentum moves against the rate"),
        Setting("base_momentum", .number(0...0.9999), standard: "0.85", "momentum where the rate is highest"),
        Setting("max_momentum", .number(0...0.9999), standard: "0.95", "momentum at both ends"),
        Setting("div_factor", .number(1...1e12), standard: "25", "the first rate is the optimizer's over this"),
        Setting("final_div_factor", .number(1...1e12), standard: "10000", "the last rate is the first over this"),
        Setting("three_phase", .boolean, standard: "false", "fall back to the first rate before falling to the last"),
    ]

    package var conflicts: [SettingConflict] {
        leastMomentum > mostMomentum
            ? [SettingConflict(key: "base_momentum", reason: "base_momentum is at most max_momentum")] : []
    }
}
