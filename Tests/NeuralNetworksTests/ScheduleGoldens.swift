import Foundation
import NeuralNetworks
import Testing

/// Rates and momenta from torch.optim.lr_scheduler, by Tests/Oracles/make_optimizer_goldens.py.
private struct ScheduleGoldens: Decodable {
    struct Case: Decodable {
        let schedule: LearningRateSchedule
        let initial: Double
        let rates: [Double]
        let momenta: [Double]?

        private enum CodingKeys: String, CodingKey { case rates, momenta, initial = "lr" }

        init(from decoder: any Decoder) throws {
            schedule = try LearningRateSchedule(from: decoder)
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            initial = try keys.decode(Double.self, forKey: .initial)
            rates = try keys.decode([Double].self, forKey: .rates)
            momenta = try keys.decodeIfPresent([Double].self, forKey: .momenta)
        }
    }

    struct Pure: Decodable {
        let total: Int
        let cases: [Case]
    }

    struct Plateau: Decodable {
        struct Case: Decodable {
            let kwargs: PlateauSchedule
            let rates: [Double]
        }

        let measures: [Double]
        let lr: Double
        let cases: [Case]
    }

    let schedules: Pure
    let plateaus: Plateau

    static func load() throws -> ScheduleGoldens {
        let url = try #require(Bundle.module.url(forResource: "schedules", withExtension: "json", subdirectory: "Goldens"))
        return try JSONDecoder().decode(ScheduleGoldens.self, from: Data(contentsOf: url))
    }
}

@Suite struct ScheduleGoldenTests {
    @Test func ratesAndMomentaEqualTorch() throws {
        let goldens = try ScheduleGoldens.load().schedules
        #expect(Set(goldens.cases.map(\.schedule.name)) == Set(LearningRateSchedule.Name.allCases).subtracting([.reduceOnPlateau]))
        for golden in goldens.cases {
            for (position, rate) in golden.rates.enumerated() {
                let found = golden.initial * golden.schedule.factor(at: position, of: goldens.total)
                #expect(abs(found - rate) <= 1e-10, "\(golden.schedule) at \(position): \(found), torch \(rate)")
                let momentum = golden.schedule.momentum(at: position, of: goldens.total)
                #expect((momentum == nil) == (golden.momenta == nil))
                if let momentum, let expected = golden.momenta?[position] { #expect(abs(momentum - expected) <= 1e-10) }
            }
        }
    }

    @Test func plateausFallWithTorch() throws {
        let goldens = try ScheduleGoldens.load().plateaus
        for golden in goldens.cases {
            var state = PlateauState(learningRate: goldens.lr)
            for (measure, rate) in zip(goldens.measures, golden.rates) {
                // Kept and read back between any two evaluations, as a checkpoint does.
                state = try JSONDecoder().decode(PlateauState.self, from: JSONEncoder().encode(state))
                _ = state.observe(measure, golden.kwargs)
                #expect(abs(state.learningRate - rate) <= 1e-10, "\(golden.kwargs)")
            }
        }
    }

    @Test func warmUpLeadsToTheSchedule() {
        let warmUp = WarmUp(steps: 10, startFactor: 0.1)
        #expect(abs(warmUp.learningRate(at: 0, target: 0.02) - 0.002) < 1e-15)
        #expect(abs(warmUp.learningRate(at: 5, target: 0.02) - 0.011) < 1e-15)
        #expect(warmUp.learningRate(at: 11, target: 0.02) == 0.02)
    }
}

/// The tables of settings say what the values hold.
@Suite struct SettingTableTests {
    private func check(_ options: any DescribedOptions, _ name: String) throws {
        let encoded = try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(options)) as? NSDictionary)
        let settings = type(of: options).settings
        #expect(Set(settings.map(\.key)).count == settings.count)
        for setting in settings {
            let standard = try JSONSerialization.jsonObject(with: Data(setting.standard.utf8), options: .fragmentsAllowed)
            let found = encoded[setting.key] ?? NSNull()
            #expect((standard as? NSObject) == (found as? NSObject), "\(name).\(setting.key): \(setting.standard), encoded \(found)")
            #expect(!setting.meaning.isEmpty)
        }
        let keys = Set(encoded.allKeys.compactMap { $0 as? String })
        #expect(keys.isSubset(of: Set(settings.map(\.key))), "\(name): \(keys)")
    }

    @Test func defaultsAreThoseOfTheTable() throws {
        for name in OptimizerName.allCases { try check(OptimizerConfiguration(name).options, name.rawValue) }
        for name in LearningRateSchedule.Name.allCases { try check(LearningRateSchedule(name).options, name.rawValue) }
    }

    @Test func valuesSurviveJSON() throws {
        for golden in try OptimizerGolden.load() {
            let data = try JSONEncoder().encode(golden.configuration)
            #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: data) == golden.configuration)
        }
    }

    @Test func impossibleCombinationsAreNamed() throws {
        func conflicts(_ json: String) throws -> [String] {
            try JSONDecoder().decode(OptimizerConfiguration.self, from: Data(json.utf8)).options.conflicts.map(\.key)
        }
        #expect(try conflicts(#"{"name": "SGD", "kwargs": {"nesterov": true}}"#) == ["nesterov"])
        #expect(try conflicts(#"{"name": "SGD", "kwargs": {"nesterov": true, "momentum": 0.9, "dampening": 0.1}}"#) == ["dampening"])
        #expect(try conflicts(#"{"name": "Rprop", "kwargs": {"step_sizes": [2, 1]}}"#) == ["step_sizes"])
        #expect(LearningRateSchedule(.multiStep).options.conflicts.map(\.key) == ["milestones"])
    }
}
