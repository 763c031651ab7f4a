import Datasets
import Foundation
import NeuralNetworks

extension RunPlanValidator {
    /// Optimiser and schedule, each in itself and together.
    func checkRules(_ form: JSONValue, issues: inout [ConfigurationIssue]) {
        let optimizer: OptimizerConfiguration? = Self.decoded(form["optimizer"])
        let schedule: LearningRateSchedule? = Self.decoded(form["schedule"])
        for (conflicts, path) in [
            (optimizer?.options.conflicts ?? [], "/runform/optimizer/kwargs"), (schedule?.options.conflicts ?? [], "/runform/schedule/kwargs"),
        ] {
            issues += conflicts.map {
                ConfigurationIssue(path: "\(path)/\($0.key)", found: "a value that does not fit", allowed: [], message: $0.reason)
            }
        }
        if case .oneCycle(let cycle)? = schedule, cycle.cyclesMomentum, let optimizer, optimizer.options.groupMomentum == nil {
            issues.append(ConfigurationIssue(
                path: "/runform/schedule/kwargs/cycle_momentum", found: "true", allowed: ["false"],
                message: "\(optimizer.name.rawValue) has no momentum that could cycle: set cycle_momentum to false"))
        }
        let choices = form["schedule"]
        if choices?["warmup_epochs"] != nil, choices?["warmup_steps"] != nil {
            issues.append(ConfigurationIssue(
                path: "/runform/schedule/warmup_steps", found: "both warmup_steps and warmup_epochs", allowed: ["warmup_steps", "warmup_epochs"],
                message: "the warm-up counts steps or epochs: give one of warmup_steps and warmup_epochs"))
        }
        if case .oneCycle? = schedule, choices?["interval"] == .string("epoch") {
            issues.append(ConfigurationIssue(
                path: "/runform/schedule/interval", found: "\"epoch\"", allowed: ["step"],
                message: "the schedule one_cycle moves from step to step: set interval to step or leave it out"))
        }
    }

    /// The value that a checked object stands for; nil when it is not given or has mistakes that are told elsewhere.
    private static func decoded<Value: Decodable>(_ value: JSONValue?) -> Value? {
        guard let value, let data = try? JSONEncoder().encode(value) else { return nil }
        return try? JSONDecoder().decode(Value.self, from: data)
    }

    /// Ranges whose ends are in the wrong order, and windows that fit nothing.
    func checkPictures(_ form: JSONValue, issues: inout [ConfigurationIssue]) {
        for path in [
            ["augmentation", "random_resized_crop", "scale"], ["augmentation", "random_resized_crop", "ratio"],
            ["augmentation", "random_erasing", "scale"], ["augmentation", "random_erasing", "ratio"],
        ] {
            let value = path.reduce(form as JSONValue?) { $0?[$1] }
            guard case .array(let ends)? = value, ends.count == 2, let lower = ends[0].numeric, let upper = ends[1].numeric, lower > upper
            else { continue }
            issues.append(ConfigurationIssue(
                path: "/runform/" + path.joined(separator: "/"), found: "\(SchemaRule.text(lower)), \(SchemaRule.text(upper))", allowed: [],
                message: "the smaller end of a range comes first"))
        }
        let stretch = form["preprocessing"]?["linear_stretch"], standard = LinearStretch()
        let lower = stretch?["lower_percentile"]?.numeric ?? standard.lowerPercentile
        let upper = stretch?["upper_percentile"]?.numeric ?? standard.upperPercentile
        if lower >= upper {
            issues.append(ConfigurationIssue(
                path: "/runform/preprocessing/linear_stretch", found: "\(SchemaRule.text(lower)), \(SchemaRule.text(upper))", allowed: [],
                message: "lower_percentile is below upper_percentile"))
        }
    }

    /// What detection does not do: it would be silently without effect.
    func checkDetection(_ form: JSONValue, issues: inout [ConfigurationIssue]) {
        func refuse(_ path: [String], unless isOff: (JSONValue) -> Bool) {
            guard let value = path.reduce(form as JSONValue?, { $0?[$1] }), !isOff(value) else { return }
            issues.append(ConfigurationIssue(
                path: "/runform/" + path.joined(separator: "/"), found: value.summary, allowed: [],
                message: "\(path.joined(separator: "/")) is for classification and the task_type is Object Detection: leave it out"))
        }
        for path in [["label_smoothing"], ["mixup", "alpha"], ["cutmix", "alpha"], ["augmentation", "flip_vertical"],
            ["augmentation", "random_erasing", "probability"], ["augmentation", "colour_jitter", "brightness"],
            ["augmentation", "colour_jitter", "contrast"], ["augmentation", "colour_jitter", "saturation"], ["augmentation", "colour_jitter", "hue"],
        ] { refuse(path) { $0.numeric == 0 } }
        for name in ["rand_augment", "random_crop", "random_resized_crop", "colour"] {
            refuse(["augmentation", name, "apply"]) { $0 == .boolean(false) }
        }
        let standard: JSONValue? = Self.encoded(EvaluationOptions()), normal: JSONValue? = Self.encoded(Normalization())
        refuse(["evaluation"]) { standard?.overlaid(by: $0) == standard }
        refuse(["preprocessing", "normalize"]) { normal?.overlaid(by: $0) == normal }
    }

    private static func encoded(_ value: some Encodable) -> JSONValue? {
        guard let data = try? JSONEncoder().encode(value) else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: data)
    }
}
