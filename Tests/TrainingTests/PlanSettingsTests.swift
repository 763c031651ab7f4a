import Datasets
import Foundation
import NeuralNetworks
import Testing
import Training

/// Every setting beyond the seed's shape: what is read, what is refused, and what earlier versions wrote.
@Suite struct PlanSettingsTests {
    private func validator(multipliesBFloat16: Bool = false) -> RunPlanValidator {
        RunPlanValidator(
            architectures: [
                .init(name: "YOLOv8_nano", task: .objectDetection, minimumInputSize: 32),
                .init(name: "mobilenet_v3_small", task: .imageClassification, minimumInputSize: 32),
            ], multipliesBFloat16: multipliesBFloat16)
    }

    private func json(_ form: String, detection: Bool = false, model: String = "", root: String = "", length: String = #""n_epochs": 9"#) -> Data {
        Data("""
            {"runform": {"train_data": {"datasets": [{"id": "d", "version_id": "s"}], "batch_size": 4},
            "val_data": {"datasets": [{"id": "d", "version_id": "s"}]}, "task_type": "\(detection ? "Object Detection" : "Image Classification")",
            "model": {"architecture": "\(detection ? "YOLOv8_nano" : "mobilenet_v3_small")"\(model),
            "input_size": {"height": 64, "width": 64}}\(form.isEmpty ? "" : ", " + form)}, "train_kwargs": {\(length)}\(root)}
            """.utf8)
    }

    private func plan(_ form: String) throws -> RunForm { try validator().validate(json: json(form)).get().runform }

    private func issues(_ data: Data, multipliesBFloat16: Bool = false) -> [ConfigurationIssue] {
        if case .failure(let error) = validator(multipliesBFloat16: multipliesBFloat16).validate(json: data) { error.issues } else { [] }
    }

    @Test func everyOptimizerIsReadWithItsDefaults() throws {
        for name in OptimizerName.allCases {
            #expect(try plan(#""optimizer": {"name": "\#(name.rawValue)"}"#).optimizer == .named(OptimizerConfiguration(name)))
        }
        guard case .named(.lbfgs(let options)) = try plan(
            #""optimizer": {"name": "LBFGS", "kwargs": {"line_search_fn": "strong_wolfe", "max_eval": null, "history_size": 7}}"#).optimizer
        else { Issue.record("no L-BFGS"); return }
        #expect(options.lineSearch == .strongWolfe && options.maximumEvaluations == nil && options.historySize == 7)
        guard case .named(.adafactor(let factors)) = try plan(#""optimizer": {"name": "Adafactor", "kwargs": {"eps": [null, 0.01]}}"#).optimizer
        else { Issue.record("no Adafactor"); return }
        #expect(factors.epsilons.moment == nil && factors.epsilons.parameter == 0.01)
    }

    @Test func everyScheduleIsRead() throws {
        for name in LearningRateSchedule.Name.allCases where name != .multiStep {
            let schedule = try plan(#""schedule": {"name": "\#(name.rawValue)"}"#).schedule
            #expect(schedule.curve == LearningRateSchedule(name) && schedule.warmupEpochs == 3 && schedule.nominalBatchSize == 4)
        }
        let schedule = try plan(
            #""schedule": {"name": "multi_step", "kwargs": {"milestones": [2, 5], "gamma": 0.5}, "interval": "epoch", "warmup_steps": 7, "warmup_start_factor": 0.1}"#
        ).schedule
        #expect(schedule.curve.factor(at: 5, of: 9) == 0.25)
        #expect(schedule.interval == .epoch && schedule.warmupSteps == 7 && schedule.warmupEpochs == nil && schedule.warmupStartFactor == 0.1)
    }

    @Test func theOtherSettingsAreRead() throws {
        let form = try plan("""
            "gradient_clipping": {"max_value": 0.5}, "gradient_accumulation": {"apply": true, "batches": 3}, "label_smoothing": 0.1,
            "mixup": {"alpha": 0.2}, "cutmix": {"alpha": 1}, "ema": {"apply": false}, "early_stopping": {"patience": 5, "min_delta": 0.01},
            "augmentation": {"flip_vertical": 0.25, "rand_augment": {"apply": true, "num_ops": 3, "disabled_ops": ["Solarize"], "invert": true},
              "random_resized_crop": {"scale": [0.2, 0.9]}, "random_erasing": {"probability": 0.4}, "colour": {"apply": true}},
            "preprocessing": {"linear_stretch": {"apply": true, "lower_percentile": 1}, "clahe": {"apply": true, "tiles": 4},
              "normalize": {"mean": [0.5, 0.5, 0.5]}},
            "evaluation": {"resize": 72, "center_crop": {"height": 64, "width": 64}}, "image_cache": {"apply": true, "gibibytes": 0.5}
            """)
        #expect(form.gradientClipping.maxValue == 0.5 && form.gradientClipping.maxNorm == nil)
        #expect(form.gradientAccumulation.apply && form.gradientAccumulation.batches == 3)
        #expect(form.labelSmoothing == 0.1 && form.mixup.alpha == 0.2 && form.cutmix.alpha == 1 && !form.average.apply)
        #expect(form.earlyStopping.apply && form.earlyStopping.patience == 5 && form.earlyStopping.minDelta == 0.01)
        #expect(form.imageCache.apply && form.imageCache.byteLimit == 512 << 20)
        let pictures = form.augmentation.pictures
        #expect(pictures.flipVertical == 0.25 && pictures.flipHorizontal == 0.5 && pictures.randomErasing.probability == 0.4)
        #expect(pictures.randAugment.operationCount == 3 && pictures.randAugment.disabledOperations == [.solarize] && pictures.randAugment.invert)
        #expect(pictures.randomResizedCrop.scale == ValueRange(0.2, 0.9) && pictures.colour.apply)
        #expect(form.preprocessing.linearStretch.lowerPercentile == 1 && form.preprocessing.linearStretch.upperPercentile == 98)
        #expect(form.preprocessing.clahe.tiles == 4 && form.preprocessing.normalize.mean == [0.5, 0.5, 0.5])
        #expect(form.evaluation.resize == 72 && form.evaluation.centreCrop.height == 64)
    }

    @Test func plansWithEverySettingSurviveARoundTrip() throws {
        for form in [
            "", #""optimizer": {"name": "Muon"}, "schedule": {"name": "reduce_on_plateau", "warmup_steps": 3}, "gradient_clipping": {"max_value": 1}"#,
            #""optimizer": {"name": "LBFGS"}, "schedule": {"name": "cosine", "kwargs": {"T_max": 4}}"#,
        ] {
            for detection in [true, false] {
                let plan = try validator().validate(json: json(form, detection: detection)).get()
                #expect(try validator().validate(plan).get() == plan)
                #expect(try RunPlan.stored(RunPlan.encode(plan)) == plan)
            }
        }
    }

    @Test(arguments: [
        (#""optimizer": {"name": "SGD", "kwargs": {"nesterov": true}}"#, "/runform/optimizer/kwargs/nesterov"),
        (#""optimizer": {"name": "Adam", "kwargs": {"beta": [0.9, 0.99]}}"#, "/runform/optimizer/kwargs/beta"),
        (#""optimizer": {"name": "Adam", "kwargs": {"betas": [0.9]}}"#, "/runform/optimizer/kwargs/betas"),
        (#""optimizer": {"kwargs": {"lr": 1}}"#, "/runform/optimizer/name"),
        (#""schedule": {"name": "multi_step"}"#, "/runform/schedule/kwargs/milestones"),
        (#""schedule": {"name": "step", "final_factor": 0.1}"#, "/runform/schedule/final_factor"),
        (#""schedule": {"name": "linear", "final_factor": 0.1, "kwargs": {"final_factor": 0.2}}"#, "/runform/schedule/final_factor"),
        (#""schedule": {"warmup_epochs": 1, "warmup_steps": 5}"#, "/runform/schedule/warmup_steps"),
        (#""schedule": {"name": "one_cycle", "interval": "epoch"}"#, "/runform/schedule/interval"),
        (#""schedule": {"name": "one_cycle"}, "optimizer": {"name": "Adagrad"}"#, "/runform/schedule/kwargs/cycle_momentum"),
        (#""gradient_clipping": {"max_norm": 1, "max_value": 1}"#, "/runform/gradient_clipping"),
        (#""augmentation": {"random_resized_crop": {"scale": [0.9, 0.2]}}"#, "/runform/augmentation/random_resized_crop/scale"),
        (#""augmentation": {"crop_minimum_area": 0.5, "random_resized_crop": {"scale": [0.2, 1]}}"#, "/runform/augmentation/crop_minimum_area"),
        (#""augmentation": {"rand_augment": {"disabled_ops": ["Solarise"]}}"#, "/runform/augmentation/rand_augment/disabled_ops/0"),
        (#""preprocessing": {"linear_stretch": {"lower_percentile": 98}}"#, "/runform/preprocessing/linear_stretch"),
        (#""label_smoothing": 1"#, "/runform/label_smoothing"), (#""early_stoping": {}"#, "/runform/early_stoping"),
    ])
    func mistakesAreNamed(form: String, path: String) {
        let found = issues(json(form))
        #expect(found.map(\.path) == [path], "\(found)")
    }

    @Test func whatDetectionDoesNotDoIsRefused() {
        for (form, path) in [
            (#""label_smoothing": 0.1"#, "label_smoothing"), (#""mixup": {"alpha": 1}"#, "mixup/alpha"), (#""cutmix": {"alpha": 1}"#, "cutmix/alpha"),
            (#""augmentation": {"rand_augment": {"apply": true}}"#, "augmentation/rand_augment/apply"),
            (#""evaluation": {"resize": 70}"#, "evaluation"), (#""preprocessing": {"normalize": {"apply": false}}"#, "preprocessing/normalize"),
        ] {
            #expect(issues(json(form, detection: true)).map(\.path) == ["/runform/" + path])
            #expect(issues(json(form)).isEmpty)
        }
        #expect(issues(json(#""preprocessing": {"clahe": {"apply": true}}, "label_smoothing": 0"#, detection: true)).isEmpty)
    }

    @Test func freezingNeedsWeightsAndEpochs() {
        #expect(issues(json("", model: #", "freeze_backbone_epochs": 2"#)).map(\.path) == ["/runform/model/freeze_backbone_epochs"])
        #expect(issues(json("", model: #", "freeze_backbone_epochs": 2, "weights": "m""#)).isEmpty)
        #expect(issues(json("", model: #", "freeze_backbone_epochs": 10, "weights": "m""#)).count == 1)
    }

    @Test func bfloat16IsRefusedWhereTheProcessorLacksIt() throws {
        let data = json("", root: #", "precision": "bf16""#)
        let lacking = try #require(issues(data).first)
        #expect(lacking.path == "/precision" && lacking.message.contains("lacks avx512_bf16"))
        #expect(try validator(multipliesBFloat16: true).validate(json: data).get().precision == .bf16)
        #expect(try validator().validate(json: json("", root: #", "precision": "fp32""#)).get().precision == .fp32)
    }

    /// The stored configuration of a run of version 1, whole.
    @Test func whatEarlierVersionsKeptIsRead() throws {
        let old = Data("""
            {"notes": "", "precision": "fp32", "resources": {"cpu": "2", "memory": "1024Mi"}, "seed": 3,
             "runform": {"augmentation": {"close_mosaic": 0, "crop_minimum_area": 0.7, "flip_horizontal": 0, "hue": 0, "mosaic": 0,
               "saturation": 0, "scale": 0, "translate": 0, "value": 0},
              "gradient_clipping": {"apply": true, "max_norm": 10}, "labels": ["0", "1"],
              "model": {"architecture": "mobilenet_v3_small", "image_net_pre_trained": false, "input_size": {"apply": true, "height": 32, "width": 32}},
              "optimizer": {"kwargs": {}, "name": "auto"},
              "schedule": {"final_factor": 0.01, "name": "linear", "nominal_batch_size": 32, "warmup_epochs": 3},
              "task_type": "Image Classification",
              "train_data": {"batch_size": 32, "datasets": [{"id": "d", "version_id": "s"}], "negative_samples": true},
              "val_data": {"batch_size": 32, "datasets": [{"id": "d", "version_id": "s"}], "negative_samples": true}},
             "train_kwargs": {"n_epochs": 40, "patience": 100}}
            """.utf8)
        var expected = RunPlan(task: .imageClassification, architecture: "mobilenet_v3_small", imageSize: 32, batchSize: 32, epochs: 40)
        expected.runform.trainData.datasets = [DatasetReference(id: "d", versionID: "s")]
        expected.runform.valData.datasets = expected.runform.trainData.datasets
        expected.runform.labels = ["0", "1"]
        expected.runform.augmentation.flipHorizontal = 0
        expected.runform.augmentation.cropMinimumArea = 0.7
        expected.resources = ResourceRequest(cpu: "2", memory: "1024Mi")
        expected.seed = 3
        #expect(try RunPlan.stored(old) == expected)
        #expect(try validator().validate(json: old).get() == expected)
        // Patience 0 was "never".
        let never = try validator().validate(json: json("", length: #""n_epochs": 2, "patience": 0"#)).get()
        #expect(!never.runform.earlyStopping.apply)
        let constant = try validator().validate(json: json(#""schedule": {"name": "constant", "final_factor": 0.01}"#)).get()
        #expect(constant.runform.schedule.curve == LearningRateSchedule(.constant))
    }

    /// Every table of docs/configuration.md is the schema's; `trainyard config reference` prints them anew.
    @Test func thePageDocumentsEveryKey() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for table in PlanReference.tables {
            #expect(text.contains(table.markdown), "docs/configuration.md differs in \(table.title): renew it from `trainyard config reference`")
            for row in table.rows { #expect(!row.meaning.isEmpty && !row.allowed.isEmpty, "\(table.title)/\(row.key)") }
        }
    }
}
