import Datasets
import NeuralNetworks

/// The shape of a run's JSON, once, for checking, for messages, for forms and for documentation.
package enum PlanSchema {
    static let taskNames = [DatasetTask.imageClassification.rawValue, DatasetTask.objectDetection.rawValue]

    package static let root = SchemaRule.object([
        .required("runform", runform, "what is trained, on what, and how"),
        .required("train_kwargs", trainKwargs, "how long"),
        .optional("resources", .object([
            .optional("cpu", .quantity, "processor cores; what is free where it is left out"),
            .optional("memory", .quantity, "main memory; what is free where it is left out"),
            .optional("ephemeral_storage", .quantity, "disk space"),
        ]), "what the run may take of the machine, as Kubernetes quantities"),
        .optional("notes", .string, "anything to remember"),
        .optional("seed", .integer(0...Int.max), "seeds initial weights, the data's order and augmentation"),
        .optional("precision", .choice(RunPlan.Precision.allCases.map(\.rawValue)), "the numbers that a step multiplies; bf16 where the processor has avx512_bf16"),
    ])

    private static let runform = SchemaRule.object([
        .required("train_data", data, "what is trained on"),
        .required("val_data", data, "what is measured on"),
        .required("task_type", .choice(taskNames), "the task"),
        .required("model", model, "the network"),
        .optional("optimizer", optimizer, "the rule that changes the weights"),
        .optional("labels", .array(of: .nonEmptyString, minimumCount: 0, maximumCount: .max), "the labels to learn, in order; empty takes all"),
        .optional("augmentation", augmentation, "how training images are varied"),
        .optional("preprocessing", preprocessing, "what is done to every image, in training, evaluation and prediction"),
        .optional("evaluation", evaluation, "how images are cut for evaluation (classification)"),
        .optional("gradient_clipping", gradientClipping, "a bound on gradients"),
        .optional("gradient_accumulation", .object([
            .optional("apply", .boolean, "gather the gradients of a fixed number of batches, in place of schedule/nominal_batch_size"),
            .optional("batches", .integer(1...65536), "batches of one optimizer step"),
        ]), "several batches for one step"),
        .optional("schedule", schedule, "how the learning rate goes over the run"),
        .optional("label_smoothing", .number(0...0.9999), "share of each label that is spread over all labels (classification)"),
        .optional("mixup", .object([
            .optional("alpha", .number(0...1000), "strength: the parameter of the beta distribution; 0 is off"),
        ]), "blend images in pairs, and their labels (classification)"),
        .optional("cutmix", .object([
            .optional("alpha", .number(0...1000), "strength: the parameter of the beta distribution; 0 is off"),
        ]), "put a rectangle of one image into another, and mix their labels (classification)"),
        .optional("ema", .object([
            .optional("apply", .boolean, "evaluate and keep an average of the weights over training"),
            .optional("decay", .number(0...0.999999999), "share of the average that stays at each step, in the long run"),
            .optional("tau", .number(1e-9...1e12), "steps over which that share is reached: decay · (1 − exp(−steps/tau))"),
        ]), "a moving average of the weights"),
        .optional("early_stopping", .object([
            .optional("apply", .boolean, "end the run when it no longer gets better"),
            .optional("patience", .integer(1...1_000_000), "evaluations without a better result that are borne"),
            .optional("min_delta", .number(0...1), "how much better the fitness must be to count"),
        ]), "ending early"),
        .optional("image_cache", .object([
            .optional("apply", .boolean, "keep decoded images on the disk, for data that does not fit into memory"),
            .optional("gibibytes", .number(0.01...1e6), "the most that the images of all runs take there; the oldest make room"),
        ]), "decoded images on the disk"),
    ])

    private static let data = SchemaRule.object([
        .required("datasets", .array(of: .object([
            .required("id", .nonEmptyString, "the dataset's id"),
            .required("version_id", .nonEmptyString, "the snapshot's id"),
            .optional("project_id", .string, "the project's id"),
        ]), minimumCount: 1, maximumCount: .max), "frozen datasets"),
        .optional("batch_size", .integer(1...4096), "images of one batch"),
        .optional("negative_samples", .boolean, "keep images without any of the labels"),
    ])

    private static let optimizer = SchemaRule.named(
        variants: [SchemaVariant(name: OptimizerChoice.automaticName, fields: [
            .optional("weight_decay", .number(0...1), "pull of weights towards zero; 0.0005 where it is left out"),
        ])] + OptimizerName.allCases.map { name in
            SchemaVariant(name: name.rawValue, fields: OptimizerConfiguration.settings(of: name).map { SchemaField($0) })
        }, standard: nil, fields: [])

    private static let schedule = SchemaRule.named(
        variants: LearningRateSchedule.Name.allCases.map { name in
            SchemaVariant(name: name.rawValue, fields: LearningRateSchedule.settings(of: name).map { SchemaField($0) })
        }, standard: LearningRateSchedule.Name.linear.rawValue, fields: [
            .optional("interval", .choice(ScheduleChoice.Interval.allCases.map(\.rawValue)),
                "what the schedule counts; epochs in a run of epochs, steps in a run of steps and for one_cycle where it is left out"),
            .optional("warmup_epochs", .number(0...1000), "epochs over which the learning rate rises to the schedule's"),
            .optional("warmup_steps", .integer(0...1_000_000_000), "the same in optimizer steps, in place of warmup_epochs"),
            .optional("warmup_start_factor", .number(0...1), "where the warm-up starts, as a share of the schedule's rate"),
            .optional("warmup_momentum", .number(0...0.9999),
                "where momentum starts in the warm-up; 0.8 for the optimizer auto and not moved for the others where it is left out"),
            .optional("nominal_batch_size", .integer(1...65536), "gradients gather over batches until about this many images have been seen"),
            .optional("final_factor", .number(0...1), "kwargs/final_factor as earlier versions wrote it"),
        ])

    private static let gradientClipping = SchemaRule.object([
        .optional("apply", .boolean, "bound the gradients"),
        .optional("max_norm", .number(1e-6...Double.infinity), "largest norm of all gradients together"),
        .optional("max_value", .number(1e-9...Double.infinity), "largest magnitude of a gradient's element, in place of max_norm"),
    ])

    private static let model = SchemaRule.object([
        .required("architecture", .nonEmptyString, "a name of `models list --architectures`"),
        .optional("image_net_pre_trained", .boolean, "weights of ImageNet do not come with the program: false"),
        .optional("weights", .nonEmptyString, "the id of a model to start from; random weights where it is left out"),
        .optional("freeze_backbone_epochs", .integer(0...1_000_000), "first epochs in which only the head learns"),
        .required("input_size", .object([
            .required("height", .integer(16...4096), "pixels"),
            .required("width", .integer(16...4096), "pixels"),
            .optional("apply", .boolean, "bring images to this size: true"),
        ]), "the size images are brought to"),
    ])

    private static let trainKwargs = SchemaRule.object([
        .optional("n_epochs", .integer(1...1_000_000), "how often all images are seen; this or n_global_steps"),
        .optional("n_global_steps", .integer(1...1_000_000_000), "optimizer steps; this or n_epochs"),
        .optional("global_step_eval_freq", .integer(1...1_000_000_000), "optimizer steps between evaluations; after each epoch where it is left out"),
        .optional("global_step_save_ckpt_freq", .integer(1...1_000_000_000),
            "optimizer steps between kept checkpoints; only the last and the best where it is left out"),
        .optional("patience", .integer(0...1_000_000), "early_stopping/patience as earlier versions wrote it; 0 is off"),
    ])
}
