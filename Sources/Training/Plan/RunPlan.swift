import Datasets

/// The configuration of a run, in the shape of its JSON: what to train on, what to train, for how long.
///
/// The wizard, the forms, a JSON file and the command line are four ways to fill this one value. Decoding it directly
/// needs every key; `RunPlanValidator` reads what people write, fills defaults and explains mistakes, and `RunPlan.stored`
/// reads what an earlier version kept.
package struct RunPlan: Codable, Sendable, Equatable {
    package var runform: RunForm
    package var trainKwargs: TrainingLength
    package var resources: ResourceRequest
    package var notes: String
    /// Seeds initial weights, data order and augmentation; 0 or more.
    package var seed: Int
    package var precision: Precision

    enum CodingKeys: String, CodingKey {
        case runform, resources, notes, seed, precision
        case trainKwargs = "train_kwargs"
    }

    /// A plan with the defaults of its task; data sets and labels are left for the caller to name.
    package init(task: DatasetTask, architecture: String, imageSize: Int, batchSize: Int = 16, epochs: Int? = nil, steps: Int? = nil) {
        let isDetection = task == .objectDetection
        let data = DataSelection(datasets: [], batchSize: batchSize, negativeSamples: true)
        runform = RunForm(
            trainData: data, valData: data, optimizer: .automatic(weightDecay: nil),
            taskType: task, labels: [],
            model: ModelChoice(
                architecture: architecture, imageNetPreTrained: false, weights: nil,
                inputSize: InputSize(height: imageSize, width: imageSize, apply: true)),
            augmentation: isDetection ? .detection : .classification, preprocessing: PreprocessingOptions(), evaluation: EvaluationOptions(),
            gradientClipping: GradientClipping(), gradientAccumulation: GradientAccumulation(),
            schedule: ScheduleChoice(nominalBatchSize: isDetection ? 16 : batchSize), labelSmoothing: 0, mixup: ImageMixing(),
            cutmix: ImageMixing(), average: AverageChoice(), earlyStopping: EarlyStopping(), imageCache: ImageCacheChoice())
        trainKwargs = TrainingLength(nEpochs: epochs, nGlobalSteps: steps, globalStepEvalFreq: nil, globalStepSaveCkptFreq: nil)
        resources = ResourceRequest(cpu: nil, memory: nil, ephemeralStorage: nil)
        notes = ""
        seed = 0
        precision = .fp32
    }
}

/// What a run trains, on what, and how.
package struct RunForm: Codable, Sendable, Equatable {
    package var trainData: DataSelection
    package var valData: DataSelection
    package var optimizer: OptimizerChoice
    package var taskType: DatasetTask
    /// The labels to train against, in order; empty means all labels of the training snapshot.
    package var labels: [String]
    package var model: ModelChoice
    package var augmentation: AugmentationChoice
    package var preprocessing: PreprocessingOptions
    /// How images are cut for evaluation (classification).
    package var evaluation: EvaluationOptions
    package var gradientClipping: GradientClipping
    package var gradientAccumulation: GradientAccumulation
    package var schedule: ScheduleChoice
    /// The share of each label that is spread over all labels (classification).
    package var labelSmoothing: Double
    package var mixup: ImageMixing
    package var cutmix: ImageMixing
    package var average: AverageChoice
    package var earlyStopping: EarlyStopping
    package var imageCache: ImageCacheChoice

    enum CodingKeys: String, CodingKey {
        case optimizer, labels, model, augmentation, preprocessing, evaluation, schedule, mixup, cutmix
        case trainData = "train_data", valData = "val_data", taskType = "task_type", gradientClipping = "gradient_clipping"
        case gradientAccumulation = "gradient_accumulation", labelSmoothing = "label_smoothing", average = "ema"
        case earlyStopping = "early_stopping", imageCache = "image_cache"
    }
}

/// The snapshots one side of a run reads.
package struct DataSelection: Codable, Sendable, Equatable {
    package var datasets: [DatasetReference]
    package var batchSize: Int
    /// Whether images without any of the chosen labels take part.
    package var negativeSamples: Bool

    enum CodingKeys: String, CodingKey {
        case datasets
        case batchSize = "batch_size", negativeSamples = "negative_samples"
    }
}

/// One data set, frozen: `versionID` names the snapshot.
package struct DatasetReference: Codable, Sendable, Equatable {
    package var id: String
    package var versionID: String
    package var projectID: String?

    enum CodingKeys: String, CodingKey {
        case id
        case versionID = "version_id", projectID = "project_id"
    }

    package init(id: String, versionID: String, projectID: String? = nil) {
        self.id = id
        self.versionID = versionID
        self.projectID = projectID
    }
}

package struct ModelChoice: Codable, Sendable, Equatable {
    package var architecture: String
    package var imageNetPreTrained: Bool
    /// The id of a model in the catalogue to start from; nil starts from random weights.
    package var weights: String?
    /// First epochs in which only the head learns.
    package var freezeBackboneEpochs = 0
    package var inputSize: InputSize

    enum CodingKeys: String, CodingKey {
        case architecture, weights
        case imageNetPreTrained = "image_net_pre_trained", inputSize = "input_size", freezeBackboneEpochs = "freeze_backbone_epochs"
    }
}

/// The size images are brought to, in pixels.
package struct InputSize: Codable, Sendable, Equatable {
    package var height: Int
    package var width: Int
    package var apply: Bool

    package init(height: Int, width: Int, apply: Bool = true) {
        self.height = height
        self.width = width
        self.apply = apply
    }
}

/// How long a run trains: exactly one of epochs or optimiser steps, and what happens on the way.
package struct TrainingLength: Codable, Sendable, Equatable {
    package var nEpochs: Int?
    package var nGlobalSteps: Int?
    /// Optimiser steps between evaluations; nil evaluates after each epoch.
    package var globalStepEvalFreq: Int?
    /// Optimiser steps between kept checkpoints; nil keeps the last and the best only.
    package var globalStepSaveCkptFreq: Int?

    enum CodingKeys: String, CodingKey {
        case nEpochs = "n_epochs", nGlobalSteps = "n_global_steps"
        case globalStepEvalFreq = "global_step_eval_freq", globalStepSaveCkptFreq = "global_step_save_ckpt_freq"
    }
}

/// What a run asks of the machine, as Kubernetes quantities ("2", "4Gi"); nil takes what is free.
package struct ResourceRequest: Codable, Sendable, Equatable {
    package var cpu: String?
    package var memory: String?
    package var ephemeralStorage: String?

    package init(cpu: String? = nil, memory: String? = nil, ephemeralStorage: String? = nil) {
        self.cpu = cpu
        self.memory = memory
        self.ephemeralStorage = ephemeralStorage
    }

    enum CodingKeys: String, CodingKey {
        case cpu, memory
        case ephemeralStorage = "ephemeral_storage"
    }
}
