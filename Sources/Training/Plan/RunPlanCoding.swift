import Foundation

extension RunPlan {
    /// The plan as JSON with sorted keys, the same bytes for the same plan.
    package static func encode(_ plan: RunPlan) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(plan)
    }
}
