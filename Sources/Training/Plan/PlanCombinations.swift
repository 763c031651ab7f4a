import Datasets
import NeuralNetworks

extension RunPlanValidator {
    /// Finds settings that are right one by one and impossible together.
    func checkCombinations(_ document: JSONValue, issues: inout [ConfigurationIssue]) {
        checkLength(document["train_kwargs"], issues: &issues)
        if case .string(let name)? = document["precision"],
            let refusal = RunPlan.Precision(rawValue: name)?.refusal(multipliesBFloat16: multipliesBFloat16) {
            issues.append(ConfigurationIssue(path: "/precision", found: "\"\(name)\"", allowed: ["fp32"], message: refusal))
        }
        guard let form = document["runform"] else { return }
        var task: DatasetTask?
        if case .string(let name)? = form["task_type"] { task = DatasetTask(rawValue: name) }
        checkModel(form["model"], task: task, issues: &issues)
        checkRules(form, issues: &issues)
        checkLabels(form["labels"], issues: &issues)
        checkPictures(form, issues: &issues)
        if task == .objectDetection { checkDetection(form, issues: &issues) }
        if form["gradient_clipping"]?["max_norm"] != nil, form["gradient_clipping"]?["max_value"] != nil {
            issues.append(ConfigurationIssue(
                path: "/runform/gradient_clipping", found: "both max_norm and max_value", allowed: ["max_norm", "max_value"],
                message: "gradients are bound by their norm or by value: give one of max_norm and max_value"))
        }
        checkFreezing(form, length: document["train_kwargs"], issues: &issues)
    }

    private func checkLength(_ length: JSONValue?, issues: inout [ConfigurationIssue]) {
        guard let length else { return }
        let hasEpochs = length["n_epochs"] != nil, hasSteps = length["n_global_steps"] != nil
        guard hasEpochs == hasSteps else { return }
        issues.append(ConfigurationIssue(
            path: "/train_kwargs", found: hasEpochs ? "both n_epochs and n_global_steps" : "neither n_epochs nor n_global_steps",
            allowed: ["n_epochs", "n_global_steps"],
            message: "a run is as long as n_epochs or as n_global_steps says: give exactly one of them"))
    }

    private func checkModel(_ model: JSONValue?, task: DatasetTask?, issues: inout [ConfigurationIssue]) {
        guard let model else { return }
        if model["image_net_pre_trained"] == .boolean(true) {
            issues.append(ConfigurationIssue(
                path: "/runform/model/image_net_pre_trained", found: "true", allowed: ["false"],
                message: "ImageNet weights do not come with the program: set false, and name a model of yours in "
                    + "/runform/model/weights to start from it"))
        }
        var known: KnownArchitecture?
        if case .string(let name)? = model["architecture"], !architectures.isEmpty {
            known = architectures.first { $0.name.lowercased() == name.lowercased() }
            let fitting = architectures.filter { task == nil || $0.task == task }.map(\.name)
            if let known, let task, known.task != task {
                issues.append(ConfigurationIssue(
                    path: "/runform/model/architecture", found: "\"\(name)\"", allowed: fitting,
                    message: "\(known.name) is for \(known.task.rawValue) and the task_type is \(task.rawValue): choose one of "
                        + fitting.joined(separator: ", ")))
            } else if known == nil {
                let nearest = NearestName.find(name, among: architectures.map(\.name))
                issues.append(ConfigurationIssue(
                    path: "/runform/model/architecture", found: "\"\(name)\"", allowed: fitting, nearest: nearest,
                    message: "no architecture is called \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
                        + " (available: \(fitting.joined(separator: ", ")))"))
            }
        }
        checkInputSize(model["input_size"], task: task, architecture: known, issues: &issues)
    }

    private func checkInputSize(
        _ size: JSONValue?, task: DatasetTask?, architecture: KnownArchitecture?, issues: inout [ConfigurationIssue]
    ) {
        guard let size, case .integer(let height)? = size["height"], case .integer(let width)? = size["width"] else { return }
        let path = "/runform/model/input_size", found = "\(height) × \(width)"
        if size["apply"] == .boolean(false) {
            issues.append(ConfigurationIssue(
                path: path + "/apply", found: "false", allowed: ["true"],
                message: "classification and detection train on images of one size: set apply to true"))
        }
        let minimum = architecture?.minimumInputSize ?? 0
        if let architecture, architecture.takesOneSizeOnly {
            if height != minimum || width != minimum {
                issues.append(ConfigurationIssue(
                    path: path, found: found, allowed: ["\(minimum) × \(minimum)"], nearest: "\(minimum) × \(minimum)",
                    message: "\(architecture.name) takes images of exactly \(minimum) × \(minimum) pixels, found \(found)"))
            }
        } else if min(height, width) < minimum {
            issues.append(ConfigurationIssue(
                path: path, found: found, allowed: ["at least \(minimum) × \(minimum)"],
                message: "the network takes images of at least \(minimum) × \(minimum) pixels, found \(found)"))
        }
        if task == .objectDetection, height != width || height % 32 != 0 {
            let near = max(32, (max(height, width) + 16) / 32 * 32)
            issues.append(ConfigurationIssue(
                path: path, found: found, allowed: ["a square whose side is a multiple of 32"], nearest: "\(near) × \(near)",
                message: "detection takes square images whose side is a multiple of 32, such as \(near) × \(near), found \(found)"))
        }
    }

    private func checkLabels(_ labels: JSONValue?, issues: inout [ConfigurationIssue]) {
        guard case .array(let values)? = labels else { return }
        var seen = Set<String>()
        for (index, value) in values.enumerated() {
            guard case .string(let label) = value, !seen.insert(label).inserted else { continue }
            issues.append(ConfigurationIssue(
                path: "/runform/labels/\(index)", found: "\"\(label)\"", allowed: [],
                message: "the label \"\(label)\" is listed twice"))
        }
    }

    private func checkFreezing(_ form: JSONValue, length: JSONValue?, issues: inout [ConfigurationIssue]) {
        guard case .integer(let frozen)? = form["model"]?["freeze_backbone_epochs"], frozen > 0 else { return }
        if form["model"]?["weights"] == nil {
            issues.append(ConfigurationIssue(
                path: "/runform/model/freeze_backbone_epochs", found: "\(frozen)", allowed: ["0"],
                message: "a backbone of random weights has nothing to keep: name a model in /runform/model/weights, or set 0"))
        }
        if case .integer(let epochs)? = length?["n_epochs"], frozen > epochs {
            issues.append(ConfigurationIssue(
                path: "/runform/model/freeze_backbone_epochs", found: "\(frozen)", allowed: ["at most \(epochs)"],
                message: "the run has \(epochs) epochs and the backbone cannot be frozen for \(frozen)"))
        }
    }
}
