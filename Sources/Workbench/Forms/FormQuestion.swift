import Training

/// One question of a form: a place of the configuration, and how it is asked for.
package struct FormQuestion: Sendable, Equatable, Identifiable {
    /// What may be answered.
    package indirect enum Kind: Sendable, Equatable {
        case text
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// A Kubernetes quantity of whole cores.
        case cores
        /// A quantity of bytes, asked for in GiB.
        case gibibytes
        case toggle
        case choice([FormChoice])
        /// Any of some names.
        case several([String])
        /// A fixed number of values, separated by commas.
        case tuple([Kind])
        /// Any number of values, separated by commas.
        case list(Kind)
        /// A value, or none.
        case optional(Kind)
        /// Settings of which one is given: choosing one takes the others away.
        case alternatives([FormAlternative])
        case labels
        case dataset(DataSide)
        case view(DataSide)
        case snapshot(DataSide)
        case startModel
        case architecture
    }

    /// A JSON pointer, or `name` and `version`, which are the run's own.
    package let id: String
    package let title: String
    /// One phrase about what it does.
    package let help: String
    package let unit: String
    package let kind: Kind
    /// The default as JSON text where the configuration does not hold the key.
    let standard: String?
    package let condition: FormCondition
    /// What an empty answer stands for; nil where one is needed.
    package let whenEmpty: String?

    package init(
        id: String, title: String, help: String, unit: String = "", kind: Kind, standard: String? = nil,
        condition: FormCondition = .always, whenEmpty: String? = nil
    ) {
        self.id = id
        self.title = title
        self.help = help
        self.unit = unit
        self.kind = kind
        self.standard = standard
        self.condition = condition
        self.whenEmpty = whenEmpty
    }

    /// What may be answered, in words: `1 to 4096`; empty where the kind says it.
    package var range: String { Self.range(of: kind) }

    private static func range(of kind: Kind) -> String {
        switch kind {
        case .integer(let range):
            range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound == .infinity ? "at least \(SchemaRule.text(range.lowerBound))"
                : "\(SchemaRule.text(range.lowerBound)) to \(SchemaRule.text(range.upperBound))"
        case .cores: "whole cores"
        case .gibibytes: "such as 4, 1.5 or 512Mi"
        case .tuple(let kinds):
            Set(kinds.map(Self.range)).count == 1 ? "\(kinds.count) values, each \(kinds.first.map(Self.range) ?? "")"
                : kinds.map(Self.range).joined(separator: ", ")
        case .list(let kind): "values with commas, each \(Self.range(of: kind))"
        case .optional(let kind): Self.range(of: kind)
        case .text, .toggle, .choice, .several, .alternatives, .labels, .dataset, .view, .snapshot, .startModel, .architecture: ""
        }
    }

    /// Whether it is answered by typing.
    package var isTyped: Bool {
        switch kind {
        case .text, .integer, .number, .cores, .gibibytes, .tuple, .list: true
        case .optional(let kind): if case .choice = kind { false } else { true }
        case .toggle, .choice, .several, .alternatives, .labels, .dataset, .view, .snapshot, .startModel, .architecture: false
        }
    }
}

/// One of the answers to choose from.
package struct FormChoice: Sendable, Equatable {
    package let value: String
    package let title: String

    package init(_ value: String, _ title: String? = nil) {
        self.value = value
        self.title = title ?? value
    }
}

/// One of several settings that exclude each other.
package struct FormAlternative: Sendable, Equatable {
    package let pointer: String
    package let title: String
    /// Where its value starts when it is chosen, as JSON text.
    let start: String

    init(_ pointer: String, _ title: String, start: String) {
        self.pointer = pointer
        self.title = title
        self.start = start
    }
}

/// When a question applies.
package indirect enum FormCondition: Sendable, Equatable {
    case always
    case task(TaskKind)
    case isOn(String)
    case isAbove(String, Double)
    case given(String)
    case named(String, String)
    case all([FormCondition])

    package func holds(in configuration: RunConfiguration) -> Bool {
        switch self {
        case .always: true
        case .task(let task): configuration.task == task
        case .isOn(let pointer): configuration.value(pointer) == .boolean(true)
        case .isAbove(let pointer, let bound): (configuration.value(pointer)?.numeric ?? 0) > bound
        case .given(let pointer): configuration.value(pointer) != nil
        case .named(let pointer, let name): configuration.value(pointer) == .string(name)
        case .all(let conditions): conditions.allSatisfy { $0.holds(in: configuration) }
        }
    }
}

/// A part of a page, under a heading of its own where it has one.
package struct FormSection: Sendable, Equatable {
    package let title: String
    package let questions: [FormQuestion]
}

/// One page of a form.
package struct FormPage: Sendable, Equatable, Identifiable {
    package let id: FormPageID
    package let title: String
    /// What the page asks, as a sentence.
    package let heading: String
    package let sections: [FormSection]

    package var questions: [FormQuestion] { sections.flatMap(\.questions) }
}

/// The pages that forms are made of.
package enum FormPageID: String, Sendable, Equatable, CaseIterable {
    case dataType = "Data type", general = "General", data = "Data", labels = "Labels", model = "Model", length = "Length"
    case trainData = "Train data", validationData = "Validation", training = "Training", optimizer = "Optimizer"
    case augmentation = "Augmentation", preprocessing = "Preprocess", resources = "Resources", review = "Review"
}
