import Datasets
import Foundation
import NeuralNetworks
import Testing
@testable import Training

@Suite struct RunPlanTests {
    private let validator = RunPlanValidator(architectures: [
        .init(name: "YOLOv8_nano", task: .objectDetection, minimumInputSize: 32),
        .init(name: "mobilenet_v3_small", task: .imageClassification, minimumInputSize: 32),
        .init(name: "vit_b_16", task: .imageClassification, minimumInputSize: 224, takesOneSizeOnly: true),
    ])

    private func json(
        optimizer: String = #"{"name": "Adam", "kwargs": {"learningRate": 0.001}}"#, task: String = "Object Detection",
        architecture: String = "YOLOv8_nano", size: String = #"{"height": 160, "width": 160, "apply": true}"#, extra: String = "",
        length: String = #"{"n_global_steps": 10, "global_step_eval_freq": 10, "global_step_save_ckpt_freq": 10}"#,
        model: String = ""
    ) -> Data {
        Data("""
            {"runform": {"train_data": {"datasets": [{"id": "d", "version_id": "s", "project_id": "p"}], "batch_size": 4},
            "val_data": {"datasets": [{"id": "d", "version_id": "s"}], "batch_size": 4}, "optimizer": \(optimizer), "task_type": "\(task)",
            "labels": ["building"], "model": {"architecture": "\(architecture)"\(model), "input_size": \(size)}\(extra)},
            "train_kwargs": \(length)}
            """.utf8)
    }

    private func issues(_ data: Data) -> [ConfigurationIssue] {
        if case .failure(let error) = validator.validate(json: data) { error.issues } else { [] }
    }

    @Test func theSeedsShapeIsRead() throws {
        let plan = try validator.validate(json: json()).get()
        #expect(plan.runform.trainData.batchSize == 4)
        #expect(plan.runform.optimizer == .named(OptimizerConfiguration(.adam)))
        #expect(plan.trainKwargs.nGlobalSteps == 10)
        #expect(plan.runform.augmentation == .detection)
        #expect(plan.runform.gradientClipping.maxNorm == 10)
    }

    @Test func plansSurviveARoundTrip() throws {
        let plan = try validator.validate(json: json()).get()
        #expect(try validator.validate(json: RunPlan.encode(plan)).get() == plan)
        #expect(try JSONDecoder().decode(RunPlan.self, from: RunPlan.encode(plan)) == plan)
        let text = String(decoding: try RunPlan.encode(plan), as: UTF8.self)
        for key in ["version_id", "task_type", "image_net_pre_trained", "global_step_save_ckpt_freq", "lr"] {
            #expect(text.contains("\"\(key)\""))
        }
    }

    @Test func torchsNameOfTheLearningRate() throws {
        let plan = try validator.validate(json: json(optimizer: #"{"name": "SGD", "kwargs": {"lr": 0.02, "momentum": 0.8}}"#)).get()
        guard case .named(.sgd(let options)) = plan.runform.optimizer else { Issue.record("\(plan.runform.optimizer)"); return }
        #expect(options.learningRate == 0.02 && options.momentum == 0.8 && !options.nesterov)
        let both = issues(json(optimizer: #"{"name": "SGD", "kwargs": {"lr": 0.02, "learningRate": 0.01}}"#))
        #expect(both.count == 1)
        #expect(both.first?.message.contains("two values") == true)
    }

    @Test(arguments: [(192, 192, 1), (256, 256, 1), (224, 256, 1), (224, 224, 0)])
    func networksOfOneSizeTakeNoOther(height: Int, width: Int, expected: Int) {
        let found = issues(json(
            task: "Image Classification", architecture: "vit_b_16", size: #"{"height": \#(height), "width": \#(width), "apply": true}"#))
        #expect(found.count == expected)
        #expect(found.allSatisfy { $0.path == "/runform/model/input_size" && $0.message.contains("exactly 224 × 224") })
    }

    @Test func unknownNamesNameTheNearest() throws {
        let optimizer = try #require(issues(json(optimizer: #"{"name": "AdmW"}"#)).first)
        #expect(optimizer.path == "/runform/optimizer/name")
        #expect(optimizer.nearest == "AdamW")
        #expect(optimizer.allowed == ["auto"] + OptimizerName.allCases.map(\.rawValue))
        #expect(optimizer.found == "\"AdmW\"")
        let key = try #require(issues(json(length: #"{"n_epoch": 3, "n_global_steps": 5}"#)).first)
        #expect(key.path == "/train_kwargs/n_epoch")
        #expect(key.nearest == "n_epochs")
        let architecture = try #require(issues(json(architecture: "yolov8_nana")).first)
        #expect(architecture.path == "/runform/model/architecture")
        #expect(architecture.nearest == "YOLOv8_nano")
    }

    @Test func wrongTypesAreNamed() throws {
        let found = issues(json(size: #"{"height": "big", "width": 160}"#))
        #expect(found.map(\.path) == ["/runform/model/input_size/height"])
        #expect(found.first?.message.contains("a whole number from 16 to 4096") == true)
        #expect(issues(json(optimizer: "3")).first?.message == "expected an object, found 3")
        #expect(issues(Data("{".utf8)).first?.message.contains("not valid JSON") == true)
    }

    @Test func missingKeysAreNamed() {
        let found = issues(Data(#"{"runform": {"train_data": {"datasets": []}}}"#.utf8)).map(\.path)
        #expect(found.contains("/train_kwargs"))
        #expect(found.contains("/runform/val_data"))
        #expect(found.contains("/runform/model"))
        #expect(found.contains("/runform/train_data/datasets"))
    }

    @Test(arguments: [
        ("both lengths", "/train_kwargs"), ("no length", "/train_kwargs"), ("architecture of another task", "/runform/model/architecture"),
        ("segmentation", "/runform/task_type"), ("pretrained", "/runform/model/image_net_pre_trained"),
        ("not square", "/runform/model/input_size"), ("Adam with momentum", "/runform/optimizer/kwargs/momentum"),
        ("auto with a rate", "/runform/optimizer/kwargs/lr"),
    ])
    func impossibleCombinations(name: String, path: String) {
        let data = switch name {
        case "both lengths": json(length: #"{"n_epochs": 3, "n_global_steps": 5}"#)
        case "no length": json(length: "{}")
        case "architecture of another task": json(architecture: "mobilenet_v3_small")
        case "segmentation": json(task: "Image Segmentation")
        case "pretrained": json(model: #", "image_net_pre_trained": true"#)
        case "not square": json(size: #"{"height": 160, "width": 100}"#)
        case "Adam with momentum": json(optimizer: #"{"name": "Adam", "kwargs": {"momentum": 0.9}}"#)
        default: json(optimizer: #"{"name": "auto", "kwargs": {"lr": 0.1}}"#)
        }
        let found = issues(data)
        #expect(found.contains { $0.path == path }, "\(found)")
    }

    @Test func aLabelListedTwiceIsNamed() throws {
        var plan = try validator.validate(json: json()).get()
        plan.runform.labels = ["a", "b", "a"]
        guard case .failure(let error) = validator.validate(plan) else { Issue.record("accepted"); return }
        #expect(error.issues.map(\.path) == ["/runform/labels/2"])
    }

    @Test func quantities() {
        #expect(ResourceQuantity.parse("2") == 2)
        #expect(ResourceQuantity.parse("500m") == 0.5)
        #expect(ResourceQuantity.parse("4Gi") == 4 * 0x1p30)
        #expect(ResourceQuantity.parse("much") == nil)
        #expect(ResourceQuantity.parse("-1") == nil)
    }

    /// Epochs, those at the end without mosaics, and whether the trial has mosaics.
    @Test(arguments: [(100, 10, true), (21, 10, true), (20, 10, false), (3, 10, false), (3, 0, true), (3, .max, false)])
    func aTrialHasMosaicsAsMostEpochsDo(epochs: Int, closeMosaic: Int, hasMosaics: Bool) {
        var plan = RunPlan(task: .objectDetection, architecture: "x", imageSize: 64, batchSize: 4, epochs: epochs)
        plan.runform.augmentation.closeMosaic = closeMosaic
        let trial = plan.trial(steps: 7, trainImages: 10)
        #expect(trial.trainKwargs.nEpochs == nil && trial.trainKwargs.nGlobalSteps == 7)
        #expect(trial.trainKwargs.globalStepEvalFreq == nil && trial.trainKwargs.globalStepSaveCkptFreq == nil)
        #expect(trial.runform.augmentation.closeMosaic == (hasMosaics ? 0 : .max))
    }

    /// Of five epochs, those that freeze the backbone, and those that the trial freezes it for.
    @Test(arguments: [(0, 0), (2, 0), (4, 0), (5, .max), (9, Int.max)])
    func aTrialFreezesABackboneThatNeverLearns(epochs: Int, expected: Int) {
        var plan = RunPlan(task: .imageClassification, architecture: "x", imageSize: 64, batchSize: 4, epochs: 5)
        plan.runform.model.freezeBackboneEpochs = epochs
        #expect(plan.trial(steps: 7, trainImages: 10).runform.model.freezeBackboneEpochs == expected)
    }
}

@Suite struct StepScheduleTests {
    @Test func everyBatchBelongsToOneStep() {
        var plan = RunPlan(task: .objectDetection, architecture: "x", imageSize: 64, batchSize: 4, epochs: 5)
        plan.runform.schedule.nominalBatchSize = 16
        let schedule = StepSchedule(plan: plan, trainImages: 42)
        #expect(schedule.batchesPerEpoch == 11)
        #expect(schedule.totalEpochs == 5)
        var next = 0
        for step in 0..<schedule.totalSteps {
            let range = schedule.batches(of: step)
            #expect(range.lowerBound == next && !range.isEmpty && range.count <= 4)
            next = range.upperBound
        }
        #expect(next == 55)
        // The warm-up starts with single batches and ends with the nominal number.
        #expect(schedule.batches(of: 0).count == 1)
        #expect(schedule.batches(of: schedule.totalSteps - 2).count == 4)
    }

    @Test func stepsCountWhenStepsAreAskedFor() {
        let plan = RunPlan(task: .objectDetection, architecture: "x", imageSize: 64, batchSize: 16, steps: 37)
        let schedule = StepSchedule(plan: plan, trainImages: 160)
        #expect(schedule.totalSteps == 37)
        #expect(schedule.totalEpochs == 4)
        #expect(schedule.endsEpoch(36) && schedule.endsEpoch(9) && !schedule.endsEpoch(10))
    }
}
