import Training

/// The questions of every form. Ranges, defaults and help come from the schema of the configuration; here stand their order,
/// their titles and units, and when they apply.
package enum FormPages {
    /// Quick Start: what nobody else can answer.
    package static let quickStart: [FormPage] = [
        FormPage(id: .dataType, title: "Data type", heading: "What is trained, and on what kind of data?", sections: [
            FormSection(title: "", questions: [name, version, task])
        ]),
        FormPage(id: .data, title: "Data", heading: "What is learned from, and what is measured on?", sections: data + [
            FormSection(title: "Images without a chosen label", questions: [
                ask("/runform/train_data/negative_samples", "Keep in training", condition: detection),
                ask("/runform/val_data/negative_samples", "Keep in validation", condition: detection),
            ]),
        ]),
        labelPage,
        FormPage(id: .model, title: "Model", heading: "Where does the model come from?", sections: [
            FormSection(title: "", questions: [startModel, architecture])
        ]),
        FormPage(id: .length, title: "Length", heading: "How long should it train?", sections: [
            FormSection(title: "", questions: [length, epochs, steps])
        ]),
        resourcePage, reviewPage,
    ]

    /// Full Configuration: every setting.
    package static let full: [FormPage] = [
        FormPage(id: .dataType, title: "Data type", heading: "On what kind of data?", sections: [FormSection(title: "", questions: [task])]),
        FormPage(id: .general, title: "General", heading: "What is the run called?", sections: [
            FormSection(title: "", questions: [name, version, ask("/notes", "Notes"), ask("/seed", "Seed"), ask("/precision", "Precision")])
        ]),
        FormPage(id: .data, title: "Datasets", heading: "What is learned from, and what is measured on?", sections: data),
        labelPage,
        FormPage(id: .model, title: "Model", heading: "Which network, and how large are its images?", sections: [
            FormSection(title: "", questions: [
                startModel, architecture, ask("/runform/model/input_size/height", "Image height", "pixels"),
                ask("/runform/model/input_size/width", "Image width", "pixels"),
                ask("/runform/model/freeze_backbone_epochs", "Freeze backbone", "epochs", condition: .given("/runform/model/weights")),
            ])
        ]),
        FormPage(id: .trainData, title: "Train data", heading: "How is the training data read and mixed?", sections: [
            FormSection(title: "", questions: [
                ask("/runform/train_data/batch_size", "Batch size", "images"),
                ask("/runform/train_data/negative_samples", "Negative samples", condition: detection),
                ask("/runform/label_smoothing", "Label smoothing", condition: classification),
                ask("/runform/mixup/alpha", "Mixup", condition: classification),
                ask("/runform/cutmix/alpha", "CutMix", condition: classification),
            ]),
            group("/runform/image_cache", "Decoded images on the disk", ["gibibytes": "GiB"]),
        ]),
        FormPage(id: .validationData, title: "Validation", heading: "How is the validation data read and cut?", sections: [
            FormSection(title: "", questions: [
                ask("/runform/val_data/batch_size", "Batch size", "images"),
                ask("/runform/val_data/negative_samples", "Negative samples", condition: detection),
            ]),
            group("/runform/evaluation/centre_crop", "Centre crop", ["height": "pixels", "width": "pixels"], when: classification),
            FormSection(title: "Size", questions: [
                ask("/runform/evaluation/resize", "Short side before", "pixels", condition: classification),
                ask("/runform/evaluation/alignment", "Alignment", condition: classification),
            ]),
        ]),
        FormPage(id: .training, title: "Training", heading: "How long does it train, and what happens on the way?", sections: [
            FormSection(title: "", questions: [
                length, epochs, steps,
                ask("/train_kwargs/global_step_eval_freq", "Evaluate every", "steps", whenEmpty: "after each epoch"),
                ask("/train_kwargs/global_step_save_ckpt_freq", "Checkpoint every", "steps", whenEmpty: "last and best only"),
            ]),
            group("/runform/early_stopping", "Early stopping", ["patience": "evaluations"]),
            group("/runform/ema", "Average of the weights", ["tau": "steps"]),
        ]),
        FormPage(id: .optimizer, title: "Optimizer", heading: "By which rule do the weights change?", sections: [
            named("/runform/optimizer", "Optimizer"), named("/runform/schedule", "Learning rate schedule"), warmup, gradients,
            group("/runform/gradient_accumulation", "Gradients of several batches", ["batches": "batches"]),
        ]),
        FormPage(id: .augmentation, title: "Augmentation", heading: "How are training images varied?", sections: augmentation),
        FormPage(id: .preprocessing, title: "Preprocess", heading: "What is done to every image, before anything else?", sections: [
            group("/runform/preprocessing/linear_stretch", "Linear stretch", ["lower_percentile": "%", "upper_percentile": "%"]),
            group("/runform/preprocessing/clahe", "CLAHE", [:]),
            group("/runform/preprocessing/normalize", "Normalisation", [:], when: classification),
        ]),
        resourcePage, reviewPage,
    ]

    /// Every question there is, each once or once a name that it hangs on.
    package static let questions: [FormQuestion] = full.flatMap(\.questions)

    // MARK: Pages that both forms have

    private static let labelPage = FormPage(
        id: .labels, title: "Labels", heading: "Which labels should the model know?", sections: [
            FormSection(title: "", questions: [ask("/runform/labels", "Labels", kind: .labels)])
        ])

    private static let resourcePage = FormPage(
        id: .resources, title: "Resources", heading: "What may it use of this machine?", sections: [
            FormSection(title: "", questions: [
                ask("/resources/cpu", "CPU cores", "cores", kind: .cores, whenEmpty: "what is free"),
                ask("/resources/memory", "Memory", "GiB", kind: .gibibytes, whenEmpty: "what is free"),
                ask("/resources/ephemeral_storage", "Disk", "GiB", kind: .gibibytes, whenEmpty: "what is free"),
            ])
        ])

    private static let reviewPage = FormPage(id: .review, title: "Review", heading: "Is this what you want?", sections: [])

    private static let data: [FormSection] = DataSide.allCases.map { side in
        FormSection(title: side == .train ? "Training data" : "Validation data", questions: [
            FormQuestion(id: side.pointer, title: "Dataset", help: "the images and their labels", kind: .dataset(side)),
            FormQuestion(id: side.pointer + "/view", title: "View", help: "a saved filter over the dataset", kind: .view(side)),
            FormQuestion(id: side.pointer + "/snapshot", title: "Snapshot", help: "the view, frozen with its split", kind: .snapshot(side)),
        ])
    }

    // MARK: Questions that both forms ask

    private static let detection = FormCondition.task(.objectDetection), classification = FormCondition.task(.imageClassification)
    private static let name = FormQuestion(id: "name", title: "Name", help: "what the run is called in tables", kind: .text)
    private static let version = FormQuestion(id: "version", title: "Version", help: "any text, such as 1.0", kind: .text)
    private static let task = ask("/runform/task_type", "Task")
    private static let startModel = ask(
        "/runform/model/weights", "Start from", kind: .startModel, whenEmpty: "scratch")
    private static let architecture = ask("/runform/model/architecture", "Architecture", kind: .architecture)
    private static let length = FormQuestion(
        id: "/train_kwargs", title: "Counted in", help: "epochs see all images once each; a step changes the weights once",
        kind: .alternatives([
            FormAlternative("/train_kwargs/n_epochs", "epochs", start: "40"),
            FormAlternative("/train_kwargs/n_global_steps", "steps", start: "1000"),
        ]))
    private static let epochs = ask("/train_kwargs/n_epochs", "Epochs", "epochs", condition: .given("/train_kwargs/n_epochs"))
    private static let steps = ask("/train_kwargs/n_global_steps", "Steps", "steps", condition: .given("/train_kwargs/n_global_steps"))

    // MARK: Sections of Full Configuration

    private static let warmup = FormSection(title: "Warm-up and batches", questions: [
        ask("/runform/schedule/interval", "Schedule counts", whenEmpty: "what the run counts"),
        FormQuestion(
            id: "/runform/schedule", title: "Warm-up in", help: "what the length of the warm-up counts",
            kind: .alternatives([
                FormAlternative("/runform/schedule/warmup_epochs", "epochs", start: "3"),
                FormAlternative("/runform/schedule/warmup_steps", "steps", start: "100"),
            ])),
        ask("/runform/schedule/warmup_epochs", "Warm-up", "epochs", condition: .given("/runform/schedule/warmup_epochs")),
        ask("/runform/schedule/warmup_steps", "Warm-up", "steps", condition: .given("/runform/schedule/warmup_steps")),
        ask("/runform/schedule/warmup_start_factor", "Starts at"),
        ask("/runform/schedule/warmup_momentum", "Momentum from", whenEmpty: "as usual"),
        ask("/runform/schedule/nominal_batch_size", "Nominal batch", "images"),
    ])

    private static let clips = FormCondition.isOn("/runform/gradient_clipping/apply")

    private static let gradients = FormSection(title: "Gradient clipping", questions: [
        ask("/runform/gradient_clipping/apply", "Apply"),
        FormQuestion(
            id: "/runform/gradient_clipping", title: "Bound", help: "the norm of all gradients together, or each element's magnitude",
            kind: .alternatives([
                FormAlternative("/runform/gradient_clipping/max_norm", "norm", start: "10"),
                FormAlternative("/runform/gradient_clipping/max_value", "value", start: "1"),
            ]), condition: clips),
        ask("/runform/gradient_clipping/max_norm", "Largest norm", condition: .all([clips, .given("/runform/gradient_clipping/max_norm")])),
        ask("/runform/gradient_clipping/max_value", "Largest value", condition: .all([clips, .given("/runform/gradient_clipping/max_value")])),
    ])

    private static let augmentation: [FormSection] = [
        FormSection(title: "", questions: [
            ask("/runform/augmentation/flip_horizontal", "Mirror"),
            ask("/runform/augmentation/flip_vertical", "Upside down", condition: classification),
            ask("/runform/augmentation/mosaic", "Mosaic", condition: detection),
            ask("/runform/augmentation/close_mosaic", "Last without mosaic", "epochs", condition: detection),
            ask("/runform/augmentation/translate", "Shift", condition: detection),
            ask("/runform/augmentation/scale", "Scale", condition: detection),
            ask("/runform/augmentation/hue", "Hue", condition: detection),
            ask("/runform/augmentation/saturation", "Saturation", condition: detection),
            ask("/runform/augmentation/value", "Brightness", condition: detection),
        ]),
        group("/runform/augmentation/random_resized_crop", "Random resized crop", [:], when: classification),
        group("/runform/augmentation/random_crop", "Random crop", ["height": "pixels", "width": "pixels", "padding": "pixels"], when: classification),
        group("/runform/augmentation/rand_augment", "RandAugment", [:], when: classification),
        group("/runform/augmentation/colour", "Colour operations", [:], when: classification),
        group("/runform/augmentation/colour_jitter", "Colour jitter", [:], when: classification),
        erasing,
    ]

    private static let erasing: FormSection = {
        let base = "/runform/augmentation/random_erasing"
        let isOn = FormCondition.all([classification, .isAbove(base + "/probability", 0)])
        return FormSection(title: "Random erasing", questions: [ask(base + "/probability", "Probability", condition: classification)]
            + ["scale", "ratio", "value", "random"].map { ask("\(base)/\($0)", condition: isOn) })
    }()

    // MARK: From the schema

    /// A place of the configuration as a question; what is not given here the schema says.
    private static func ask(
        _ pointer: String, _ title: String? = nil, _ unit: String = "", kind: FormQuestion.Kind? = nil,
        condition: FormCondition = .always, whenEmpty: String? = nil
    ) -> FormQuestion {
        let path = RunConfiguration.keys(pointer)
        guard let field = PlanSchema.field(at: path) else { preconditionFailure("the configuration has no \(pointer)") }
        return question(field, pointer: pointer, title: title, unit: unit, kind: kind, condition: condition, whenEmpty: whenEmpty)
    }

    private static func question(
        _ field: SchemaField, pointer: String, title: String? = nil, unit: String = "", kind: FormQuestion.Kind? = nil,
        condition: FormCondition, whenEmpty: String? = nil
    ) -> FormQuestion {
        var kind = kind ?? self.kind(of: field.rule), empty = whenEmpty
        if case .optional = kind { empty = empty ?? "none" }
        if whenEmpty != nil, case .choice = kind { kind = .optional(kind) }
        if case .text = kind { empty = empty ?? "nothing" }
        if case .list = kind { empty = empty ?? "none" }
        return FormQuestion(
            id: pointer, title: title ?? self.title(of: field.name), help: field.meaning, unit: unit, kind: kind, standard: field.standard,
            condition: condition, whenEmpty: empty)
    }

    /// An object with its fields; those beside `apply` are asked while it is on.
    private static func group(_ pointer: String, _ title: String, _ units: [String: String], when condition: FormCondition = .always) -> FormSection {
        guard case .object(let fields)? = PlanSchema.field(at: RunConfiguration.keys(pointer))?.rule else {
            preconditionFailure("\(pointer) is no object")
        }
        let hasSwitch = fields.contains { $0.name == "apply" }
        return FormSection(title: title, questions: fields.map { field in
            let isSwitch = field.name == "apply" || !hasSwitch
            return question(
                field, pointer: "\(pointer)/\(field.name)", unit: units[field.name] ?? "",
                condition: isSwitch ? condition : condition == .always ? .isOn(pointer + "/apply") : .all([condition, .isOn(pointer + "/apply")]))
        })
    }

    /// The name of an object, and the settings of each name.
    private static func named(_ pointer: String, _ title: String) -> FormSection {
        let variants = PlanSchema.variants(at: RunConfiguration.keys(pointer))
        return FormSection(title: title, questions: [ask(pointer + "/name", "Name")] + variants.flatMap { variant in
            variant.fields.map {
                question($0, pointer: "\(pointer)/kwargs/\($0.name)", condition: .named(pointer + "/name", variant.name),
                    whenEmpty: $0.standard == nil ? "as usual" : nil)
            }
        })
    }

    private static func kind(of rule: SchemaRule) -> FormQuestion.Kind {
        switch rule {
        case .integer(let range): .integer(range)
        case .number(let range): .number(range)
        case .boolean: .toggle
        case .choice(let names): .choice(names.map { FormChoice($0) })
        case .array(.choice(let names), _, _): .several(names)
        case .array(let element, _, _): .list(kind(of: element))
        case .tuple(let rules): .tuple(rules.map(kind(of:)))
        case .nullable(let inner): .optional(kind(of: inner))
        case .quantity: .gibibytes
        case .string, .nonEmptyString, .object, .named: .text
        }
    }

    /// `weight_decay` as people read it.
    private static func title(of key: String) -> String {
        let known = [
            "lr": "Learning rate", "eps": "Epsilon", "num_ops": "Operations", "disabled_ops": "Never drawn", "std": "Deviation",
            "amsgrad": "AMSGrad", "lambd": "Lambda", "d": "D", "t0": "T0", "ns_steps": "Iterations", "ns_coefficients": "Coefficients",
            "min_delta": "Least gain", "max_iter": "Most changes", "max_eval": "Most evaluations", "line_search_fn": "Line search",
            "adjust_lr_fn": "Rate adjustment", "initial_accumulator_value": "Accumulator from", "decoupled_weight_decay": "Decoupled decay",
        ]
        if let title = known[key] { return title }
        let words = key.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
