import Glibc

/// A learning rate that stays.
package struct ConstantSchedule: DescribedOptions {
    package init() {}
    package static let settings: [Setting] = []
}

/// A straight fall to a share of the initial rate.
package struct LinearSchedule: DescribedOptions {
    package var finalFactor = 0.01

    package init() {}

    func factor(at position: Int, of total: Int) -> Double {
        let progress = min(max(Double(position) / Double(max(1, total)), 0), 1)
        return (1 - progress) * (1 - finalFactor) + finalFactor
    }
}

/// Half a cosine to a share of the initial rate (Loshchilov and Hutter, 2016), torch's CosineAnnealingLR with eta_min as a share.
package struct CosineSchedule: DescribedOptions {
    package var finalFactor = 0.01
    /// Where the rate is lowest; nil is the run's end.
    package var period: Int?

    package init() {}

    func factor(at position: Int, of total: Int) -> Double {
        let progress = period.map { Double(position) / Double($0) } ?? min(max(Double(position) / Double(max(1, total)), 0), 1)
        return (1 - cos(progress * .pi)) / 2 * (finalFactor - 1) + 1
    }
}

/// torch's StepLR: the rate is multiplied by γ at equal distances.
package struct StepwiseSchedule: DescribedOptions {
    package var stepSize = 30, gamma = 0.1

    package init() {}

    func factor(at position: Int) -> Double { pow(gamma, Double(position / max(1, stepSize))) }
}

/// torch's MultiStepLR: the rate is multiplied by γ at each milestone.
package struct MultiStepSchedule: DescribedOptions {
    package var milestones: [Int] = [], gamma = 0.1

    package init() {}

    func factor(at position: Int) -> Double { pow(gamma, Double(milestones.count { $0 <= position })) }

    package var conflicts: [SettingConflict] {
        milestones.isEmpty ? [SettingConflict(key: "milestones", reason: "the schedule multi_step needs at least one milestone")] : []
    }
}

/// torch's ExponentialLR: the rate is multiplied by γ at each position.
package struct ExponentialSchedule: DescribedOptions {
    package var gamma = 0.95

    package init() {}

    func factor(at position: Int) -> Double { pow(gamma, Double(position)) }
}

/// torch's PolynomialLR: (1 − t/T)^power.
package struct PolynomialSchedule: DescribedOptions {
    /// Where the rate reaches zero; nil is the run's end.
    package var totalIterations: Int?
    package var power = 1.0

    package init() {}

    func factor(at position: Int, of total: Int) -> Double {
        let end = Double(max(1, totalIterations ?? total))
        return pow(1 - min(Double(position), end) / end, power)
    }
}

extension LinearSchedule {
    enum CodingKeys: String, CodingKey { case finalFactor = "final_factor" }

    package init(from decoder: any Decoder) throws {
        try decoder.container(keyedBy: CodingKeys.self).read(&finalFactor, .finalFactor)
    }

    package static let settings: [Setting] = [.finalFactor]
}

extension CosineSchedule {
    enum CodingKeys: String, CodingKey { case finalFactor = "final_factor", period = "T_max" }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&finalFactor, .finalFactor)
        period = try keys.decodeIfPresent(Int.self, forKey: .period)
    }

    package static let settings: [Setting] = [
        .finalFactor,
        Setting("T_max", .optional(.integer(1...1_000_000_000)), standard: "null", "where the rate is lowest; null is the run's end"),
    ]
}

extension StepwiseSchedule {
    enum CodingKeys: String, CodingKey { case stepSize = "step_size", gamma }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&stepSize, .stepSize)
        try keys.read(&gamma, .gamma)
    }

    package static let settings: [Setting] = [
        Setting("step_size", .integer(1...1_000_000_000), standard: "30", "distance between two falls"), .gamma("0.1"),
    ]
}

extension MultiStepSchedule {
    enum CodingKeys: String, CodingKey { case milestones, gamma }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        try keys.read(&milestones, .milestones)
        try keys.read(&gamma, .gamma)
    }

    package static let settings: [Setting] = [
        Setting("milestones", .list(.integer(0...1_000_000_000)), standard: "[]", "where the rate falls; at least one"), .gamma("0.1"),
    ]
}

extension ExponentialSchedule {
    enum CodingKeys: String, CodingKey { case gamma }

    package init(from decoder: any Decoder) throws {
        try decoder.container(keyedBy: CodingKeys.self).read(&gamma, .gamma)
    }

    package static let settings: [Setting] = [.gamma("0.95")]
}

extension PolynomialSchedule {
    enum CodingKeys: String, CodingKey { case totalIterations = "total_iters", power }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        totalIterations = try keys.decodeIfPresent(Int.self, forKey: .totalIterations)
        try keys.read(&power, .power)
    }

    package static let settings: [Setting] = [
        Setting("total_iters", .optional(.integer(1...1_000_000_000)), standard: "null", "where the rate reaches zero; null is the run's end"),
        Setting("power", .number(0...100), standard: "1", "the polynomial's power"),
    ]
}

extension Setting {
    static let finalFactor = Setting("final_factor", .number(0...1), standard: "0.01", "the last learning rate as a share of the first")
    static func gamma(_ standard: String) -> Setting {
        Setting("gamma", .number(0...1), standard: standard, "what the learning rate is multiplied by")
    }
}
