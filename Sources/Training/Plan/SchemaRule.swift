import NeuralNetworks

/// What may stand at a place of the configuration.
package indirect enum SchemaRule: Sendable {
    case object([SchemaField])
    /// An object with a `name` and `kwargs` that follow it, and other fields; `standard` is the name when none is given.
    case named(variants: [SchemaVariant], standard: String?, fields: [SchemaField])
    case array(of: SchemaRule, minimumCount: Int, maximumCount: Int)
    /// An array with one value for each rule.
    case tuple([SchemaRule])
    /// The rule, or null.
    case nullable(SchemaRule)
    case string
    case nonEmptyString
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    /// A Kubernetes quantity, such as "2", "500m", "4Gi"; numbers are taken as well.
    case quantity

    init(_ kind: Setting.Kind) {
        self = switch kind {
        case .boolean: .boolean
        case .integer(let range): .integer(range)
        case .number(let range): .number(range)
        case .choice(let names): .choice(names)
        case .tuple(let kinds): .tuple(kinds.map { SchemaRule($0) })
        case .list(let kind): .array(of: SchemaRule(kind), minimumCount: 0, maximumCount: .max)
        case .optional(let kind): .nullable(SchemaRule(kind))
        }
    }

    /// The rule in words for a message.
    package var words: String {
        switch self {
        case .object, .named: "an object"
        case .array(let rule, let minimum, let maximum):
            minimum == maximum ? "an array of \(minimum), each \(rule.words)"
                : minimum > 0 ? "an array of at least \(minimum), each \(rule.words)" : "an array, each \(rule.words)"
        case .tuple(let rules): "an array of \(rules.count): " + rules.map(\.words).joined(separator: ", ")
        case .nullable(let rule): "\(rule.words), or null"
        case .string: "a string"
        case .nonEmptyString: "a string that is not empty"
        case .choice(let names): "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .integer(let range):
            range.upperBound == .max ? "a whole number of at least \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound == .infinity ? "a number of at least \(Self.text(range.lowerBound))"
                : "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
        case .boolean: "true or false"
        case .quantity: "a quantity such as \"2\", \"500m\" or \"4Gi\""
        }
    }

    /// A number as people write it: 1 rather than 1.0.
    package static func text(_ value: Double) -> String {
        abs(value) < 1e9 && value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}

/// A key of an object: what may stand there and what it is for.
package struct SchemaField: Sendable {
    package var name: String
    package var isRequired: Bool
    package var rule: SchemaRule
    /// What it does, in one phrase.
    package var meaning: String
    /// Other spellings that are taken for this field.
    package var aliases: [String] = []
    /// The default as JSON text, where the plan's own defaults do not say it.
    package var standard: String?

    static func required(_ name: String, _ rule: SchemaRule, _ meaning: String) -> SchemaField {
        SchemaField(name: name, isRequired: true, rule: rule, meaning: meaning)
    }

    static func optional(_ name: String, _ rule: SchemaRule, _ meaning: String, aliases: [String] = []) -> SchemaField {
        SchemaField(name: name, isRequired: false, rule: rule, meaning: meaning, aliases: aliases)
    }

    init(name: String, isRequired: Bool, rule: SchemaRule, meaning: String, aliases: [String] = [], standard: String? = nil) {
        self.name = name
        self.isRequired = isRequired
        self.rule = rule
        self.meaning = meaning
        self.aliases = aliases
        self.standard = standard
    }

    init(_ setting: Setting) {
        self.init(
            name: setting.key, isRequired: false, rule: SchemaRule(setting.kind), meaning: setting.meaning,
            aliases: setting.key == "lr" ? ["learningRate"] : [], standard: setting.standard)
    }
}

/// One name of a `.named` object with the settings that go with it.
package struct SchemaVariant: Sendable {
    package var name: String
    package var fields: [SchemaField]
}
