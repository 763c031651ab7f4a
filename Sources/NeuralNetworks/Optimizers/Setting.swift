/// One setting of an optimiser or a schedule, described once for validation, forms, help texts and documentation.
package struct Setting: Sendable, Equatable {
    /// What a setting may hold.
    package indirect enum Kind: Sendable, Equatable {
        case boolean
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case choice([String])
        /// A fixed number of values.
        case tuple([Kind])
        /// Any number of values of one kind.
        case list(Kind)
        /// The kind, or null.
        case optional(Kind)
    }

    /// The key in JSON, torch's where torch has the setting.
    package let key: String
    package let kind: Kind
    /// The default as JSON text.
    package let standard: String
    /// One phrase for a form or a help text.
    package let meaning: String

    package init(_ key: String, _ kind: Kind, standard: String, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.standard = standard
        self.meaning = meaning
    }
}

/// A value that is described by a table of settings: missing keys take the defaults of `init()`.
package protocol DescribedOptions: Codable, Sendable, Equatable {
    init()
    /// Every key that the value's JSON may hold, in the order of a form.
    static var settings: [Setting] { get }
    /// Settings that are right one by one and impossible together: the key to change, and why in a sentence's end.
    var conflicts: [SettingConflict] { get }
}

extension DescribedOptions {
    package var conflicts: [SettingConflict] { [] }
}

/// A combination of settings that cannot be.
package struct SettingConflict: Sendable, Equatable {
    package let key: String
    package let reason: String

    package init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }
}

extension KeyedDecodingContainer {
    /// Replaces `value` where the key is present and not null.
    func read<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
        if let found = try decodeIfPresent(Value.self, forKey: key) { value = found }
    }
}

/// Two numbers, an array in JSON.
package struct NumberPair: Codable, Sendable, Equatable {
    package var first, second: Double

    package init(_ first: Double, _ second: Double) {
        self.first = first
        self.second = second
    }

    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        first = try container.decode(Double.self)
        second = try container.decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(first)
        try container.encode(second)
    }
}

/// The settings that several optimisers share.
extension Setting {
    static func learningRate(_ standard: String) -> Setting {
        Setting("lr", .number(0...1000), standard: standard, "learning rate")
    }
    static func weightDecay(_ standard: String) -> Setting {
        Setting("weight_decay", .number(0...1), standard: standard, "pull of weights towards zero; normalisation weights and biases are left out")
    }
    static let betas = Setting(
        "betas", .tuple([.number(0...0.9999999), .number(0...0.9999999)]), standard: "[0.9, 0.999]",
        "decay rates of the gradient's running mean and of its running square")
    static func epsilon(_ standard: String) -> Setting {
        Setting("eps", .number(0...1), standard: standard, "added to the denominator so that it is never zero")
    }
    static let maximize = Setting("maximize", .boolean, standard: "false", "climb the loss instead of descending it")
    static let decoupled = Setting(
        "decoupled_weight_decay", .boolean, standard: "false", "shrink the weights themselves, as AdamW does, instead of adding to the gradient")
}
