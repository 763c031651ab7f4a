import TensorEngine

/// The options of one rule: torch's names and defaults.
package protocol OptimizerOptions: DescribedOptions {
    var learningRate: Double { get set }
    /// 0 where the rule has none.
    var weightDecay: Double { get }
    /// Momentum or the first beta, which schedules may move; nil where the rule has neither.
    var groupMomentum: Double? { get }
}

/// torch.optim's rules for dense gradients, by torch's names.
package enum OptimizerName: String, Codable, Sendable, CaseIterable {
    case sgd = "SGD", adam = "Adam", adamW = "AdamW", adamax = "Adamax", nAdam = "NAdam", rAdam = "RAdam", adagrad = "Adagrad"
    case adadelta = "Adadelta", rmsprop = "RMSprop", rprop = "Rprop", asgd = "ASGD", lbfgs = "LBFGS", adafactor = "Adafactor"
    case muon = "Muon"
}

/// An optimiser with its settings, in JSON `{"name": "SGD", "kwargs": {"lr": 0.1, …}}`; missing settings take torch's defaults.
package enum OptimizerConfiguration: Sendable, Equatable {
    case sgd(SGD.Options), adam(Adam.Options), adamW(AdamW.Options), adamax(Adamax.Options), nAdam(NAdam.Options)
    case rAdam(RAdam.Options), adagrad(Adagrad.Options), adadelta(Adadelta.Options), rmsprop(RMSprop.Options), rprop(Rprop.Options)
    case asgd(ASGD.Options), lbfgs(LBFGS.Options), adafactor(Adafactor.Options), muon(Muon.Options)

    package init(_ name: OptimizerName) {
        self = switch name {
        case .sgd: .sgd(.init())
        case .adam: .adam(.init())
        case .adamW: .adamW(.init())
        case .adamax: .adamax(.init())
        case .nAdam: .nAdam(.init())
        case .rAdam: .rAdam(.init())
        case .adagrad: .adagrad(.init())
        case .adadelta: .adadelta(.init())
        case .rmsprop: .rmsprop(.init())
        case .rprop: .rprop(.init())
        case .asgd: .asgd(.init())
        case .lbfgs: .lbfgs(.init())
        case .adafactor: .adafactor(.init())
        case .muon: .muon(.init())
        }
    }

    package var name: OptimizerName {
        switch self {
        case .sgd: .sgd
        case .adam: .adam
        case .adamW: .adamW
        case .adamax: .adamax
        case .nAdam: .nAdam
        case .rAdam: .rAdam
        case .adagrad: .adagrad
        case .adadelta: .adadelta
        case .rmsprop: .rmsprop
        case .rprop: .rprop
        case .asgd: .asgd
        case .lbfgs: .lbfgs
        case .adafactor: .adafactor
        case .muon: .muon
        }
    }

    package var options: any OptimizerOptions {
        switch self {
        case .sgd(let options): options
        case .adam(let options): options
        case .adamW(let options): options
        case .adamax(let options): options
        case .nAdam(let options): options
        case .rAdam(let options): options
        case .adagrad(let options): options
        case .adadelta(let options): options
        case .rmsprop(let options): options
        case .rprop(let options): options
        case .asgd(let options): options
        case .lbfgs(let options): options
        case .adafactor(let options): options
        case .muon(let options): options
        }
    }

    /// Every setting of a rule, in the order of a form.
    package static func settings(of name: OptimizerName) -> [Setting] {
        type(of: OptimizerConfiguration(name).options).settings
    }

    /// A group with this configuration's learning rate, momentum and, where `decays`, weight decay.
    package func group(_ parameters: [Parameter], decays: Bool = true) -> ParameterGroup {
        ParameterGroup(
            parameters, learningRate: Float(options.learningRate), weightDecay: decays ? Float(options.weightDecay) : 0,
            momentum: Float(options.groupMomentum ?? 0))
    }

    /// The optimiser over groups that `group` made; learning rate, weight decay and momentum act through them.
    package func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer {
        switch self {
        case .sgd(let options): SGD(groups, options)
        case .adam(let options): Adam(groups, options)
        case .adamW(let options): AdamW(groups, options)
        case .adamax(let options): Adamax(groups, options)
        case .nAdam(let options): NAdam(groups, options)
        case .rAdam(let options): RAdam(groups, options)
        case .adagrad(let options): Adagrad(groups, options)
        case .adadelta(let options): Adadelta(groups, options)
        case .rmsprop(let options): RMSprop(groups, options)
        case .rprop(let options): Rprop(groups, options)
        case .asgd(let options): ASGD(groups, options)
        case .lbfgs(let options): LBFGS(groups, options)
        case .adafactor(let options): Adafactor(groups, options)
        case .muon(let options): Muon(groups, options)
        }
    }
}

extension OptimizerConfiguration: Codable {
    private enum CodingKeys: String, CodingKey { case name, kwargs }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        func options<Options: OptimizerOptions>(_ type: Options.Type) throws -> Options {
            try keys.decodeIfPresent(Options.self, forKey: .kwargs) ?? Options()
        }
        self = switch try keys.decode(OptimizerName.self, forKey: .name) {
        case .sgd: .sgd(try options(SGD.Options.self))
        case .adam: .adam(try options(Adam.Options.self))
        case .adamW: .adamW(try options(AdamW.Options.self))
        case .adamax: .adamax(try options(Adamax.Options.self))
        case .nAdam: .nAdam(try options(NAdam.Options.self))
        case .rAdam: .rAdam(try options(RAdam.Options.self))
        case .adagrad: .adagrad(try options(Adagrad.Options.self))
        case .adadelta: .adadelta(try options(Adadelta.Options.self))
        case .rmsprop: .rmsprop(try options(RMSprop.Options.self))
        case .rprop: .rprop(try options(Rprop.Options.self))
        case .asgd: .asgd(try options(ASGD.Options.self))
        case .lbfgs: .lbfgs(try options(LBFGS.Options.self))
        case .adafactor: .adafactor(try options(Adafactor.Options.self))
        case .muon: .muon(try options(Muon.Options.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(name, forKey: .name)
        try keys.encode(options, forKey: .kwargs)
    }
}
