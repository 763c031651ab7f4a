/// A part of a configuration, as blueprints keep it: what it names must be right, and nothing is required.
package enum PartialConfiguration {
    /// What is wrong with a part by itself.
    package static func issues(of part: JSONValue) -> [ConfigurationIssue] {
        var issues: [ConfigurationIssue] = []
        _ = SchemaCheck.check(part, against: PlanSchema.root, at: "", issues: &issues)
        return issues.filter { $0.found != SchemaCheck.nothing }
    }
}
