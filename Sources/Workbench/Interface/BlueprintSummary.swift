/// A blueprint, as lists show it: a form that comes with the program, or a part of a configuration that was saved.
package struct BlueprintSummary: Sendable, Equatable, Codable, Identifiable {
    package var id: String
    package var name: String
    /// The name as people read it.
    package var title: String
    package var version: String
    /// What it is for, or what it sets.
    package var note: String
    package var isBuiltIn: Bool
    /// Seconds since 1970; nil for one that comes with the program.
    package var createdAt: Double?
    /// The task that it is for; nil for any.
    package var task: TaskKind?

    package init(
        id: String, name: String, title: String, version: String, note: String, isBuiltIn: Bool, createdAt: Double? = nil,
        task: TaskKind? = nil
    ) {
        self.id = id
        self.name = name
        self.title = title
        self.version = version
        self.note = note
        self.isBuiltIn = isBuiltIn
        self.createdAt = createdAt
        self.task = task
    }

    package static let quickStart = BlueprintSummary(
        id: "quick-start", name: "quick-start", title: "Quick Start", version: "1.0",
        note: "seven questions, the rest by default", isBuiltIn: true)
    package static let full = BlueprintSummary(
        id: "full-configuration", name: "full-configuration", title: "Full Configuration", version: "0.1",
        note: "every setting, page by page", isBuiltIn: true)
    package static let json = BlueprintSummary(
        id: "advanced-json", name: "advanced-json", title: "Advanced Configuration (JSON)", version: "0.1",
        note: "the whole configuration as text", isBuiltIn: true)

    package static let builtIn: [BlueprintSummary] = [quickStart, full, json]

    /// The names that other platforms have for those that come with the program.
    package static let aliases = ["teddy_wizard": quickStart, "teddy": full]

    /// One that comes with the program, by its name or another platform's.
    package static func builtIn(named name: String) -> BlueprintSummary? {
        builtIn.first { $0.name == name.lowercased() } ?? aliases[name.lowercased()]
    }
}
