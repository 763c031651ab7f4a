import Datasets

/// What may stand at a place of the configuration.
indirect enum SchemaRule: Sendable {
    case object([SchemaField])
    case array(of: SchemaRule, minimumCount: Int, maximumCount: Int)
    case string
    case nonEmptyString
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    /// A Kubernetes quantity, such as "2", "500m", "4Gi"; numbers are taken as well.
    case quantity

    /// The rule in words for a message.
    var words: String {
        switch self {
        case .object: "an object"
        case .array(let rule, let minimum, let maximum):
            minimum == maximum ? "an array of \(minimum), each \(rule.words)"
                : minimum > 0 ? "an array of at least \(minimum), each \(rule.words)" : "an array, each \(rule.words)"
        case .string: "a string"
        case .nonEmptyString: "a string that is not empty"
        case .choice(let names): "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .integer(let range):
            range.upperBound == .max ? "a whole number of at least \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound == .infinity ? "a number of at least \(range.lowerBound)"
                : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .quantity: "a quantity such as \"2\", \"500m\" or \"4Gi\""
        }
    }
}

struct SchemaField: Sendable {
    var name: String
    var isRequired: Bool
    var rule: SchemaRule
    /// Other spellings that are taken for this field.
    var aliases: [String] = []

    static func required(_ name: String, _ rule: SchemaRule) -> SchemaField { SchemaField(name: name, isRequired: true, rule: rule) }
    static func optional(_ name: String, _ rule: SchemaRule, aliases: [String] = []) -> SchemaField {
        SchemaField(name: name, isRequired: false, rule: rule, aliases: aliases)
    }
}

/// The shape of a run's JSON, once, for checking, for messages and for forms.
enum PlanSchema {
    static let taskNames = [DatasetTask.imageClassification.rawValue, DatasetTask.objectDetection.rawValue]

    static let root = SchemaRule.object([
        .required("runform", runform),
        .required("train_kwargs", trainKwargs),
        .optional("resources", .object([
            .optional("cpu", .quantity), .optional("memory", .quantity), .optional("ephemeral_storage", .quantity),
        ])),
        .optional("notes", .string),
        .optional("seed", .integer(0...Int.max)),
        .optional("precision", .choice(RunPlan.Precision.allCases.map(\.rawValue))),
    ])

    private static let runform = SchemaRule.object([
        .required("train_data", data),
        .required("val_data", data),
        .required("task_type", .choice(taskNames)),
        .required("model", model),
        .optional("optimizer", optimizer),
        .optional("labels", .array(of: .nonEmptyString, minimumCount: 0, maximumCount: .max)),
        .optional("augmentation", augmentation),
        .optional("gradient_clipping", .object([.optional("apply", .boolean), .optional("max_norm", .number(1e-6...Double.infinity))])),
        .optional("schedule", .object([
            .optional("name", .choice(ScheduleChoice.Name.allCases.map(\.rawValue))),
            .optional("final_factor", .number(0...1)),
            .optional("warmup_epochs", .number(0...1000)),
            .optional("nominal_batch_size", .integer(1...65536)),
        ])),
    ])

    private static let data = SchemaRule.object([
        .required("datasets", .array(of: .object([
            .required("id", .nonEmptyString), .required("version_id", .nonEmptyString), .optional("project_id", .string),
        ]), minimumCount: 1, maximumCount: .max)),
        .optional("batch_size", .integer(1...4096)),
        .optional("negative_samples", .boolean),
    ])

    private static let optimizer = SchemaRule.object([
        .required("name", .choice(OptimizerChoice.Name.allCases.map(\.rawValue))),
        .optional("kwargs", .object([
            .optional("learningRate", .number(1e-12...100), aliases: ["lr"]),
            .optional("momentum", .number(0...0.9999)),
            .optional("nesterov", .boolean),
            .optional("betas", .array(of: .number(0...0.999999), minimumCount: 2, maximumCount: 2)),
            .optional("eps", .number(0...1)),
            .optional("weight_decay", .number(0...1)),
        ])),
    ])

    private static let model = SchemaRule.object([
        .required("architecture", .nonEmptyString),
        .optional("image_net_pre_trained", .boolean),
        .optional("weights", .nonEmptyString),
        .required("input_size", .object([
            .required("height", .integer(16...4096)), .required("width", .integer(16...4096)), .optional("apply", .boolean),
        ])),
    ])

    private static let augmentation = SchemaRule.object([
        .optional("mosaic", .number(0...1)),
        .optional("close_mosaic", .integer(0...100_000)),
        .optional("translate", .number(0...1)),
        .optional("scale", .number(0...0.95)),
        .optional("flip_horizontal", .number(0...1)),
        .optional("hue", .number(0...1)),
        .optional("saturation", .number(0...1)),
        .optional("value", .number(0...1)),
        .optional("crop_minimum_area", .number(0.01...1)),
    ])

    private static let trainKwargs = SchemaRule.object([
        .optional("n_epochs", .integer(1...1_000_000)),
        .optional("n_global_steps", .integer(1...1_000_000_000)),
        .optional("global_step_eval_freq", .integer(1...1_000_000_000)),
        .optional("global_step_save_ckpt_freq", .integer(1...1_000_000_000)),
        .optional("patience", .integer(0...1_000_000)),
    ])
}
