import ArgumentParser
import Workbench

/// Settings of a run on the command line; each stands for one or two places of the configuration and wins over the file.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Any setting, such as /runform/ema/decay=0.99; repeat for more.", valueName: "pointer=value"))
    var set: [String] = []

    @Option(help: "Train this many epochs.") var epochs: Int?
    @Option(help: "Train this many optimizer steps.") var steps: Int?
    @Option(help: "Optimizer steps between evaluations.") var evaluateEvery: Int?
    @Option(help: "Optimizer steps between kept checkpoints.") var checkpointEvery: Int?
    @Option(help: "Images of one batch.") var batchSize: Int?
    @Option(help: "Batches of one optimizer step.") var accumulate: Int?

    @Option(help: "auto, or one of torch.optim's rules, such as SGD, AdamW, LBFGS or Muon.") var optimizer: String?
    @Option(help: "The optimizer's learning rate.") var lr: Double?
    @Option(help: ArgumentHelp("A setting of the optimizer by torch's name; repeat for more.", valueName: "key=value"))
    var optimizerSetting: [String] = []
    @Option(help: "constant, linear, step, multi_step, exponential, cosine, polynomial, one_cycle or reduce_on_plateau.") var schedule: String?
    @Option(help: ArgumentHelp("A setting of the schedule; repeat for more.", valueName: "key=value")) var scheduleSetting: [String] = []
    @Option(help: "Epochs over which the learning rate rises.") var warmupEpochs: Double?
    @Option(help: "Optimizer steps over which the learning rate rises.") var warmupSteps: Int?
    @Option(help: "Largest norm of the gradients.") var clipNorm: Double?
    @Option(help: "Largest magnitude of a gradient's element.") var clipValue: Double?

    @Option(help: "Share of a label that is spread over all labels.") var labelSmoothing: Double?
    @Option(help: "Strength of mixup.") var mixup: Double?
    @Option(help: "Strength of CutMix.") var cutmix: Double?
    @Flag(inversion: .prefixedNo, help: "Evaluate and keep a moving average of the weights.") var ema: Bool?
    @Option(help: "Evaluations without a better result before the run ends; 0 is off.") var patience: Int?
    @Option(help: "How much better counts for --patience.") var minDelta: Double?
    @Option(help: "First epochs in which only the head learns.") var freezeBackboneEpochs: Int?
    @Option(help: "fp32, or bf16 where the processor has avx512_bf16.") var precision: String?
    @Option(help: "Seeds weights, order and augmentation.") var seed: Int?

    func settings() throws -> [ConfigurationSetting] {
        var result: [ConfigurationSetting] = []
        func put(_ pointer: String, _ value: (some CustomStringConvertible)?, instead: String? = nil) {
            guard let value else { return }
            if let instead { result.append(ConfigurationSetting(pointer: instead, value: "null")) }
            result.append(ConfigurationSetting(pointer: pointer, value: "\(value)"))
        }
        put("/train_kwargs/n_epochs", epochs, instead: "/train_kwargs/n_global_steps")
        put("/train_kwargs/n_global_steps", steps, instead: "/train_kwargs/n_epochs")
        put("/train_kwargs/global_step_eval_freq", evaluateEvery)
        put("/train_kwargs/global_step_save_ckpt_freq", checkpointEvery)
        put("/runform/train_data/batch_size", batchSize)
        put("/runform/val_data/batch_size", batchSize)
        if accumulate != nil { put("/runform/gradient_accumulation/apply", true) }
        put("/runform/gradient_accumulation/batches", accumulate)
        put("/runform/optimizer/name", optimizer)
        put("/runform/optimizer/kwargs/lr", lr, instead: "/runform/optimizer/kwargs/learningRate")
        result += try pairs(optimizerSetting, below: "/runform/optimizer/kwargs/", option: "--optimizer-setting")
        put("/runform/schedule/name", schedule)
        result += try pairs(scheduleSetting, below: "/runform/schedule/kwargs/", option: "--schedule-setting")
        put("/runform/schedule/warmup_epochs", warmupEpochs, instead: "/runform/schedule/warmup_steps")
        put("/runform/schedule/warmup_steps", warmupSteps, instead: "/runform/schedule/warmup_epochs")
        if clipNorm != nil || clipValue != nil { put("/runform/gradient_clipping/apply", true) }
        put("/runform/gradient_clipping/max_norm", clipNorm, instead: "/runform/gradient_clipping/max_value")
        put("/runform/gradient_clipping/max_value", clipValue, instead: "/runform/gradient_clipping/max_norm")
        put("/runform/label_smoothing", labelSmoothing)
        put("/runform/mixup/alpha", mixup)
        put("/runform/cutmix/alpha", cutmix)
        put("/runform/ema/apply", ema)
        if let patience {
            put("/runform/early_stopping/apply", patience > 0, instead: "/train_kwargs/patience")
            if patience > 0 { put("/runform/early_stopping/patience", patience) }
        }
        put("/runform/early_stopping/min_delta", minDelta)
        put("/runform/model/freeze_backbone_epochs", freezeBackboneEpochs)
        put("/precision", precision)
        put("/seed", seed)
        return result + (try pairs(set, below: "", option: "--set"))
    }

    private func pairs(_ texts: [String], below path: String, option: String) throws -> [ConfigurationSetting] {
        try texts.map { text in
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw ValidationError("\(option) takes a name, an equals sign and a value, not \"\(text)\".")
            }
            return ConfigurationSetting(pointer: path + text[..<equals], value: String(text[text.index(after: equals)...]))
        }
    }
}
