/// How the learning rate goes over training, in JSON `{"name": "step", "kwargs": {"step_size": 30, …}}`.
///
/// Positions are epochs or steps, as the caller counts. All but the plateau's are pure functions of the position and the
/// total, so that resuming needs no state.
package enum LearningRateSchedule: Sendable, Equatable {
    package enum Name: String, Codable, Sendable, CaseIterable {
        case constant, linear, cosine, step, exponential, polynomial
        case multiStep = "multi_step", oneCycle = "one_cycle", reduceOnPlateau = "reduce_on_plateau"
    }

    case constant(ConstantSchedule), linear(LinearSchedule), cosine(CosineSchedule), step(StepwiseSchedule)
    case multiStep(MultiStepSchedule), exponential(ExponentialSchedule), polynomial(PolynomialSchedule), oneCycle(OneCycleSchedule)
    case reduceOnPlateau(PlateauSchedule)

    package init(_ name: Name) {
        self = switch name {
        case .constant: .constant(.init())
        case .linear: .linear(.init())
        case .cosine: .cosine(.init())
        case .step: .step(.init())
        case .multiStep: .multiStep(.init())
        case .exponential: .exponential(.init())
        case .polynomial: .polynomial(.init())
        case .oneCycle: .oneCycle(.init())
        case .reduceOnPlateau: .reduceOnPlateau(.init())
        }
    }

    package var name: Name {
        switch self {
        case .constant: .constant
        case .linear: .linear
        case .cosine: .cosine
        case .step: .step
        case .multiStep: .multiStep
        case .exponential: .exponential
        case .polynomial: .polynomial
        case .oneCycle: .oneCycle
        case .reduceOnPlateau: .reduceOnPlateau
        }
    }

    package var options: any DescribedOptions {
        switch self {
        case .constant(let options): options
        case .linear(let options): options
        case .cosine(let options): options
        case .step(let options): options
        case .multiStep(let options): options
        case .exponential(let options): options
        case .polynomial(let options): options
        case .oneCycle(let options): options
        case .reduceOnPlateau(let options): options
        }
    }

    /// Every setting of a schedule, in the order of a form.
    package static func settings(of name: Name) -> [Setting] { type(of: LearningRateSchedule(name).options).settings }

    /// The factor of the optimiser's own rate at `position`, counted from 0, of `total`; 1 for a plateau's, which has a state.
    package func factor(at position: Int, of total: Int) -> Double {
        switch self {
        case .constant, .reduceOnPlateau: 1
        case .linear(let schedule): schedule.factor(at: position, of: total)
        case .cosine(let schedule): schedule.factor(at: position, of: total)
        case .step(let schedule): schedule.factor(at: position)
        case .multiStep(let schedule): schedule.factor(at: position)
        case .exponential(let schedule): schedule.factor(at: position)
        case .polynomial(let schedule): schedule.factor(at: position, of: total)
        case .oneCycle(let schedule): schedule.values(at: position, of: total).factor
        }
    }

    /// The momentum at a position, where the schedule moves it.
    package func momentum(at position: Int, of total: Int) -> Double? {
        if case .oneCycle(let schedule) = self { schedule.values(at: position, of: total).momentum } else { nil }
    }
}

extension LearningRateSchedule: Codable {
    private enum CodingKeys: String, CodingKey { case name, kwargs }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        func options<Options: DescribedOptions>(_ type: Options.Type) throws -> Options {
            try keys.decodeIfPresent(Options.self, forKey: .kwargs) ?? Options()
        }
        self = switch try keys.decode(Name.self, forKey: .name) {
        case .constant: .constant(try options(ConstantSchedule.self))
        case .linear: .linear(try options(LinearSchedule.self))
        case .cosine: .cosine(try options(CosineSchedule.self))
        case .step: .step(try options(StepwiseSchedule.self))
        case .multiStep: .multiStep(try options(MultiStepSchedule.self))
        case .exponential: .exponential(try options(ExponentialSchedule.self))
        case .polynomial: .polynomial(try options(PolynomialSchedule.self))
        case .oneCycle: .oneCycle(try options(OneCycleSchedule.self))
        case .reduceOnPlateau: .reduceOnPlateau(try options(PlateauSchedule.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(name, forKey: .name)
        try keys.encode(options, forKey: .kwargs)
    }
}
