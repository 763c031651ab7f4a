import Datasets
import Foundation
import TensorEngine

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
    /// Whether runs may ask for bf16.
    let multipliesBFloat16: Bool

    package init(architectures: [KnownArchitecture], multipliesBFloat16: Bool = ProductPrecision.multipliesBFloat16) {
        self.architectures = architectures
        self.multipliesBFloat16 = multipliesBFloat16
    }

    /// The plan that `json` describes, with defaults filled in, or everything that is wrong with it.
    package func validate(json: Data) -> Result<RunPlan, ConfigurationError> {
        let document: JSONValue
        do { document = try JSONDecoder().decode(JSONValue.self, from: json) } catch {
            return .failure(ConfigurationError(issues: [Self.malformed(error)]))
        }
        var issues: [ConfigurationIssue] = []
        let checked = SchemaCheck.check(document, against: PlanSchema.root, at: "", issues: &issues)
        let current = PlanMigration.modernized(checked, issues: &issues)
        checkCombinations(current, issues: &issues)
        guard issues.isEmpty else { return .failure(ConfigurationError(issues: issues)) }
        do { return .success(try RunPlan.filled(from: current)) } catch {
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
}
