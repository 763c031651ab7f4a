import Datasets
import Foundation

/// The settings of a run as tables in Markdown, made from the schema, so that a page cannot say anything else.
package enum PlanReference {
    /// One table: what it is about, and its rows.
    package struct Table: Sendable {
        /// A JSON pointer, such as `/runform/model`.
        package let title: String
        package let rows: [Row]

        package var markdown: String {
            "### \(title)\n\n| key | default | allowed | meaning |\n|---|---|---|---|\n" + rows.map {
                "| `\($0.key)` | \($0.standard) | \($0.allowed) | \($0.meaning) |\n"
            }.joined()
        }
    }

    package struct Row: Sendable {
        package let key, standard, allowed, meaning: String
    }

    /// All settings, outermost objects first.
    package static var tables: [Table] {
        guard case .object(let fields) = PlanSchema.root else { return [] }
        return tables(fields, at: [])
    }

    package static var markdown: String { tables.map(\.markdown).joined(separator: "\n") }

    private static let standards: [JSONValue] = [
        RunPlan(task: .objectDetection, architecture: "", imageSize: 0), RunPlan(task: .imageClassification, architecture: "", imageSize: 0),
    ].compactMap { plan in
        guard let data = try? JSONEncoder().encode(plan) else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: data)
    }

    private static func tables(_ fields: [SchemaField], at path: [String]) -> [Table] {
        let own = Table(title: "/" + path.joined(separator: "/"), rows: fields.map { row($0, at: path + [$0.name]) })
        return [own] + fields.flatMap { below($0.rule, at: path + [$0.name]) }
    }

    private static func below(_ rule: SchemaRule, at path: [String]) -> [Table] {
        switch rule {
        case .object(let fields): return tables(fields, at: path)
        case .array(.object(let fields), _, _): return tables(fields, at: path + ["0"])
        case .named(let variants, _, let fields):
            let names = SchemaField(
                name: "name", isRequired: false, rule: .choice(variants.map(\.name)), meaning: "which one")
            let settings = SchemaField(name: "kwargs", isRequired: false, rule: .object([]), meaning: "its settings, below")
            return [Table(
                title: "/" + path.joined(separator: "/"), rows: ([names, settings] + fields).map { row($0, at: path + [$0.name]) })]
                + variants.filter { !$0.fields.isEmpty }.map { variant in
                    Table(
                        title: "/" + (path + ["kwargs"]).joined(separator: "/") + " of \(variant.name)",
                        rows: variant.fields.map { row($0, at: nil) })
                }
        default: return []
        }
    }

    /// - Parameter path: where the plan's defaults say the default; nil where the field does.
    private static func row(_ field: SchemaField, at path: [String]?) -> Row {
        let names = ([field.name] + field.aliases).joined(separator: "` or `")
        return Row(
            key: names, standard: standard(of: field, at: path), allowed: field.rule.words.replacing("|", with: "\\|"),
            meaning: field.meaning.replacing("|", with: "\\|"))
    }

    private static func standard(of field: SchemaField, at path: [String]?) -> String {
        if let standard = field.standard { return "`\(standard)`" }
        if field.isRequired { return "required" }
        guard let path else { return "–" }
        switch field.rule {
        case .object, .named: return "as below"
        default: break
        }
        let values = standards.map { document in path.reduce(document as JSONValue?) { $0?[$1] } }
        guard let detection = values[0], let classification = values[1] else { return "–" }
        if detection == classification { return "`\(detection.text)`" }
        return "detection `\(detection.text)`, classification `\(classification.text)`"
    }
}

extension JSONValue {
    /// The value as JSON on one line.
    fileprivate var text: String {
        switch self {
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .number(let value): SchemaRule.text(value)
        case .object(let fields): fields.isEmpty ? "{}" : "{…}"
        default: summary
        }
    }
}
