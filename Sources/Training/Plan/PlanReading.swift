import Datasets
import Foundation
import NeuralNetworks

extension RunPlan {
    /// A plan that this program, or an earlier version of it, kept: what that version did not know takes its default.
    /// Throws a `ConfigurationError` when it is none.
    package static func stored(_ json: Data) throws -> RunPlan {
        let document = try JSONDecoder().decode(JSONValue.self, from: json)
        var issues: [ConfigurationIssue] = []
        let checked = SchemaCheck.check(document, against: PlanSchema.root, at: "", issues: &issues)
        let current = PlanMigration.modernized(checked, issues: &issues)
        guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
        return try filled(from: current)
    }

    /// Lays checked fields over the defaults of their task and decodes the whole.
    static func filled(from document: JSONValue) throws -> RunPlan {
        let form = document["runform"]
        var task = DatasetTask.objectDetection
        if case .string(let name)? = form?["task_type"] { task = DatasetTask(rawValue: name) ?? task }
        var batchSize = 16
        if case .integer(let size)? = form?["train_data"]?["batch_size"] { batchSize = size }
        var defaults = RunPlan(task: task, architecture: "", imageSize: 0, batchSize: batchSize)
        // Of two settings that exclude each other the one that is given wins over the other's default.
        if form?["gradient_clipping"]?["max_value"] != nil { defaults.runform.gradientClipping.maxNorm = nil }
        if form?["schedule"]?["warmup_steps"] != nil { defaults.runform.schedule.warmupEpochs = nil }
        let base = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(defaults))
        return try JSONDecoder().decode(RunPlan.self, from: JSONEncoder().encode(base.overlaid(by: document)))
    }
}

/// Brings settings that earlier versions wrote elsewhere to their present place.
enum PlanMigration {
    static func modernized(_ document: JSONValue, issues: inout [ConfigurationIssue]) -> JSONValue {
        var document = document
        movePatience(&document, &issues)
        moveFinalFactor(&document, &issues)
        moveCropArea(&document, &issues)
        return document
    }

    private static func movePatience(_ document: inout JSONValue, _ issues: inout [ConfigurationIssue]) {
        guard case .integer(let patience)? = document["train_kwargs"]?["patience"] else { return }
        document.remove(["train_kwargs", "patience"])
        let early = document["runform"]?["early_stopping"]
        guard early?["patience"] == nil || early?["patience"] == .integer(patience) else {
            return issues.append(twice("/train_kwargs/patience", "/runform/early_stopping/patience", found: "\(patience)"))
        }
        if patience > 0 {
            document.set(["runform", "early_stopping", "patience"], .integer(patience))
        } else {
            document.set(["runform", "early_stopping", "apply"], .boolean(false))
        }
    }

    private static func moveFinalFactor(_ document: inout JSONValue, _ issues: inout [ConfigurationIssue]) {
        guard let factor = document["runform"]?["schedule"]?["final_factor"] else { return }
        document.remove(["runform", "schedule", "final_factor"])
        var name = LearningRateSchedule.Name.linear
        if case .string(let text)? = document["runform"]?["schedule"]?["name"] { name = .init(rawValue: text) ?? name }
        switch name {
        case .linear, .cosine:
            let present = document["runform"]?["schedule"]?["kwargs"]?["final_factor"]
            guard present == nil || present?.numeric == factor.numeric else {
                return issues.append(twice("/runform/schedule/final_factor", "/runform/schedule/kwargs/final_factor", found: factor.summary))
            }
            document.set(["runform", "schedule", "kwargs", "final_factor"], factor)
        // Every plan of an earlier version has the key, whatever its schedule.
        case .constant: break
        default:
            issues.append(ConfigurationIssue(
                path: "/runform/schedule/final_factor", found: factor.summary, allowed: [],
                message: "the schedule \(name.rawValue) has no final_factor: leave it out"))
        }
    }

    private static func moveCropArea(_ document: inout JSONValue, _ issues: inout [ConfigurationIssue]) {
        guard let area = document["runform"]?["augmentation"]?["crop_minimum_area"] else { return }
        document.remove(["runform", "augmentation", "crop_minimum_area"])
        let present = document["runform"]?["augmentation"]?["random_resized_crop"]?["scale"]
        guard present == nil else {
            return issues.append(twice(
                "/runform/augmentation/crop_minimum_area", "/runform/augmentation/random_resized_crop/scale", found: area.summary))
        }
        document.set(["runform", "augmentation", "random_resized_crop", "scale"], .array([area, .integer(1)]))
    }

    private static func twice(_ old: String, _ new: String, found: String) -> ConfigurationIssue {
        ConfigurationIssue(
            path: old, found: found, allowed: [], message: "this is the setting \(new) with two values: keep that one and leave this out")
    }
}
