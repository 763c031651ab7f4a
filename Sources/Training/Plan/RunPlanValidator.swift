import Datasets
import Foundation

/// Reads a run's configuration from JSON and explains each mistake in it.
package struct RunPlanValidator: Sendable {
    /// An architecture that plans may name.
    package struct KnownArchitecture: Sendable, Equatable {
        package var name: String
        package var task: DatasetTask
        /// The smallest side in pixels that the network takes.
        package var minimumInputSize: Int
        /// The network takes square images of exactly that side.
        package var takesOneSizeOnly: Bool

        package init(name: String, task: DatasetTask, minimumInputSize: Int, takesOneSizeOnly: Bool = false) {
            self.name = name
            self.task = task
            self.minimumInputSize = minimumInputSize
            self.takesOneSizeOnly = takesOneSizeOnly
        }
    }

    /// All architectures of the catalogue; when empty, the name is not checked.
    package let architectures: [KnownArchitecture]

    package init(architectures: [KnownArchitecture]) { self.architectures = architectures }

    /// The plan that `json` describes, with defaults filled in, or everything that is wrong with it.
    package func validate(json: Data) -> Result<RunPlan, ConfigurationError> {
        let document: JSONValue
        do { document = try JSONDecoder().decode(JSONValue.self, from: json) } catch {
            return .failure(ConfigurationError(issues: [Self.malformed(error)]))
        }
        var issues: [ConfigurationIssue] = []
        let checked = Self.check(document, against: PlanSchema.root, at: "", issues: &issues)
        checkCombinations(checked, issues: &issues)
        guard issues.isEmpty else { return .failure(ConfigurationError(issues: issues)) }
        do { return .success(try Self.decode(checked)) } catch {
            return .failure(ConfigurationError(issues: [Self.malformed(error)]))
        }
    }

    /// Checks a plan that was built in memory, by the same rules.
    package func validate(_ plan: RunPlan) -> Result<RunPlan, ConfigurationError> {
        do { return validate(json: try RunPlan.encode(plan)) } catch {
            return .failure(ConfigurationError(issues: [Self.malformed(error)]))
        }
    }

    private static func malformed(_ error: any Error) -> ConfigurationIssue {
        let detail = if case DecodingError.dataCorrupted(let context) = error {
            (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String ?? context.debugDescription
        } else { "\(error)" }
        return ConfigurationIssue(
            path: "", found: "text that is not JSON", allowed: ["a JSON object"], message: "the configuration is not valid JSON: \(detail)")
    }

    /// Lays the checked fields over the defaults of their task and decodes the whole.
    private static func decode(_ document: JSONValue) throws -> RunPlan {
        var task = DatasetTask.objectDetection
        if case .string(let name)? = document["runform"]?["task_type"] { task = DatasetTask(rawValue: name) ?? task }
        var batchSize = 16
        if case .integer(let size)? = document["runform"]?["train_data"]?["batch_size"] { batchSize = size }
        let defaults = RunPlan(task: task, architecture: "", imageSize: 0, batchSize: batchSize)
        let base = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(defaults))
        return try JSONDecoder().decode(RunPlan.self, from: JSONEncoder().encode(base.overlaid(by: document)))
    }

    // MARK: Shape

    /// Checks `value` against `rule`, adds what is wrong to `issues`, and returns the value with aliases resolved.
    private static func check(
        _ value: JSONValue, against rule: SchemaRule, at path: String, issues: inout [ConfigurationIssue]
    ) -> JSONValue {
        func mismatch() {
            issues.append(ConfigurationIssue(
                path: path, found: value.summary, allowed: [rule.words],
                message: "expected \(rule.words), found \(value.summary)"))
        }
        switch (rule, value) {
        case (.object(let fields), .object(let members)):
            return checkMembers(members, fields: fields, at: path, issues: &issues)
        case (.array(let element, let minimum, let maximum), .array(let elements)):
            guard elements.count >= minimum, elements.count <= maximum else { mismatch(); break }
            return .array(elements.enumerated().map { check($1, against: element, at: "\(path)/\($0)", issues: &issues) })
        case (.string, .string), (.boolean, .boolean): break
        case (.nonEmptyString, .string(let text)): if text.isEmpty { mismatch() }
        case (.choice(let names), .string(let name)):
            if names.contains(name) { break }
            // Letters' case alone is no mistake worth a person's time.
            if let same = names.first(where: { $0.lowercased() == name.lowercased() }) { return .string(same) }
            let nearest = NearestName.find(name, among: names)
            issues.append(ConfigurationIssue(
                path: path, found: value.summary, allowed: names, nearest: nearest,
                message: "\"\(name)\" is not available, choose \(rule.words)" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")))
        case (.integer(let range), .integer(let number)): if !range.contains(number) { mismatch() }
        case (.number(let range), .integer), (.number(let range), .number):
            if !(value.numeric.map(range.contains) ?? false) { mismatch() }
        case (.quantity, .integer(let number)):
            if number > 0 { return .string("\(number)") }
            mismatch()
        case (.quantity, .number(let number)):
            if number > 0 { return .string("\(number)") }
            mismatch()
        case (.quantity, .string(let text)): if ResourceQuantity.parse(text) == nil { mismatch() }
        default: mismatch()
        }
        return value
    }

    private static func checkMembers(
        _ members: [String: JSONValue], fields: [SchemaField], at path: String, issues: inout [ConfigurationIssue]
    ) -> JSONValue {
        let names = fields.map(\.name)
        var result: [String: JSONValue] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let field = fields.first(where: { $0.name == key || $0.aliases.contains(key) }) else {
                let nearest = NearestName.find(key, among: names)
                issues.append(ConfigurationIssue(
                    path: "\(path)/\(key)", found: "the key \"\(key)\"", allowed: names, nearest: nearest,
                    message: "unknown key \"\(key)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
                        + " (allowed: \(names.joined(separator: ", ")))"))
                continue
            }
            // A null stands for "not given" wherever a field may be left out.
            if value == .null, !field.isRequired { continue }
            let checked = check(value, against: field.rule, at: "\(path)/\(key)", issues: &issues)
            if let present = result[field.name], present != checked {
                issues.append(ConfigurationIssue(
                    path: "\(path)/\(key)", found: value.summary, allowed: [present.summary],
                    message: "\"\(key)\" and \"\(field.name)\" are one setting with two values, keep one of them"))
            }
            result[field.name] = checked
        }
        for field in fields where field.isRequired && members[field.name] == nil {
            issues.append(ConfigurationIssue(
                path: "\(path)/\(field.name)", found: "nothing", allowed: [field.rule.words],
                message: "the key \"\(field.name)\" is missing, give \(field.rule.words)"))
        }
        return .object(result)
    }
}
