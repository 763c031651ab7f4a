import Datasets

/// The configuration of a run, in the shape of its JSON: what to train on, what to train, for how long.
///
/// The wizard, the forms, a JSON file and the command line are four ways to fill this one value. Decoding it directly
/// needs every key; `RunPlanValidator` reads what people write, fills defaults and explains mistakes.
package struct RunPlan: Codable, Sendable, Equatable {
    package var runform: RunForm
    package var trainKwargs: TrainingLength
    package var resources: ResourceRequest
    package var notes: String
    /// Seeds initial weights, data order and augmentation; 0 or more.
    package var seed: Int
    /// The only precision that trains here.
    package var precision: Precision

    package enum Precision: String, Codable, Sendable, CaseIterable { case fp32 }

    enum CodingKeys: String, CodingKey {
        case runform, resources, notes, seed, precision
        case trainKwargs = "train_kwargs"
    }

    /// A plan with the defaults of its task; data sets and labels are left for the caller to name.
    package init(task: DatasetTask, architecture: String, imageSize: Int, batchSize: Int = 16, epochs: Int? = nil, steps: Int? = nil) {
        let isDetection = task == .objectDetection
        let data = DataSelection(datasets: [], batchSize: batchSize, negativeSamples: true)
        runform = RunForm(
            trainData: data, valData: data, optimizer: OptimizerChoice(name: .auto, kwargs: OptimizerArguments()),
            taskType: task, labels: [],
            model: ModelChoice(
                architecture: architecture, imageNetPreTrained: false, weights: nil,
                inputSize: InputSize(height: imageSize, width: imageSize, apply: true)),
            augmentation: isDetection ? .detection : .classification,
            gradientClipping: GradientClipping(apply: true, maxNorm: 10),
            schedule: ScheduleChoice(name: .linear, finalFactor: 0.01, warmupEpochs: 3, nominalBatchSize: isDetection ? 16 : batchSize))
        trainKwargs = TrainingLength(
            nEpochs: epochs, nGlobalSteps: steps, globalStepEvalFreq: nil, globalStepSaveCkptFreq: nil, patience: 100)
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
    package var gradientClipping: GradientClipping
    package var schedule: ScheduleChoice

    enum CodingKeys: String, CodingKey {
        case optimizer, labels, model, augmentation, schedule
        case trainData = "train_data", valData = "val_data", taskType = "task_type", gradientClipping = "gradient_clipping"
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

package struct OptimizerChoice: Codable, Sendable, Equatable {
    package enum Name: String, Codable, Sendable, CaseIterable {
        case auto, sgd = "SGD", adam = "Adam", adamW = "AdamW"
    }

    package var name: Name
    package var kwargs: OptimizerArguments

    package init(name: Name, kwargs: OptimizerArguments = OptimizerArguments()) {
        self.name = name
        self.kwargs = kwargs
    }
}

/// Settings of an optimiser; nil takes the optimiser's own default. `lr` is read as `learningRate`.
package struct OptimizerArguments: Codable, Sendable, Equatable {
    package var learningRate: Double?
    package var momentum: Double?
    package var nesterov: Bool?
    /// Adam's two decay rates.
    package var betas: [Double]?
    package var epsilon: Double?
    package var weightDecay: Double?

    enum CodingKeys: String, CodingKey {
        case learningRate, momentum, nesterov, betas
        case epsilon = "eps", weightDecay = "weight_decay"
    }

    package init(
        learningRate: Double? = nil, momentum: Double? = nil, nesterov: Bool? = nil, betas: [Double]? = nil,
        epsilon: Double? = nil, weightDecay: Double? = nil
    ) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.betas = betas
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

package struct ModelChoice: Codable, Sendable, Equatable {
    package var architecture: String
    package var imageNetPreTrained: Bool
    /// The id of a model in the catalogue to start from; nil starts from random weights.
    package var weights: String?
    package var inputSize: InputSize

    enum CodingKeys: String, CodingKey {
        case architecture, weights
        case imageNetPreTrained = "image_net_pre_trained", inputSize = "input_size"
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

/// How training images are varied; probabilities and relative amounts, 0 is off.
package struct AugmentationChoice: Codable, Sendable, Equatable {
    /// Probability of joining four images into one (detection).
    package var mosaic: Double
    /// The number of last epochs without mosaic (detection).
    package var closeMosaic: Int
    /// Largest shift, as a share of the image's side (detection).
    package var translate: Double
    /// Largest relative change of size (detection).
    package var scale: Double
    /// Probability of mirroring left and right.
    package var flipHorizontal: Double
    /// Relative changes of hue, saturation and value.
    package var hue: Double
    package var saturation: Double
    package var value: Double
    /// The smallest share of an image's area that a random crop keeps; 1 turns cropping off (classification).
    package var cropMinimumArea: Double

    enum CodingKeys: String, CodingKey {
        case mosaic, translate, scale, hue, saturation, value
        case closeMosaic = "close_mosaic", flipHorizontal = "flip_horizontal", cropMinimumArea = "crop_minimum_area"
    }

    package static let detection = AugmentationChoice(
        mosaic: 1, closeMosaic: 10, translate: 0.1, scale: 0.5, flipHorizontal: 0.5,
        hue: 0.015, saturation: 0.7, value: 0.4, cropMinimumArea: 1)
    package static let classification = AugmentationChoice(
        mosaic: 0, closeMosaic: 0, translate: 0, scale: 0, flipHorizontal: 0.5,
        hue: 0, saturation: 0, value: 0, cropMinimumArea: 0.5)
}

package struct GradientClipping: Codable, Sendable, Equatable {
    package var apply: Bool
    package var maxNorm: Double

    enum CodingKeys: String, CodingKey {
        case apply
        case maxNorm = "max_norm"
    }
}

/// How the learning rate goes over a run.
package struct ScheduleChoice: Codable, Sendable, Equatable {
    package enum Name: String, Codable, Sendable, CaseIterable { case linear, cosine, constant }

    package var name: Name
    /// The last learning rate as a share of the first.
    package var finalFactor: Double
    /// Epochs over which learning rate and momentum rise to their values.
    package var warmupEpochs: Double
    /// Gradients of several batches are added up until this many images have been seen.
    package var nominalBatchSize: Int

    enum CodingKeys: String, CodingKey {
        case name
        case finalFactor = "final_factor", warmupEpochs = "warmup_epochs", nominalBatchSize = "nominal_batch_size"
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
    /// Evaluated epochs without a better result before the run ends early; 0 never ends early.
    package var patience: Int

    enum CodingKeys: String, CodingKey {
        case patience
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
